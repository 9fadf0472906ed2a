import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Entrypoint } from '../../src/env/task.js';
import { pearFiles, writeFiles } from './pack-fixture.js';
import { RealGym } from './real-gym.js';
import { begunEpisode, prints, toyTask } from './toy-task.js';

const MLGYM = { options: { compat: 'mlgym' as const } };
const encode = (text: string) => new TextEncoder().encode(text);
const NOT_FOUND =
  'Submission artefact not found. You have to produce a valid submission artefact as described in the task description to validate your results.';

/** What the evaluators of toy episodes were started with. */
async function commandOf(entrypoint: Entrypoint, files: Record<string, string> = {}, gpus = 0): Promise<string[]> {
  const runs: string[][] = [];
  const task = await toyTask({ entrypoint, sidecar: { resources: { gpus } } });
  const toy = await begunEpisode({
    task,
    params: MLGYM,
    evaluator: {
      exec: ({ argv }) => {
        runs.push([...argv]);
        return { stdout: encode('{"r2": 0.75}') };
      },
    },
  });
  for (const [name, contents] of Object.entries(files)) toy.agent().write(name, contents);
  const { observation } = await toy.episode.step('validate');
  const { info } = await toy.episode.step('submit');
  await toy.episode.close();
  return [...(runs[0] ?? []), observation.text, `${info.submission} ${info.mlgym_exit_status}`];
}

describe('how an evaluation went', () => {
  it.each([
    ['scored', { stdout: '{"r2": 0.75}\n' }, [0, 1, 0]],
    ['noise', { stdout: 'loading\n{"r2": 0.75}\n' }, [0, 2, 0]],
    ['noise', { stdout: '{"r2": 0.75}\n', stderr: 'old\n' }, [0, 1, 1]],
    ['no_metrics', { stdout: 'r2 is 0.75\n' }, [0, 1, 0]],
    ['bad_exit', { stderr: 'KeyError\n', exitCode: 1 }, [1, 0, 1]],
    ['metric_missing', { stdout: '{"mse": 2}' }, [0, 1, 0]],
    ['metric_not_finite', { stdout: '{"r2": NaN}' }, [0, 1, 0]],
    ['metric_not_finite', { stdout: '{"r2": "0.75"}' }, [0, 1, 0]],
    ['metric_out_of_bounds', { stdout: '{"r2": 2}' }, [0, 1, 0]],
    ['timed_out', { status: 'timed_out' }, [null, 0, 0]],
  ] as const)('is told to programs: %s %j [E8]', async (result, run, [exit_code, stdout_lines, stderr_lines]) => {
    const { stdout = '', stderr = '', ...rest } = { ...run } as Record<string, unknown>;
    const streams = { stdout: encode(String(stdout)), stderr: encode(String(stderr)) };
    const toy = await begunEpisode({
      task: await toyTask({ sidecar: { metric: { name: 'r2', direction: 'maximize', bounds: [0, 1] } } }),
      params: MLGYM,
      evaluator: { exec: () => ({ ...streams, ...rest }) },
    });
    const { info } = await toy.episode.step('validate');
    expect(info.evaluator).toEqual({ result, exit_code, stdout_lines, stderr_lines });
    expect((await toy.episode.step('echo')).info.evaluator).toBeNull();
    await toy.episode.close();
  });
});

