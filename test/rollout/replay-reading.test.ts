import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endsByLimit, readRecording } from '../../src/rollout/replay/recording.js';
import { shownFile } from '../../src/rollout/replay/shown-file.js';
import { recordedStarterFiles } from '../../src/rollout/replay/starter-files.js';
import { runRecord, stepRecord } from '../../src/rollout/run-record.js';
import { SAMPLE_CONFIG, sampleResult, sampleRun } from './sample-run.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-recordings-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function save(name: string, contents: unknown): Promise<string> {
  const file = path.join(directory, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, typeof contents === 'string' ? contents : JSON.stringify(contents));
  return file;
}

const STATE = '{"open_file": "/home/agent/workspace/a.py", "working_dir": "/home/agent/workspace/src"}';
const NEW = { state: STATE, response: 'r', thought: 't', action: 'ls\n', execution_time: 0.1, observation: 'a.py' };
const OLD = { action: 'ls\n', observation: 'a.py', response: 'r', state: STATE, thought: 't', execution_time: 0.1 };
const mlgym = (trajectory: object[], info: object = {}) => ({
  environment: 'mlgym_main',
  trajectory,
  history: [],
  info,
});

describe('reading a recording', () => {
  it.each([
    ['new', NEW, false],
    ['old', OLD, true],
  ])('of MLGym, %s [E5]', async (name, step, isOld) => {
    const file = await save(`gpt__pears__default__t-0.00/${name}/x__peaches__y/pears.traj`, mlgym([step]));
    expect(await readRecording(file)).toEqual({
      file,
      source: 'mlgym',
      isOld,
      taskNames: ['pears', 'peaches'],
      seed: null,
      options: null,
      exitStatus: '',
      steps: [
        {
          action: 'ls\n',
          sent: null,
          observation: 'a.py',
          openFile: '/home/agent/workspace/a.py',
          cwd: '/home/agent/workspace/src',
        },
      ],
    });
  });

  it('of SWE-agent 0.7 and 1, with states as text and as objects, and messages in parts [E5]', async () => {
    const step = { action: 'ls', observation: null, response: 'r', thought: null };
    const first = { ...step, state: '{"open_file": "n/a", "working_dir": "/repo"}\n' };
    const second = {
      ...step,
      execution_time: 0.2,
      state: { working_dir: '/repo', open_file: '/repo/x' },
      messages: [],
    };
    const history = [
      { role: 'user', content: [{ type: 'text', text: 'go' }] },
      { role: 'assistant', content: null },
    ];
    const of = async (environment: string, trajectory: object[]) =>
      readRecording(await save('swe/i1.traj', { environment, trajectory, history, info: { exit_status: null } }));
    expect(await of('swe_main', [first])).toMatchObject({
      source: 'swe-agent',
      steps: [{ openFile: null, cwd: '/repo' }],
    });
    const one = await of('main', [second]);
    expect(one).toMatchObject({ source: 'swe-agent', isOld: false, steps: [{ action: 'ls', observation: '' }] });
    expect(one.steps[0]).toMatchObject({ openFile: '/repo/x', cwd: '/repo' });
  });

  it('of ours takes seed, options and typed actions from our key [E5]', async () => {
    const run = sampleRun();
    const record = { ...runRecord(run, { config: SAMPLE_CONFIG, model: { name: 'm', settings: {} } }) };
    const sent = { type: 'open', path: 'a.py' } as const;
    const steps = [stepRecord({ ...run.steps[0]!, sent, result: sampleResult() })];
    const file = await save('ours/pears.traj', { ...mlgym([NEW]), gymsmith: { ...record, steps } });
    const recording = await readRecording(file);
    expect(recording).toMatchObject({ source: 'gymsmith', seed: run.seed, options: run.options, steps: [{ sent }] });
    expect(recording.taskNames[0]).toBe(run.task.task);
  });

  it('takes the rounds from the history where there is nothing else [E5]', async () => {
    const prompt = (text: string, file: string) =>
      `${text}\n(Current Step: 1, Remaining Steps: 9)\n(Open file: ${file})\n(Current directory: /w)\nbash-$`;
    const history = [
      { role: 'system', content: 's' },
      { role: 'user', content: 'demo', is_demo: true },
      { role: 'assistant', content: 'demo', action: 'rm -rf x', is_demo: true },
      { role: 'user', content: prompt('Begin.', 'n/a') },
      { role: 'assistant', content: 'c', action: 'open a' },
      { role: 'user', content: prompt('[File: /w/a (0 lines total)]', '/w/a') },
      { role: 'assistant', content: 'c', action: 'true' },
      { role: 'user', content: prompt('Your command ran successfully and did not produce any output.', '/w/a') },
      { role: 'assistant', content: 'c', action: 'submit' },
    ];
    expect((await readRecording(await save('h.traj', { history }))).steps).toEqual([
      { action: 'open a', sent: null, observation: '[File: /w/a (0 lines total)]', openFile: null, cwd: '/w' },
      { action: 'true', sent: null, observation: '', openFile: '/w/a', cwd: '/w' },
      { action: 'submit', sent: null, observation: '', openFile: '/w/a', cwd: '/w' },
    ]);
  });

  it('takes metrics that only Python writes', async () => {
    const text = JSON.stringify(mlgym([NEW], { score: ['NAN'] })).replace('["NAN"]', '[{"BLEU Score": NaN}]');
    expect((await readRecording(await save('nan.traj', text))).steps).toHaveLength(1);
  });

  it.each([
    ['not there', null, /absent\.traj cannot be read: ENOENT/],
    ['no JSON', 'pears', /is no trajectory: it is not JSON/],
    ['no object', '[1]', /is no trajectory:\n {2}the file: /],
    ['of wrong types', { trajectory: [{ action: 3 }] }, /trajectory\.0\.action: /],
    ['without an action', { trajectory: [], history: [] }, /holds no action/],
  ])('says what is wrong with a file that is %s [B1]', async (_what, contents, message) => {
    const file = contents === null ? path.join(directory, 'absent.traj') : await save('faulty.traj', contents);
    await expect(readRecording(file)).rejects.toThrow(message);
  });

  it('knows which recordings the step limit ended', () => {
    const step = { action: 'ls', sent: null, openFile: null, cwd: null };
    expect(endsByLimit({ steps: [{ ...step, observation: 'Exited (max_steps)' }], exitStatus: '' })).toBe(true);
    expect(endsByLimit({ steps: [{ ...step, observation: '' }], exitStatus: 'autosubmission (max_steps)' })).toBe(true);
    expect(endsByLimit({ steps: [{ ...step, observation: '' }], exitStatus: 'submitted' })).toBe(false);
  });
});

