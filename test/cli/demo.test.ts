import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runCli } from './run-cli.js';

const env = { GYMSMITH_LOG_LEVEL: 'error' };

/** In containers the same is done without what takes long. */
const WITHOUT = { docker: ['--no-synthesis', '--no-sampling'], local: [] };

it.each(['docker', 'local'] as const)(
  'plays recorded solutions in %s sandboxes and shows that they beat their baselines, then agents; in local ones also tasks that it makes, and a dataset [C4, F5] [T1]',
  { timeout: 600_000 },
  async (backend) => {
    const out = await mkdtemp(path.join(tmpdir(), 'gymsmith-demo-'));
    onTestFinished(() => rm(out, { recursive: true }));
    const args = [
      'demo',
      'breast-cancer',
      'throw-league',
      '--backend',
      backend,
      '--warm',
      '0',
      '--out',
      out,
      ...WITHOUT[backend],
    ];
    const run = await runCli(args, { env });
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/^reference\/breast-cancer-v1 +accuracy ↑ +0\.\d+ +0\.9\d+ +0\.\d+ +7 /m);
    expect(run.stdout).toMatch(/^reference\/throw-league-v1 +points ↑ +0\.\d+ +1\.\d+ +\d/m);
    expect(run.stdout).toMatch(/achieved █{40} 0\.9/);
    expect(run.stdout.match(/^ +\d +submitted +7 +0\.864 +0\.98 +0\.98 /gm)).toHaveLength(2);
    if (backend === 'local') {
      expect(run.stdout).toContain("ModuleNotFoundError: No module named 'torch'");
      expect(run.stdout).toContain('3 candidates = 2 published + 0 frontier + 1 rejected + 0 open');
      expect(run.stdout).toMatch(/1 +dataset_missing/);
      expect(run.stdout).toMatch(/^synth\/surface-patches-1-v1 +accuracy ↑ +0\.\d+ +0\.\d+ +0\.\d+ +6 /m);
      expect(run.stdout).toMatch(/^synth\/upright-pole-2-v1 +steps ↑ +38 +400 +\d/m);
      expect(run.stdout).toMatch(
        /^reference\/throw-league-v1\/strong\/0000[01] {2}submitted, 13 steps, best 1\.\d+ \(baseline 0\.\d+\)/m,
      );
      expect(run.stdout).toMatch(/^kept +4 +50\.0 % +of 2 tasks$/m);
      expect(run.stdout).toMatch(/^duplicate +2 +25\.0 %/m);
      expect(run.stdout).toMatch(/^preset +2 +25\.0 %/m);
      expect(run.stdout).toMatch(/^\d rows, [\d,]+ tokens, [\d,]+ with loss$/m);
    }
    const runs = (await readdir(out)).filter((name) => !/^(?:synth|sample)-/.test(name));
    expect(runs.map((name) => name.split('__')[2]).sort()).toEqual(['default', 'tools']);
    for (const name of runs) {
      expect(run.stdout).toContain(`gymsmith replay ${path.join(out, name, 'breast-cancer.traj')}`);
      expect(await readdir(path.join(out, name))).toContain('breast-cancer.traj');
    }
    expect(run.code).toBe(0);
  },
);
