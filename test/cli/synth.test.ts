import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reloadWarning } from '../../src/cli/synth/reload-warning.js';
import { STAGES } from '../../src/synth/candidate.js';
import { newCandidates } from '../../src/synth/pipeline/new-candidate.js';
import { CandidateStore } from '../../src/synth/run/candidate-store.js';
import { RunPlaces } from '../../src/synth/run/run-places.js';
import { withRun } from '../../src/synth/run/run-store.js';
import { rejected } from '../../src/synth/stage.js';
import { PromptSet } from '../../src/synth/teacher/prompts/prompt-set.js';
import { ChatEndpoint } from '../../src/testing/chat-endpoint/chat-endpoint.js';
import { settingsOf } from '../synth/pipeline-harness.js';
import { type CliRun, runCli } from './run-cli.js';

/** No endpoint listens there. */
const NOBODY = 'http://127.0.0.1:9/v1';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gymsmith-synth-cli-'));
});

afterEach(() => rm(root, { recursive: true }));

function synth(...args: string[]): Promise<CliRun> {
  return runCli(['synth', ...args], { env: { OPENAI_BASE_URL: undefined, OPENAI_API_KEY: 'sk-secret-of-a-user' } });
}

function dryRun(...args: string[]): Promise<CliRun> {
  return synth('--out', path.join(root, 'run'), '--dry-run', ...args);
}

/** A run that was killed on the way: two candidates ended, one is open. */
async function halfDone(): Promise<string> {
  const out = path.join(root, 'half');
  const stamps = await new PromptSet(null).check();
  const prompts = Object.fromEntries(
    stamps.map(({ name, version, sha256 }) => [name, `${version} ${sha256.slice(0, 12)}`]),
  );
  const settings = settingsOf({ topics: 4, teachers: [{ model: 'gpt-5', base_url: NOBODY }] });
  await withRun(out, { settings, prompts }, async ({ store }) => {
    const topic = { title: 'T', summary: '', area: 'a', modality: 'm', problem: 'p', constraint: 'c' };
    const [one, two, three] = [1, 2, 3].map((number) => newCandidates({ number, topic }, settings)[0]!);
    await store.save({ ...rejected(one!, 'dataset_gated', 'asks for access'), ended_in: 'grounding' });
    await store.save({ ...rejected(two!, 'hub_unavailable', 'the Hub is away'), ended_in: 'grounding' });
    await store.save({ ...three!, state: 'verification', spent: { ...three!.spent, usd: 1.5, calls: 7 } });
  });
  return out;
}

