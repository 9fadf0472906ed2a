import { describe, expect, it } from 'vitest';
import { Episode } from '../../src/env/episode/episode.js';
import { EpisodeRecord } from '../../src/env/episode/episode-record.js';
import { StepResult } from '../../src/protocol/index.js';
import { WORKSPACE } from '../../src/sandbox/sandbox.js';
import { guessGym } from './guess-gym.js';

const gym = guessGym();

describe('an episode in a real sandbox', () => {
  it('measures the baseline, takes edits, validates and submits [E1 E2 E3 E8]', async () => {
    const episode = await gym().begin('guess/small');
    expect((await episode.step('ls -F . data')).observation.text).toBe(
      '.:\nbaseline.py\ndata/\nevaluate.py*\nsrc/\ndata:\nmore/\nrows.bin*',
    );
    const opened = await episode.step('cd src && open model.py');
    expect(opened.observation).toMatchObject({
      text: `[File: ${WORKSPACE}/src/model.py (2 lines total)]\n1:def f():\n2:    return 1`,
      cwd: `${WORKSPACE}/src`,
      open_file: `${WORKSPACE}/src/model.py`,
    });
    const edited = await episode.step('edit 2:2\n    return "$HOME `ls`"\nend_of_edit');
    expect(edited.observation.text).toContain('2:    return "$HOME `ls`"\nFile updated.');
    const refused = await episode.step({ type: 'edit', path: 'model.py', start_line: 1, end_line: 1, text: 'def f(:' });
    expect(refused.observation.text).toContain('Your proposed edit has introduced new syntax error(s)');
    const inShell = await episode.step('cd ..\nedit 1:1\ndef g():\nend_of_edit\nhead -n 1 src/model.py');
    expect(inShell.observation.text).toMatch(/File updated\.[^\n]*\ndef g\(\):$/);
    await episode.step('printf yes > submission.csv');
    const validated = StepResult.parse(await episode.step('validate'));
    expect(validated.observation.text).toBe(
      `Your code produced a valid submission artefact at ${WORKSPACE}/submission.csv.\nBaseline Score: {'right': 0.0, 'n': 3.0, 'x': 0.25}\nEvaluation Score: {'right': 1, 'n': 3, 'x': 0.25}`,
    );
    const submitted = await episode.step('echo done; submit');
    expect(submitted).toMatchObject({ terminated: true, reward: 1, info: { score: 1, baseline: 0 } });
    expect(submitted.observation.text).toBe('done\nExited (submit)');
  });

  it('keeps what a command printed before its limit, and nothing of its processes [B4]', async () => {
    const episode = await gym().begin('guess/small', { options: { step_timeout_s: 1 } });
    const late = await episode.step('echo begun; (sleep 300 &) ; sleep 300');
    expect(late.observation.text).toMatch(/^begun\n/);
    expect(late.observation.text).toMatch(
      /\nEXECUTION TIMED OUT BECAUSE THE COMMAND WAS RUNNING FOR MORE THAN 1 SECONDS\.$/,
    );
    expect((await episode.step('pgrep sleep')).observation).toMatchObject({ text: '', exit_code: 1 });
    await episode.close();
  });

  it('takes limits of any length and any fraction [E1 B4]', async () => {
    const options = { episode_timeout_s: 1e300, training_timeout_s: 1e9, step_timeout_s: 1.001 };
    const episode = await gym().begin('guess/small', { options });
    expect((await episode.step('echo short')).observation.text).toBe('short');
    const brief = await episode.step({ type: 'bash', command: 'echo brief', timeout_s: 5.070_000_1 });
    expect(brief.observation.text).toBe('brief');
    const long = await episode.step('sleep 0.1; echo python', { deadlineMs: 2 ** 40 });
    expect(long.observation).toMatchObject({ text: 'python', running: false });
    await episode.close();
  });

  it('answers a long command in time, and lets it go on [E1]', async () => {
    const episode = await gym().begin('guess/small');
    const partial = await episode.step('echo one; sleep 0.4; echo two', { deadlineMs: 150 });
    expect(partial.observation).toMatchObject({
      running: true,
      text: expect.stringMatching(/^one\nThe command is still/),
    });
    expect((await episode.step('wait')).observation).toMatchObject({ running: false, text: 'one\ntwo', step: 1 });
    await episode.step('sleep 100', { deadlineMs: 50 });
    const ended = await episode.step({ type: 'interrupt' });
    expect(ended.observation.text).toMatch(/EXECUTION INTERRUPTED\.$/);
    await episode.close();
  });

  it('speaks as MLGym where that is asked for [E4]', async () => {
    const episode = await gym().begin('guess/small', { options: { compat: 'mlgym' } });
    expect((await episode.step('ls')).observation.text).toBe('baseline.py\ndata/\nevaluate.py*\nsrc/');
    expect((await episode.step('ls\nedit 1:1\nB\nend_of_edit')).observation.text).toMatch(/t: command not found$/);
    expect((await episode.step('exit')).observation.text).toBe('');
    await episode.step('printf "quietly yes" > submission.csv');
    const over = await episode.step('exit 3');
    expect(over.observation.text).toBe('\nCOMMAND FAILED TO EXECUTE. RESTARTING PROCESS.');
    expect(over).toMatchObject({ truncated: true, info: { exit_status: 'early_exit', score: 1 } });
  });

  it('kills an evaluator that hangs, and shows one that fails [B4]', async () => {
    const episode = await gym().begin('guess/small');
    await episode.step('printf noise > submission.csv');
    expect((await episode.step('validate')).observation.text).toBe(
      'Failed to decode metrics from evaluation script. Output:\n---\nbroken\n---\nPlease make sure the evaluation script prints the metrics in json format.',
    );
    await episode.step('printf hang > submission.csv');
    const hung = await episode.step('validate');
    expect(hung.observation.text).toBe(
      'Error: Timeout reached while reading from subprocess.\nCurrent buffer: waiting',
    );
    expect((await episode.step('true')).observation.exit_code).toBe(0);
    await episode.close();
  });

  it('mounts a large dataset read-only and leaves hidden files out of it [B5]', async () => {
    const episode = await gym().begin('guess/large');
    const { observation } = await episode.step(
      'ls -R data; touch data/rows.bin data/more/rows.txt; rm -f data/rows.bin',
    );
    expect(observation.text).toMatch(/^data:\nmore\nrows\.bin\ndata\/more:\nrows\.txt\n/);
    expect(observation.text).toMatch(
      /cannot touch 'data\/rows\.bin'.*\n.*cannot touch .*\nrm: cannot remove 'data\/rows\.bin'/,
    );
    await episode.step('printf yes > submission.csv');
    expect(await episode.step('submit')).toMatchObject({ reward: 1, info: { score: 1 } });
  });

  it('plays alike twice, but for times', async () => {
    const play = async () => {
      const episode = await gym().begin('guess/small', { seed: 4 });
      const results = [];
      for (const action of [
        'ls',
        'python3 -c "print(hash(1))"',
        'open baseline.py',
        'find_file "*.py"',
        'python baseline.py',
        'submit',
      ]) {
        const { info, ...result } = await episode.step(action);
        results.push({ ...result, info: { ...info, step_ms: 0, evaluation_ms: 0 } });
      }
      return results;
    };
    expect(await play()).toEqual(await play());
  });

  it('is taken up by another process, with the command that ran meanwhile [B4]', async () => {
    const records: EpisodeRecord[] = [];
    const onRecord = (record: EpisodeRecord) => records.push(EpisodeRecord.parse(JSON.parse(JSON.stringify(record))));
    const first = await gym().begin('guess/small', {}, { onRecord });
    await first.step('cd src; x=kept; printf yes > ../submission.csv');
    await first.step('open model.py');
    const step = first.step('echo one; sleep 0.5; echo $x');
    await expect.poll(() => records.at(-1)?.phase).toBe('running');
    const record = records.at(-1) as EpisodeRecord;
    const second = await Episode.adopt(record, gym().task('guess/small'), gym().anotherProcess());
    expect(second.state()).toMatchObject({ status: 'running', step_count: 3 });
    expect((await second.step('wait')).observation).toMatchObject({
      text: 'one\nkept',
      step: 3,
      cwd: `${WORKSPACE}/src`,
    });
    expect((await second.step('goto 1')).observation.text).toContain('model.py (2 lines total)');
    expect(await second.step('submit')).toMatchObject({ reward: 1, observation: { step: 5 } });
    await second.close();
    await step.catch(() => {});
    await first.close();
  });
});