const FILE = '/home/agent/workspace/a.py';
const WINDOW = `[File: ${FILE} (3 lines total)]\n1:x = '2:'\n2:\n3:y`;

describe('a file that is shown whole', () => {
  it.each([
    ['a window', WINDOW],
    ['a warning above it', `Warning: <line_number> (9) is greater\n${WINDOW}`],
    ['an accepted edit', `${WINDOW}\nFile updated. Please review`],
  ])('is read from %s', (_what, observation) => {
    expect(shownFile(observation)).toEqual({ file: FILE, contents: "x = '2:'\n\ny\n" });
  });

  it.each([
    ['no window', 'a.py'],
    ['a part of it', `[File: ${FILE} (5 lines total)]\n1:a\n2:b\n(3 more lines below)`],
    ['its end', `[File: ${FILE} (2 lines total)]\n(1 more lines above)\n2:b`],
    ['a refused edit', `Your proposed edit\n${WINDOW}\n---\n${WINDOW}`],
    ['a line that a carriage return broke', `[File: ${FILE} (2 lines total)]\n1:a\nb\n2:c`],
  ])('is not read from %s', (_what, observation) => {
    expect(shownFile(observation)).toBeNull();
  });
});

describe('starter files of a recording', () => {
  const step = (action: string, observation: string, openFile: string | null = FILE) => ({
    ...{ action, sent: null, observation, openFile, cwd: '/home/agent/workspace' },
  });
  const files = (...steps: ReturnType<typeof step>[]) => recordedStarterFiles(steps, ['a.py', 'b.py']);

  it('are taken as they were first shown, and with them whether they could be written [E5]', () => {
    const changed = `${WINDOW.replace('3 lines', '1 lines').replace(/1:[\s\S]*/, '1:z')}\nFile updated.`;
    const shown = step('open a.py', WINDOW, null);
    expect(files(shown)).toEqual([{ file: FILE, contents: "x = '2:'\n\ny\n", isWritable: null }]);
    expect(files(shown, step('edit 1:3\nz\nend_of_edit', changed), step('open a.py', 'x'))).toMatchObject([
      { contents: "x = '2:'\n\ny\n", isWritable: true },
    ]);
    const refused = 'Error: You cannot edit read-only file /home/agent/workspace/a.py';
    expect(files(shown, step('edit 1:1\nz\nend_of_edit', refused))).toMatchObject([{ isWritable: false }]);
    expect(files(shown, step('edit 1:1\nz', 'Malformed edit command.'))).toMatchObject([{ isWritable: null }]);
    expect(files(step('python a.py', ''), shown)).toHaveLength(1);
  });

  it.each([
    ['was edited', step('edit 1:1\nz\nend_of_edit', `[File: ${FILE} (1 lines total)]\n1:z\nFile updated.`)],
    ['was moved', step('mv a.py b.py', '')],
    ['was written', step('echo x > ./a.py', '')],
    ['was changed by a program of the shell', step('sed -i s/a/b/ a.py', '')],
  ])('are not taken when the file %s before', (_what, before) => {
    expect(files(before, step('open a.py', WINDOW))).toEqual([]);
  });
});
