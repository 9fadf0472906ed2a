import { describe, expect, it } from 'vitest';
import { type ExecOptions, WORKSPACE } from '../../src/sandbox/sandbox.js';
import type { ScriptedSandbox } from '../../src/testing/scripted-sandbox.js';
import { begunEpisode, prints, toyTask } from './toy-task.js';

/** Names of workspace files with their contents. */
function workspace(sandbox: ScriptedSandbox | undefined): Record<string, string> {
  return Object.fromEntries(
    [...(sandbox?.files ?? [])].map(([path, file]) => [
      path.slice(WORKSPACE.length + 1),
      new TextDecoder().decode(file.contents),
    ]),
  );
}

describe('sealed evaluation [B5]', () => {
  it('gives the evaluator pristine files, hidden files, and of the agent only the submission', async () => {
    const runs: ExecOptions[] = [];
    const toy = await begunEpisode({
      evaluator: {
        exec: (options) => {
          runs.push(options);
          return prints('{"r2": 1}').exec?.(options, undefined as never) ?? {};
        },
      },
    });
    toy.agent().write('evaluate.py', 'print(\'{"r2": 1}\')');
    toy.agent().write('json.py', 'raise');
    toy.agent().write('labels.csv', 'forged');
    await toy.episode.step('validate');
    const evaluator = toy.sandboxes.made[1];
    expect(workspace(evaluator?.sandbox)).toEqual({
      'submission.csv': 'id,weight\n1,2\n',
      'evaluate.py': 'print()',
      'baseline.py': 'pass',
      'labels.csv': 'secret',
    });
    const files = evaluator?.sandbox.files;
    expect(files?.get(`${WORKSPACE}/submission.csv`)).toMatchObject({ mode: 0o444, user: 'root' });
    expect(files?.get(`${WORKSPACE}/evaluate.py`)).toMatchObject({ mode: 0o444, user: 'root' });
    expect(files?.get(`${WORKSPACE}/labels.csv`)).toMatchObject({ mode: 0o400, user: 'evaluator' });
    expect(evaluator?.request).toMatchObject({ network: 'none', gpus: [] });
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ user: 'evaluator', cwd: WORKSPACE, timeoutMs: 600_000 });
    expect(runs[0]?.argv.slice(-3)).toEqual([
      `${WORKSPACE}/evaluate.py`,
      '--submission_file',
      `${WORKSPACE}/submission.csv`,
    ]);
    await toy.episode.close();
  });

  it('takes files while the agent stands still, and only then', async () => {
    const states: [string, boolean][] = [];
    const toy = await begunEpisode({
      agent: { before: (operation, sandbox) => void states.push([operation, sandbox.frozen]) },
    });
    states.length = 0;
    await toy.episode.step('validate');
    expect(states).toEqual([
      ['setLifetime', false],
      ['findFiles', false],
      ['freeze', false],
      ['findFiles', true],
      ['getFile', true],
      ['thaw', true],
    ]);
    await toy.episode.close();
  });

  it('lets the agent go on even when the evaluator sandbox fails', async () => {
    const toy = await begunEpisode({
      evaluator: {
        before: (operation) => {
          if (operation === 'putFiles') throw new Error('a fault of ours');
        },
      },
    });
    await expect(toy.episode.step('validate')).rejects.toThrow('a fault of ours');
    expect(toy.agent().frozen).toBe(false);
    await toy.episode.close();
    expect(toy.sandboxes.held).toEqual([]);
  });

  it.each([
    ['a link', { refused: 'link' }, 'submission.csv (link)'],
    ['a device', { refused: 'special' }, 'submission.csv (special)'],
  ])('takes %s for no submission', async (_, facts, note) => {
    const toy = await begunEpisode();
    toy.agent().write('submission.csv', '', facts);
    const validated = await toy.episode.step('validate');
    expect(validated.observation.text).toMatch(/^Submission artefact not found\. You have to produce/);
    expect(validated.observation.text).toContain(note);
    const submitted = await toy.episode.step('submit');
    expect(submitted).toMatchObject({ reward: null, terminated: true });
    expect(submitted.info).toMatchObject({
      exit_status: 'submission_not_found',
      mlgym_exit_status: 'submission_not_found (submit)',
      score: null,
      valid: false,
      submission: null,
    });
    expect(toy.sandboxes.made).toHaveLength(1);
  });

  it('refuses a submission beyond its size', async () => {
    const submission = { paths: ['submission.csv', 'parts/*'], max_bytes: 20 };
    const toy = await begunEpisode({ task: await toyTask({ sidecar: { submission } }) });
    toy.agent().write('parts/a', '0123456789');
    const result = await toy.episode.step('submit');
    expect(result.info).toMatchObject({
      exit_status: 'evaluation_error',
      mlgym_exit_status: 'ValueError, The submission is too large., (submit)',
    });
  });

  it('never lets a submission take the place of the evaluator or of its data', async () => {
    const task = await toyTask({
      entrypoint: 'PythonSubmissionTasks',
      starter: { 'evaluate.py': 'print()', 'target.py': 'opponent', 'strategy.py': 'start', 'lib/rules.py': 'rules' },
      hidden: { 'labels/test.csv': 'secret' },
      sidecar: { submission: { paths: ['**', '!target.py', '!lib/**'], max_bytes: 1000 } },
    });
    const toy = await begunEpisode({ task });
    const agent = toy.agent();
    for (const path of [
      'evaluate.py/x',
      'target.py',
      'target.py/x',
      'lib',
      'labels',
      'labels/test.csv',
      'data',
      'data/x',
    ]) {
      agent.write(path, 'forged');
    }
    agent.files.delete(`${WORKSPACE}/strategy.py`);
    agent.write('model.py', 'mine');
    await toy.episode.step('validate');
    expect(workspace(toy.sandboxes.made[1]?.sandbox)).toEqual({
      'evaluate.py': 'print()',
      'target.py': 'opponent',
      'lib/rules.py': 'rules',
      'labels/test.csv': 'secret',
      'model.py': 'mine',
      'submission.csv': 'id,weight\n1,2\n',
    });
    await toy.episode.close();
  });

  it.each([
    ['{"r2": NaN}', 'not finite'],
    ['{"r2": 1e999}', 'not finite'],
    ['{"r2": 17}', 'outside of its bounds'],
    ['{"R2": 1}', 'printed no metric'],
  ])('gives no reward for %s', async (stdout, fault) => {
    const toy = await begunEpisode({ evaluator: prints(stdout) });
    const validated = await toy.episode.step('validate');
    expect(validated.observation.text).toContain(fault);
    expect(validated.info).toMatchObject({ valid: false, score: null, scores: [] });
    const submitted = await toy.episode.step('submit');
    expect(submitted).toMatchObject({ reward: null, info: { exit_status: 'evaluation_error', score: null } });
  });

  it('keeps the evaluator stderr out of the metrics and in the text of the failure [E4]', async () => {
    const encode = (text: string) => new TextEncoder().encode(text);
    const toy = await begunEpisode({
      evaluator: { exec: () => ({ stdout: encode('half\n\n'), stderr: encode('{"r2": 1}\n'), exitCode: 1 }) },
    });
    const { observation, info } = await toy.episode.step('validate');
    expect(observation.text).toBe(
      'Failed to decode metrics from evaluation script. Output:\n---\nhalf\n{"r2": 1}\n---\nPlease make sure the evaluation script prints the metrics in json format.',
    );
    expect(info.valid).toBe(false);
    expect((await toy.episode.step('submit')).info.mlgym_exit_status).toBe('evaluation_format_error (submit)');
  });

  it('shows the agent little of a long failure', async () => {
    const toy = await begunEpisode({ evaluator: prints('x'.repeat(100_000)) });
    expect((await toy.episode.step('validate')).observation.text.length).toBeLessThan(9000);
    await toy.episode.close();
  });

  it('takes no score of an evaluator that failed after printing one, except where MLGym does', async () => {
    const exec = () => ({ stdout: new TextEncoder().encode('{"r2": 1}'), exitCode: 1 });
    const fixed = await begunEpisode({ evaluator: { exec } });
    expect((await fixed.episode.step('submit')).info).toMatchObject({ exit_status: 'evaluation_error', score: null });
    const mlgym = await begunEpisode({ evaluator: { exec }, params: { options: { compat: 'mlgym' } } });
    expect((await mlgym.episode.step('submit')).info).toMatchObject({ exit_status: 'submitted', score: 1 });
  });

  it('ends a hung evaluator in the words of MLGym [B4 E4]', async () => {
    const toy = await begunEpisode({ evaluator: { exec: () => ({ status: 'timed_out', exitCode: null }) } });
    const { observation } = await toy.episode.step('validate');
    expect(observation.text).toBe('Error: Timeout reached while reading from subprocess.\nCurrent buffer: ');
    expect((await toy.episode.step('submit')).info.mlgym_exit_status).toBe(
      'TimeoutError, Timeout reached while reading from subprocess.\nCurrent buffer: , (submit)',
    );
  });

  it('does not find an executable CSV where MLGym does not [E4]', async () => {
    const toy = await begunEpisode({ params: { options: { compat: 'mlgym' } } });
    toy.agent().write('submission.csv', 'id\n', { mode: 0o755 });
    expect((await toy.episode.step('validate')).info.valid).toBe(false);
    await toy.episode.close();
  });

  it.each([
    ['PythonSubmissionTasks', [`${WORKSPACE}/evaluate.py`], `${WORKSPACE}/target.py`],
    [
      'ModelSubmissionTasks',
      [`${WORKSPACE}/evaluate.py`, '--config_fname', `${WORKSPACE}/a.yaml`],
      `${WORKSPACE}/a.yaml`,
    ],
    ['LMSubmissionTasks', [`${WORKSPACE}/evaluate.py`], ''],
  ] as const)('calls the evaluator of %s as MLGym does [E4]', async (entrypoint, args, submission) => {
    let run: ExecOptions | undefined;
    const toy = await begunEpisode({
      task: await toyTask({ entrypoint }),
      evaluator: {
        exec: (options) => {
          run = options;
          return { stdout: new TextEncoder().encode('{"r2": 1}') };
        },
      },
    });
    toy.agent().write('b.yaml', 'b');
    toy.agent().write('a.yaml', 'a');
    const result = await toy.episode.step('submit');
    expect(run?.argv.slice(-args.length)).toEqual(args);
    expect(result.info.submission).toBe(submission);
    if (entrypoint === 'LMSubmissionTasks') expect(run?.env).toMatchObject({ WORLD_SIZE: '1', RANK: '0' });
  });

  it('lends the evaluator the GPUs of the agent [E6]', async () => {
    let argv: readonly string[] = [];
    const toy = await begunEpisode({
      task: await toyTask({ entrypoint: 'LMSubmissionTasks', sidecar: { resources: { gpus: 2 } } }),
      evaluator: {
        exec: (options) => {
          argv = options.argv;
          return { stdout: new TextEncoder().encode('{"r2": 1}') };
        },
      },
    });
    await toy.episode.step('submit');
    const [agent, evaluator] = toy.sandboxes.made.map(({ request }) => request);
    expect(agent?.gpus).toBe(2);
    expect(evaluator?.gpus).toEqual(['GPU-0', 'GPU-1']);
    expect(argv.slice(0, 4)).toEqual(['torchrun', '--nproc_per_node=2', '--standalone', '--no-python']);
  });

  it('is offline whenever something is hidden', async () => {
    const network = async (hidden: Record<string, string>) => {
      const toy = await begunEpisode({ task: await toyTask({ hidden, sidecar: { network: 'open' } }) });
      await toy.episode.step('submit');
      return toy.sandboxes.made.map(({ request }) => request.network);
    };
    expect(await network({ 'labels.csv': 'x' })).toEqual(['open', 'none']);
    expect(await network({})).toEqual(['open', 'open']);
  });
});