describe('gymsmith synth', () => {
  it('teaches by examples, for every sub-command [S9]', async () => {
    const { code, stdout } = await synth('--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/run \[options\].*\(the\s+default\)/);
    expect(stdout).toContain('Exit code: 0 every candidate came to its end');
    for (const command of ['run', 'topics', 'status', 'report', 'retry']) {
      const help = await synth(command, '--help');
      expect([help.code, help.stderr]).toEqual([0, '']);
      expect(help.stdout).toContain('--out <directory>');
    }
  });

  it('shows plan and projection before the start, asks nobody and writes nothing [S8]', async () => {
    const { code, stdout, stderr } = await dryRun(
      '--teacher',
      'gpt-5@3',
      '--teacher',
      'gpt-4.1@1',
      '--topics',
      '1000',
      '--max-usd',
      '100',
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('teacher       gpt-5 (75 %), gpt-4.1 (25 %)');
    const [, low, expected, high] = /^ {2}dollars +\$([\d.]+) +\$([\d.]+) +\$([\d.]+)$/m.exec(stdout) ?? [];
    expect(Number(low)).toBeLessThan(Number(expected));
    expect(Number(expected)).toBeLessThan(Number(high));
    expect(stdout).toMatch(/Budget: \$100\.00\. .*\nIt is expected to end before all topics are done: \$\d+/);
    expect(await readdir(root)).toEqual([]);
  });

  it('says that nothing limits what a priced model costs, and that dollars of another are not known', async () => {
    expect((await dryRun('--teacher', 'gpt-5')).stdout).toContain('No budget is given: nothing limits what is spent.');
    const { stdout } = await dryRun('--teacher', 'my-own', '--max-usd', '1');
    expect(stdout).toMatch(/dollars +unknown +unknown +unknown/);
    expect(stdout).toContain(
      'The price of my-own is not known: its dollars are not counted, and --max-usd cannot hold.',
    );
  });

  it('names every ablation, and keeps the switches together [S9]', async () => {
    const { stdout } = await dryRun(
      '--teacher',
      'm',
      '--no-gate',
      'difficulty,triple',
      '--no-gate',
      'cost',
      '--no-debug',
      '--no-hub-check',
      '--agent-episodes',
      '0',
    );
    expect(stdout).toContain(
      'ablations     datasets are not checked, no self-debugging, no agent plays, gate cost off, gate triple off, gate difficulty off',
    );
    expect(stdout).toContain('gates         structure contamination leakage determinism sensitivity headroom\n');
    const only = await dryRun('--teacher', 'm', '--gates', 'review,structure');
    expect(only.stdout).toContain('gates         structure review\n');
    const always = await dryRun('--teacher', 'm', '--p-debug', '1', '--k', '3');
    expect(always.stdout).toContain('at most 3 more attempts; repaired with probability 1');
    expect(always.stdout).toContain('ablations     failures are always repaired');
  });

  it('tells faults of the configuration with their lines, and what was meant [B1]', async () => {
    const file = path.join(root, 'synth.yaml');
    await writeFile(
      file,
      'topics: ten\nteachers:\n  - model: gpt-5\n    wieght: 2\nhub:\n  max_row: 3\np_debug: 0.5\n',
    );
    const { code, stderr } = await synth('--config', file, '--p-debug', '0.2', '--reload', 'nowhere');
    expect(code).toBe(2);
    const lines = stderr.trimEnd().split('\n').sort();
    expect(lines).toEqual([
      '  --reload: publish.reload: Invalid URL: it begins with http:// or https://',
      `  ${file}:1: topics: Invalid input: expected number, received string`,
      `  ${file}:4: teachers.0.wieght: there is no such setting - did you mean weight?`,
      `  ${file}:6: hub.max_row: there is no such setting - did you mean max_rows?`,
      'error: Settings that cannot be used:',
    ]);
    await writeFile(file, 'teacher: [{model: m}]\ngates: {tripel: false}\n');
    expect((await synth('--config', file)).stderr.trimEnd().split('\n').sort()).toEqual([
      `  ${file}:1: teacher: there is no such setting - did you mean teachers?`,
      `  ${file}:1: teachers: is missing`,
      `  ${file}:2: gates.tripel: there is no such setting - did you mean triple?`,
      'error: Settings that cannot be used:',
    ]);
    await writeFile(file, 'topics: [1\nseed: 2\n');
    expect((await synth('--config', file)).stderr).toContain(`${file}:`);
  });

  it.each([
    [[], 'No model is named that writes the tasks.'],
    [['--teacher', 'm', '--no-gate', 'tripple'], 'Did you mean triple?'],
    [['--teacher', 'm', '--p-debug', '2'], 'It must be a number from 0 to 1.'],
    [['--teacher', 'm', '--from-repo', '/nowhere@main'], '/nowhere has no commit main'],
    [['--teacher', 'm', '--component', 'x'], 'there is no code base'],
    [['--teacher', 'm', '--topic-list', '/nowhere.txt'], '--topic-list: /nowhere.txt cannot be read'],
    [
      ['--teacher', 'm', '--base-url', 'http://me:secret@127.0.0.1:9/v1'],
      'The address of an endpoint holds credentials',
    ],
    [
      ['--teacher', 'm', '--base-url', 'localhost/v1'],
      '--base-url: teachers.0.base_url: Invalid URL: it begins with http',
    ],
    [['--teacher', 'm', '--reload', 'http://me:secret@127.0.0.1:9'], 'Put the token into GYMSMITH_TOKEN.'],
    [['--teacher', 'm', '--contamination', '/nowhere'], '--contamination: /nowhere cannot be read'],
    [['--replay', '/nowhere'], '--replay: /nowhere is no run'],
    [['satus'], 'There is no command synth satus.\nDid you mean synth status?'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await dryRun(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('takes topics of a list, and the exact commit of a code base [F1]', async () => {
    const list = path.join(root, 'topics.txt');
    await writeFile(list, '# mine\nSorting by touch\n\n  Weighing by ear \n');
    expect((await dryRun('--teacher', 'm', '--topic-list', list)).stdout).toContain('topics        2 of your own');
    const repository = path.join(root, 'code');
    const git = (...args: string[]) => spawnSync('git', ['-C', repository, ...args], { encoding: 'utf8' });
    spawnSync('git', ['init', '--quiet', '--initial-branch', 'main', repository]);
    await writeFile(path.join(repository, 'train.py'), 'pass\n');
    git('add', '.');
    git('-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '--quiet', '--message', 'one');
    const commit = git('rev-parse', 'HEAD').stdout.trim();
    const { stdout } = await dryRun('--teacher', 'm', '--from-repo', `${repository}@main`, '--component', 'train.py');
    expect(stdout).toContain(`of the code base ${repository} at ${commit.slice(0, 12)}, train.py`);
  });

  it('looks for the agent before anybody is asked', async () => {
    const { code, stderr } = await dryRun('--teacher', 'm', '--agent', 'nobody');
    expect(code).toBe(1);
    expect(stderr).toContain('There is no agent nobody');
  });

  it('says before the start that a server will not hear of new tasks', async () => {
    expect(await reloadWarning('http://127.0.0.1:9', undefined)).toMatch(
      /^--reload: .*127\.0\.0\.1:9.* is told of each/,
    );
    expect(await reloadWarning(null, undefined)).toBeNull();
  });

  it('says where nobody listens, before a directory is made', async () => {
    const { code, stderr } = await synth(
      'run',
      '--out',
      path.join(root, 'run'),
      '--teacher',
      'm',
      '--base-url',
      NOBODY,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('m cannot be asked');
    expect(await readdir(root)).toEqual([]);
  });

  it('asks each teacher with the key that its settings name, and none where that is missing [F4]', async () => {
    await using endpoint = await ChatEndpoint.start(() => '{}', { key: 'key-of-the-second' });
    const file = path.join(root, 'synth.yaml');
    const run = (variable: string) => {
      const teacher = `{model: stand-in, base_url: '${endpoint.url}', key_variable: ${variable}}`;
      return writeFile(file, `topics: 1\nteachers: [${teacher}]\n`).then(() =>
        runCli(['synth', 'run', '--config', file, '--out', path.join(root, 'run'), '--yes', '--quiet'], {
          env: { OPENAI_API_KEY: 'sk-secret-of-a-user', SECOND_KEY: 'key-of-the-second' },
        }),
      );
    };
    expect((await run('NO_SUCH_KEY')).stderr).toContain('The key of stand-in is to be in NO_SUCH_KEY, which is empty.');
    expect(endpoint.chats).toEqual([]);
    await run('SECOND_KEY');
    expect(endpoint.chats.length).toBeGreaterThan(0);
    expect(endpoint.chats.map(({ status }) => status)).not.toContain(401);
    const kept = spawnSync('grep', ['-r', '-e', 'key-of-the-second', path.join(root, 'run')]);
    expect(String(kept.stdout)).toBe('');
  });
});

describe('a run that was killed on the way', () => {
  it('shows how it stands, for people and as JSON, and changes nothing [S7, S8]', async () => {
    const out = await halfDone();
    const before = await readdir(out, { recursive: true });
    const { code, stdout } = await synth('status', '--out', out);
    expect(code).toBe(0);
    expect(stdout).toContain('stopped before its end');
    expect(stdout).toContain('3 candidates = 0 published + 0 frontier + 2 rejected + 1 open');
    expect(stdout).toMatch(/1 {2}hub_unavailable +the Hub failed/);
    expect(stdout).toContain('spent $1.50');
    expect(stdout).toContain(`next: gymsmith synth run --out ${out}`);
    const json = JSON.parse((await synth('status', '--out', out, '--json')).stdout);
    expect(json).toMatchObject({ state: 'stopped', pid: null, spent: { usd: 1.5, calls: 7 } });
    expect(json.funnel.rows.map(({ stage }: { stage: string }) => stage)).toEqual([...STAGES]);
    expect(json.rest.expected.candidates).toBe(2);
    expect(await readdir(out, { recursive: true })).toEqual(before);
  });

  it('is reported with what came of each candidate, and no secret [S7]', async () => {
    const out = await halfDone();
    expect((await synth('report', '--out', out)).stderr).toBe('');
    const text = await readFile(path.join(out, 'report.json'), 'utf8');
    const { result } = JSON.parse(text) as { result: { id: string; state: string; reason: string | null }[] };
    expect(result.map(({ id, state, reason }) => [id, state, reason])).toEqual([
      ['0001-1-t', 'rejected', 'dataset_gated'],
      ['0002-1-t', 'rejected', 'hub_unavailable'],
      ['0003-1-t', 'verification', null],
    ]);
    expect(text).not.toContain('sk-secret');
    expect(await readFile(path.join(out, 'report.html'), 'utf8')).toContain('<html');
  });

  it("takes back what others' faults ended, and nothing else", async () => {
    const out = await halfDone();
    const refused = await synth('retry', '--out', out, '--reason', 'baseline_failed');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('would be the end again');
    const { code, stdout } = await synth('retry', '--out', out);
    expect([code, stdout.split('\n')[0]]).toEqual([0, '  1  hub_unavailable: the Hub failed']);
    const states = (await new CandidateStore(new RunPlaces(out)).load()).map(({ state }) => state);
    expect(states).toEqual(['rejected', 'grounding', 'verification']);
    expect((await synth('retry', '--out', out)).stdout).toContain('No candidate ended for');
  });

  it('goes on under its own settings and other budgets, not under others [S8]', async () => {
    const out = await halfDone();
    const on = await synth('run', '--out', out, '--max-usd', '7', '--dry-run');
    expect([on.code, on.stderr]).toEqual([0, '']);
    expect(on.stdout).toContain('is taken up where it ended');
    expect(on.stdout).toContain('topics        4, one task each');
    expect(on.stdout).toContain('3 candidates = 0 published + 0 frontier + 2 rejected + 1 open');
    const changed = await synth('run', '--out', out, '--topics', '3', '--replay', out);
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain(`${out} was begun with other settings:`);
    expect(changed.stderr).toContain('  topics: was 4, is 3');
  });

  it('is told apart from a directory without a run', async () => {
    for (const command of ['status', 'report', 'retry']) {
      const { code, stderr } = await synth(command, '--out', path.join(root, 'none'));
      expect(code).toBe(1);
      expect(stderr).toContain(`There is no run in ${path.join(root, 'none')}`);
    }
  });
});
