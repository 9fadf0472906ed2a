import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Output } from '../../src/cli/output.js';
import { ReplayProgress } from '../../src/cli/replay/replay-progress.js';
import { SocketServer } from '../client/socket-server.js';
import { runCli } from './run-cli.js';

let server: SocketServer;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-replay-'));
  server = await SocketServer.listen();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** Writes what an agent said and saw as MLGym does. */
async function record(name: string, rounds: [action: string, observation: string][]): Promise<string> {
  const file = path.join(directory, name);
  await mkdir(path.dirname(file), { recursive: true });
  const trajectory = rounds.map(([action, observation]) => ({
    state: '{}',
    response: '',
    thought: '',
    action,
    observation,
  }));
  await writeFile(file, JSON.stringify({ environment: 'mlgym_main', trajectory, history: [], info: {} }));
  return file;
}

const replay = (...args: string[]) => runCli(['replay', '--url', server.url, ...args]);

describe('gymsmith replay', () => {
  it('tells what is alike, shows what differs, and sums up by task, command and rule [E5]', async () => {
    const alike = await record('other/echo.traj', [['echo one', 'one']]);
    const differing = await record('echo.traj', [
      ['echo two', 'two'],
      ['echo three', 'drei'],
      ['date', 'Monday'],
    ]);
    const run = await replay(alike, differing);
    expect(run.stderr).toBe('');
    expect(run.code).toBe(0);
    const folder = path.basename(directory);
    expect(run.stdout.replace(/\d+\.\d s$/gm, 'N s').split('\n')).toEqual([
      `alike    other/echo.traj  toy/echo-v1  1/1 deterministic alike  N s`,
      `differs  ${folder}/echo.traj  toy/echo-v1  1/2 deterministic alike, programs 0/1  N s`,
      '  action 2 (shell): echo three',
      '    @@ line 1 @@',
      '    -drei',
      '    +three',
      '',
      'TASK (deterministic)  EQUAL  NORMALISED  DIFFERS  LEFT OUT    ALIKE',
      'toy/echo-v1               2           0        1         0  66.66 %',
      '',
      'COMMANDS  EQUAL  NORMALISED  DIFFERS  LEFT OUT    ALIKE',
      'shell         2           0        1         0  66.66 %',
      'program       0           0        1         0   0.00 %',
      '',
      '',
    ]);
  });

  it('shows programs when asked to, leaves them out when asked to, and stops where it is told', async () => {
    const file = await record('echo.traj', [
      ['date', 'Monday'],
      ['echo three', 'drei'],
    ]);
    expect((await replay('--programs', '--stop-at', '1', file)).stdout).toContain('action 1 (program): date\n');
    const skipped = await replay('--skip-long', '--stop-at', '1', file);
    expect(skipped.stdout).toMatch(/LEFT OUT {2}BECAUSE IT\n {7}1 {2}was not played/);
    expect(skipped.stdout).not.toContain('action 2');
  });

  it('gives a report as JSON, and with --strict an exit code [E5]', async () => {
    const file = await record('echo.traj', [
      ['echo one', 'one'],
      ['echo three', 'drei'],
    ]);
    const run = await replay('--json', '--strict', file);
    expect(run.code).toBe(1);
    const report = JSON.parse(run.stdout);
    const counts = { equal: 1, normalised: 0, differs: 1, excused: 0 };
    expect(report).toMatchObject({
      version: 1,
      summary: { deterministic: { ...counts, share: 0.5 }, classes: { shell: counts }, excuses: {}, rules: {} },
      tasks: { 'toy/echo-v1': { deterministic: counts } },
      failures: [],
    });
    expect(report.files).toHaveLength(1);
    expect(report.files[0]).toMatchObject({ file, source: 'mlgym', old: false, task: 'toy/echo-v1', put_files: [] });
    expect(report.files[0].steps).toEqual([
      { step: 0, class: 'shell', verdict: 'equal', rules: [], excuse: null, action: 'echo one' },
      {
        ...{ step: 1, class: 'shell', verdict: 'differs', rules: [], excuse: null, action: 'echo three' },
        ...{ recorded: 'drei', replayed: 'three', diff: ['@@ line 1 @@', '-drei', '+three'] },
      },
    ]);
    expect((await replay('--json', '--strict', '--stop-at', '1', file)).code).toBe(0);
  });

  it('names files whose task is unknown and plays the others; --task names it [B1]', async () => {
    const unknown = await record('pears.traj', [['echo a', 'a']]);
    const known = await record('echo.traj', [['echo a', 'a']]);
    const run = await replay('--parallel', '2', unknown, known);
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('echo.traj  toy/echo-v1  1/1 deterministic alike');
    expect(run.stdout).toContain(
      `not played  ${unknown}: No task of this gym is known by pears (pears.traj). Name its pack`,
    );
    expect((await replay('--task', 'toy/other-v1', unknown)).stdout).toContain('toy/other-v1  1/1 deterministic alike');
  });

  it('takes nothing from the tasks of a server [B1]', async () => {
    const run = await replay('--bare', await record('echo.traj', [['echo a', 'a']]));
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('--bare: the tasks of a server are as they are.');
  });

  it('refuses what is no recording before it opens anything [B1]', async () => {
    const file = path.join(directory, 'faulty.traj');
    await writeFile(file, '{"trajectory": 3}');
    const run = await runCli(['replay', '--url', 'ws://127.0.0.1:1', file]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('faulty.traj is no trajectory:\n  trajectory: ');
  });
});

describe('progress of a replay', () => {
  const terminal = (isTTY: boolean) => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 });
    return { output: new Output(stream, {}), shown: () => String(stream.read() ?? '') };
  };

  it('tells rate and time left', () => {
    const { output } = terminal(true);
    const progress = new ReplayProgress(100_000_000, 3, output);
    expect(progress.line()).toMatch(/^0\/100000000 actions of 0\/3 files {2}0\.0\/s$/);
    progress.stepped();
    progress.ended();
    expect(progress.line()).toMatch(/^1\/100000000 actions of 1\/3 files {2}[\d.]+\/s {2}[\d.]+ (?:s|min|h) left$/);
    progress.clear();
  });

  it('writes nothing where no terminal is', () => {
    const { output, shown } = terminal(false);
    const progress = new ReplayProgress(2, 1, output);
    progress.stepped();
    progress.clear();
    expect(shown()).toBe('');
  });
});