describe('evaluation in place', () => {
  it('restores the script and shows hidden files only while the agent stands still [B5]', async () => {
    const seen: unknown[] = [];
    const task = await toyTask({ sidecar: { evaluation: { mode: 'in_place' } } });
    const toy = await begunEpisode({
      task,
      agent: {
        exec: (_, sandbox) => {
          seen.push(workspace(sandbox), sandbox.frozen);
          return { stdout: new TextEncoder().encode('{"r2": 1}') };
        },
      },
    });
    toy.agent().write('evaluate.py', 'forged');
    expect((await toy.episode.step('validate')).info.score).toBe(1);
    expect(seen).toEqual([
      { 'submission.csv': 'id,weight\n1,2\n', 'evaluate.py': 'print()', 'baseline.py': 'pass', 'labels.csv': 'secret' },
      true,
    ]);
    expect(toy.agent().frozen).toBe(false);
    expect(workspace(toy.agent())).not.toHaveProperty('labels.csv');
    expect(toy.sandboxes.made).toHaveLength(1);
    await toy.episode.close();
  });
});

describe('a file of the task', () => {
  it('that cannot be read for a fault of ours is no fault of the task [B4]', async () => {
    const task = await toyTask();
    const [file] = task.hiddenFiles;
    // Reading from the memory of a process at its address 0 fails as a broken disk does.
    const broken = { ...task, hiddenFiles: [{ ...file!, hostPath: '/proc/self/mem' }] };
    const { episode } = await begunEpisode({ task: broken });
    await expect(episode.step('validate')).rejects.toMatchObject({ code: 'evaluation_unavailable', retryable: true });
    const gone = await begunEpisode({ task: { ...task, hiddenFiles: [{ ...file!, hostPath: '/nowhere' }] } });
    await expect(gone.episode.step('validate')).rejects.toMatchObject({ code: 'task_broken' });
    await Promise.all([episode.close(), gone.episode.close()]);
  });
});