describe("evaluations in MLGym's words [E4]", () => {
  it.each<[Entrypoint, Record<string, string>, string[], string]>([
    [
      'CSVSubmissionTasks',
      {},
      ['/home/agent/workspace/evaluate.py', '--submission_file', '/home/agent/workspace/submission.csv'],
      '/home/agent/workspace/submission.csv',
    ],
    ['PythonSubmissionTasks', {}, ['/home/agent/workspace/evaluate.py'], '/home/agent/workspace/target.py'],
    [
      'ModelSubmissionTasks',
      { 'src/b.yaml': '', 'src/a.yaml': '', 'z.yaml': '' },
      ['/home/agent/workspace/evaluate.py', '--config_fname', '/home/agent/workspace/src/a.yaml'],
      '/home/agent/workspace/src/a.yaml',
    ],
    ['ModelSubmissionTasks', {}, ['/home/agent/workspace/evaluate.py', '--config_fname', ''], ''],
    ['LMSubmissionTasks', {}, ['/home/agent/workspace/evaluate.py'], ''],
  ])('calls the script of %s as it does', async (entrypoint, files, words, submission) => {
    const said = await commandOf(entrypoint, files);
    expect(said.slice(-2 - words.length, -2)).toEqual(words);
    expect(said.at(-2)).toBe(
      `Your code produced a valid submission artefact at ${submission}.\nBaseline Score: {'r2': 0.5}\nEvaluation Score: {'r2': 0.75}`,
    );
    expect(said.at(-1)).toBe(`${submission} submitted`);
  });

  it('launches language models on every GPU', async () => {
    expect((await commandOf('LMSubmissionTasks', {}, 2)).slice(0, 3)).toEqual([
      'torchrun',
      '--nproc_per_node=2',
      '--standalone',
    ]);
  });

  it.each([
    ['a program', { mode: 0o755 }],
    ['a link', { refused: 'link' }],
  ])('does not find a table that is %s', async (_, facts) => {
    const toy = await begunEpisode({ params: MLGYM });
    toy.agent().write('submission.csv', 'id\n1\n', facts);
    const { observation, info } = await toy.episode.step('validate');
    expect(observation.text).toBe(NOT_FOUND);
    expect(info.evaluator).toEqual({ result: 'no_submission', exit_code: null, stdout_lines: 0, stderr_lines: 0 });
    expect((await toy.episode.step('submit')).info.mlgym_exit_status).toBe('submission_not_found (submit)');
  });

  it('takes a table with a warning beside the metrics for none, and shows both in the order of Python', async () => {
    const exec = () => ({ stdout: encode('{"r2": 0.5}\n'), stderr: encode('x.py:1: Warning: odd\n\n') });
    const toy = await begunEpisode({ params: MLGYM, evaluator: { exec } });
    expect((await toy.episode.step('validate')).observation.text).toBe(
      'Failed to decode metrics from evaluation script. Output:\n---\nx.py:1: Warning: odd\n{"r2": 0.5}\n---\nPlease make sure the evaluation script prints the metrics in json format.',
    );
    expect((await toy.episode.step('submit')).info).toMatchObject({
      exit_status: 'evaluation_format_error',
      mlgym_exit_status: 'evaluation_format_error (submit)',
    });
  });

  it('shows an empty output between the dashes', async () => {
    const toy = await begunEpisode({ params: MLGYM, evaluator: prints('\n\n') });
    expect((await toy.episode.step('validate')).observation.text).toBe(
      'Failed to decode metrics from evaluation script. Output:\n---\n\n---\nPlease make sure the evaluation script prints the metrics in json format.',
    );
    await toy.episode.close();
  });

  it('shows a metric that is no score as it was printed, and gives no score for it [B5]', async () => {
    const toy = await begunEpisode({ params: MLGYM, evaluator: prints('{"r2": NaN, "n": 3}') });
    const { observation, info } = await toy.episode.step('validate');
    expect(observation.text).toMatch(/\nEvaluation Score: \{'r2': nan, 'n': 3\}$/);
    expect(info).toMatchObject({ valid: false, score: null, scores: [] });
    expect((await toy.episode.step('submit')).reward).toBeNull();
  });

  it('says of a score beyond its bounds that it is none [B5]', async () => {
    const toy = await begunEpisode({ params: MLGYM, evaluator: prints('{"r2": 17}') });
    expect((await toy.episode.step('validate')).observation.text).toContain('outside of its bounds');
    await toy.episode.close();
  });

  it('shows what a hung evaluator had printed as it came', async () => {
    const exec = () => ({ status: 'timed_out' as const, exitCode: null, stdout: encode('a\n\nb\n') });
    const toy = await begunEpisode({ params: MLGYM, evaluator: { exec } });
    expect((await toy.episode.step('validate')).observation.text).toBe(
      'Error: Timeout reached while reading from subprocess.\nCurrent buffer: a\n\nb\n',
    );
    await toy.episode.close();
  });
});

describe('a sealed evaluation in a real sandbox', () => {
  const evaluate = [
    'import os, pathlib',
    'print("{\\"rmse\\": %d}" % len(list(pathlib.Path(".").glob("*.csv"))) if not os.path.exists("here/fail") else 1 / 0)',
  ].join('\n');

  async function gym(): Promise<RealGym> {
    const files = pearFiles({ 'data/pears/evaluate.py': `${evaluate}\n` });
    const root = await writeFiles(files);
    const sidecar = JSON.parse(await readFile(path.join(root, 'gymsmith/pears.json'), 'utf8'));
    sidecar.submission = { paths: ['*.csv', 'here/**'], max_bytes: 1000 };
    await writeFiles({ 'gymsmith/pears.json': JSON.stringify(sidecar) }, root);
    const opened = await RealGym.open(root);
    onTestFinished(() => opened.close());
    return opened;
  }

  it('begins where the agent stands when it answers as MLGym does, and in the workspace else [E4]', async () => {
    const opened = await gym();
    for (const [compat, score] of [
      ['mlgym', 0],
      ['fixed', 1],
    ] as const) {
      const episode = await opened.begin('fruit/pears', { options: { compat } });
      await episode.step('echo 1 > submission.csv; mkdir -p deep/er; cd deep/er');
      expect((await episode.step('validate')).info.score).toBe(score);
      await episode.step('cd /usr');
      expect((await episode.step('validate')).info.score).toBe(score);
      await episode.close();
    }
  });

  it('shows files that nobody may write to as the ones of the agent, as MLGym does, and evaluates others [E4 B5]', async () => {
    const opened = await gym();
    const episode = await opened.begin('fruit/pears', MLGYM);
    const listed = await episode.step('stat -c "%A %U %G %n" evaluate.py data/train.csv; echo x >> evaluate.py');
    expect(listed.observation.text).toBe(
      '-r-xr-xr-x agent mlgym evaluate.py\n-r-xr-xr-x agent mlgym data/train.csv\n/bin/bash: line 1: evaluate.py: Permission denied',
    );
    await episode.step('chmod u+w evaluate.py; echo "print({})" > evaluate.py; echo 1 > submission.csv');
    expect((await episode.step('validate')).info.score).toBe(1);
    await episode.close();
    const other = await opened.begin('fruit/pears', { options: { compat: 'fixed' } });
    expect((await other.step('stat -c %U evaluate.py data/train.csv')).observation.text).toBe('root\nroot');
    await other.close();
  });

  it('shows a traceback that begins with the script [E4]', async () => {
    const episode = await (await gym()).begin('fruit/pears', MLGYM);
    await episode.step('echo 1 > submission.csv; mkdir here; touch here/fail');
    const { observation } = await episode.step('validate');
    expect(observation.text.split('\n').slice(0, 4)).toEqual([
      'Failed to decode metrics from evaluation script. Output:',
      '---',
      'Traceback (most recent call last):',
      '  File "/home/agent/workspace/evaluate.py", line 2, in <module>',
    ]);
    expect(observation.text).toContain('ZeroDivisionError: division by zero\n---');
    await episode.close();
  });
});
