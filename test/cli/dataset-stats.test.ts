import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EpisodeTraits, madeEpisode } from '../rollout/made-episode.js';
import { manifestOf } from '../rollout/manifest-of.js';
import { type CliRun, runCli } from './run-cli.js';

let root: string;
let source: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gymsmith-stats-'));
  source = path.join(root, 'episodes');
  await put('one', { task: 'made/plums-v0' });
  await put('two', { task: 'made/plums-v0', turns: [['I try.\n```\nls -l\n```', 'x\u001b]0;title\u0007'], TRIED] });
  await put('three', { task: 'made/pears-v0', score: null });
  await writeFile(path.join(source, 'broken.traj'), '{');
});

afterEach(() => rm(root, { recursive: true }));

const TRIED = ['I submit.\n```\nsubmit\n```', ''] as const;

async function put(name: string, traits: EpisodeTraits): Promise<void> {
  await mkdir(path.join(source, 'deep'), { recursive: true });
  await writeFile(path.join(source, 'deep', `${name}.traj`), JSON.stringify(madeEpisode(traits)));
}

function stats(...args: string[]): Promise<CliRun> {
  return runCli(['dataset', 'stats', ...args], { env: { GYMSMITH_STATE_DIR: path.join(root, 'state') } });
}

describe('gymsmith dataset stats', () => {
  it('shows what each preset would keep, why others are dropped, and what they are like [T3] [T4]', async () => {
    const { code, stdout } = await stats(source);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^paper \* +2 +2 +0 +1 +[\d,]+ {2}valid >= 1 && tokens <= 49152$/m);
    expect(stdout).toMatch(/^none +3 /m);
    expect(stdout).toContain('and under each of them: !infrastructure && !cheating && control_tokens == 0');
    expect(stdout).toContain('4 trajectories = 2 kept + 2 dropped');
    expect(stdout).toMatch(/^ +1 {2}unreadable +the file is no trajectory that can be read$/m);
    expect(stdout).toMatch(/^made\/pears-v0 +1 +0 +0 +0 {2}\w+$/m);
    expect(stdout).toContain('Tokens are estimated');
    expect(stdout).toContain('broken.traj');
  });

  it('gives the same as JSON, under filters of flags and files [T4]', async () => {
    const file = path.join(root, 'dataset.yaml');
    await writeFile(
      file,
      `sources: [${source}]\nheld_out: 0\nfilter: {preset: none, where: 'steps >= 1 && valid > 5'}\n`,
    );
    const { code, stdout } = await stats('--config', file, '--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      sources: [{ path: source, trajectories: 4 }],
      preset: 'none',
      kept: 0,
      dropped: { where: 3, unreadable: 1 },
      clauses: [
        { clause: 'steps >= 1', dropped: 0 },
        { clause: 'valid > 5', dropped: 3 },
      ],
      tokens_exact: false,
    });
    const over = await stats('--config', file, '--where', 'task matches "plums"', '--json');
    expect(JSON.parse(over.stdout)).toMatchObject({ kept: 2, dropped: { where: 1, unreadable: 1 } });
  });

  it('writes nothing beside trajectories that are no run', async () => {
    await stats(source);
    expect((await readdir(source)).sort()).toEqual(['broken.traj', 'deep']);
  });

  it('shows what a dataset holds that was built [T5]', async () => {
    const built = path.join(root, 'built');
    await mkdir(built);
    const manifest = manifestOf([{}, { valid: 0, improves: false }, { task: 'a/b-v1\u001b[31m', model: '' }]);
    await writeFile(path.join(built, 'manifest.json'), JSON.stringify(manifest));
    const { code, stdout, stderr } = await stats(built);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^rows +2 \(1 cut\), view full/m);
    expect(stdout).toContain('3 trajectories = 2 kept + 1 dropped');
    expect(stdout).toMatch(/^a\/b-v1 +1 +1 +1 +1 {2}train$/m);
    expect(stdout).not.toContain('\u001b');
    expect(JSON.parse((await stats(built, '--json')).stdout)).toEqual(manifest);
  });

  it('says what is wrong with a filter, its place, and what was meant [B1]', async () => {
    const { code, stdout, stderr } = await stats(source, '--where', 'steps < 40 && exit_statuz == "submitted"');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(
      'error: --where: There is no label exit_statuz; did you mean exit_status? (character 15 of the filter)\n' +
        '  steps < 40 && exit_statuz == "submitted"\n' +
        '                ^^^^^^^^^^^\n',
    );
  });

  it('says what is wrong with settings and places, and what to do [B1]', async () => {
    const file = path.join(root, 'wrong.yaml');
    await writeFile(file, 'sources: [x]\nfilter:\n  where: "valid >"\n');
    const empty = path.join(root, 'empty');
    await mkdir(empty);
    await writeFile(path.join(empty, 'note.txt'), '');
    const damaged = path.join(root, 'damaged');
    await mkdir(damaged);
    await writeFile(path.join(damaged, 'manifest.json'), '{"version": 1}');
    const faults: [args: string[], code: number, text: string][] = [
      [[], 2, 'No trajectories are named.'],
      [['--config', file], 2, `${file}: filter.where: The filter ends where something has to follow`],
      [[source, '--preset', 'papper'], 2, 'papper'],
      [[source, '--held-out', '2'], 2, 'from 0 to 1'],
      [[path.join(root, 'nowhere')], 1, 'There is no '],
      [[empty], 1, 'There are no trajectories in '],
      [[path.join(empty, 'note.txt')], 1, 'is neither a directory nor a .traj file'],
      [[damaged], 1, 'is no manifest of a dataset'],
      [[source, '--tokenizer', empty], 1, 'tokenizer'],
    ];
    const runs = await Promise.all(faults.map(([args]) => stats(...args)));
    for (const [at, [args, code, text]] of faults.entries()) {
      const run = runs[at]!;
      expect([args, run.code, run.stderr]).toEqual([args, code, expect.stringContaining(text)]);
      expect(run.stderr).not.toContain('--debug');
    }
  });
});
