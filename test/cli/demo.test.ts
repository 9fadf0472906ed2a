import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runCli } from './run-cli.js';

const env = { GYMSMITH_LOG_LEVEL: 'error' };

it.each(['docker', 'local'])(
  'plays recorded solutions in %s sandboxes and shows that they beat their baselines, then agents of both dialects [C4, F5]',
  async (backend) => {
    const out = await mkdtemp(path.join(tmpdir(), 'gymsmith-demo-'));
    onTestFinished(() => rm(out, { recursive: true }));
    const args = ['demo', 'breast-cancer', 'throw-league', '--backend', backend, '--warm', '0', '--out', out];
    const run = await runCli(args, { env });
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/^reference\/breast-cancer-v1 +accuracy ↑ +0\.\d+ +0\.9\d+ +0\.\d+ +7 /m);
    expect(run.stdout).toMatch(/^reference\/throw-league-v1 +points ↑ +0\.\d+ +1\.\d+ +\d/m);
    expect(run.stdout).toMatch(/achieved █{40} 0\.9/);
    expect(run.stdout.match(/^ +\d +submitted +7 +0\.864 +0\.98 +0\.98 /gm)).toHaveLength(2);
    const runs = await readdir(out);
    expect(runs.map((name) => name.split('__')[2]).sort()).toEqual(['default', 'tools']);
    for (const name of runs) {
      expect(run.stdout).toContain(`gymsmith replay ${path.join(out, name, 'breast-cancer.traj')}`);
      expect(await readdir(path.join(out, name))).toContain('breast-cancer.traj');
    }
    expect(run.code).toBe(0);
  },
);
