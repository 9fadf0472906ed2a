import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRYPOINTS, type Entrypoint } from '../../src/env/task.js';
import { WORKSPACE } from '../../src/sandbox/sandbox.js';
import { SUBMITTED, writeFourKindsPack } from './four-kinds-pack.js';
import { RealGym } from './real-gym.js';

let gym: RealGym;
let pack: string;
beforeAll(async () => {
  pack = await mkdtemp(path.join(tmpdir(), 'gymsmith-kinds-'));
  await writeFourKindsPack(pack);
  gym = await RealGym.open(pack);
});
afterAll(async () => {
  await gym?.close();
  await rm(pack, { recursive: true, force: true });
});

const REASONS = ['submit', 'max_steps', 'exit_context', 'exit_cost', 'exit_error', 'exit_format', 'exit_api'] as const;
type Reason = (typeof REASONS)[number];

/** What a submission says, or that there is none. */
type Case = 'yes' | 'noise' | 'nan' | 'hang' | 'none';

const METRICS = "{'right': 1, 'n': 3, 'x': 0.25, 'ok': True}";
const BASELINE = "{'right': 0.0, 'n': 24000.0, 'x': 1.5}";
const NOT_FOUND =
  'Submission artefact not found. You have to produce a valid submission artefact as described in the task description to validate your results.';
const NO_METRICS =
  'Failed to decode metrics from evaluation script. Output:\n---\nbroken\n---\nPlease make sure the evaluation script prints the metrics in json format.';
const NO_END = 'Timeout reached while reading from subprocess.\nCurrent buffer: waiting\n';
const NOT_FINITE = 'The submission is invalid: the metric "right" is not finite.';

/** What MLGym names as the submission. */
const NAMED: Record<Entrypoint, string> = {
  CSVSubmissionTasks: `${WORKSPACE}/submission.csv`,
  PythonSubmissionTasks: `${WORKSPACE}/target.py`,
  ModelSubmissionTasks: `${WORKSPACE}/config.yaml`,
  LMSubmissionTasks: '',
};

function validated(kind: Entrypoint, what: Case): string {
  if (what === 'none') return NOT_FOUND;
  if (what === 'noise') return NO_METRICS;
  // What is no number is shown, and gives no score.
  const metrics = what === 'nan' ? METRICS.replace('1', 'nan') : METRICS;
  return `Your code produced a valid submission artefact at ${NAMED[kind]}.\nBaseline Score: ${BASELINE}\nEvaluation Score: ${metrics}`;
}

function ended(what: Case, reason: Reason): string {
  switch (what) {
    case 'yes':
      return reason === 'submit' ? 'submitted' : `autosubmission (${reason})`;
    case 'none':
      return `submission_not_found (${reason})`;
    case 'noise':
      return `evaluation_format_error (${reason})`;
    case 'hang':
      return `TimeoutError, ${NO_END}, (${reason})`;
    case 'nan':
      return `ValueError, ${NOT_FINITE}, (${reason})`;
  }
}

/** Every reason for every outcome of one kind, and each outcome with a reason of its own and of a limit for the others. */
const CASES: (readonly [Entrypoint, Case, Reason])[] = [
  ...REASONS.flatMap((reason) =>
    (['yes', 'noise', 'nan', 'none'] as const).map((what) => [ENTRYPOINTS[0], what, reason] as const),
  ),
  ...ENTRYPOINTS.slice(1).flatMap((kind) =>
    (['submit', 'max_steps'] as const).flatMap((reason) =>
      (['yes', 'noise', 'nan'] as const).map((what) => [kind, what, reason] as const),
    ),
  ),
  ...ENTRYPOINTS.map((kind) => [kind, 'hang', 'submit'] as const),
];

describe('the end of an episode', () => {
  it.each(CASES)('of %s with a submission `%s` by %s has the words of MLGym [E3 E4]', async (kind, what, reason) => {
    const begun = reason === 'max_steps' ? 2 : 50;
    const task = what === 'hang' ? `four/${kind}-brief` : `four/${kind}`;
    const episode = await gym.begin(task, { options: { compat: 'mlgym', max_steps: begun } });
    await episode.step(what === 'none' ? 'true' : `printf ${what} > ${SUBMITTED[kind]}`);
    const check = what === 'hang' ? await episode.step('true') : await episode.step('validate');
    expect(check).toMatchObject({
      terminated: false,
      truncated: false,
      info: { mlgym_exit_status: '', submission: null },
    });
    expect(check.observation.text).toBe(what === 'hang' ? '' : validated(kind, what));
    const end = await episode.step(reason === 'max_steps' ? 'submit' : reason);
    expect(end.observation.text).toBe(`Exited (${reason})`);
    expect(end).toMatchObject({ terminated: reason === 'submit', truncated: reason !== 'submit' });
    expect(end.info.mlgym_exit_status).toBe(ended(what, reason));
    expect(end.info.submission).toBe(what === 'yes' ? NAMED[kind] : null);
    const metrics = { right: 1, n: 3, x: 0.25, ok: true };
    expect(end.info.scores).toEqual(what === 'yes' ? [metrics, metrics] : []);
    expect(end.info.score).toBe(what === 'yes' ? 1 : null);
    expect(end.reward).toBe(what === 'yes' ? 1 : null);
  });

  it.each([
    ['skip', 'Skipped', 'skipped', true],
    ['exit_forfeit', 'Exited (exit_forfeit)', 'exit_forfeit', true],
    ['exit 3', '\nCOMMAND FAILED TO EXECUTE. RESTARTING PROCESS.', 'early_exit', false],
    ['while :; do :; done', '\nEXECUTION TIMED OUT AND INTERRUPT FAILED. RESTARTING PROCESS.', 'early_exit', false],
  ])('by `%s` has the words of MLGym [E3 E4]', async (action, text, status, terminated) => {
    const episode = await gym.begin(`four/${ENTRYPOINTS[0]}`, { options: { compat: 'mlgym' } });
    const end = await episode.step({ type: 'command', command: action, timeout_s: 2 });
    expect(end.observation.text).toBe(text);
    expect(end).toMatchObject({
      terminated,
      truncated: !terminated,
      info: { mlgym_exit_status: status, submission: null },
    });
  });

  it('has no status while an episode runs, or after a close [E3]', async () => {
    const episode = await gym.begin(`four/${ENTRYPOINTS[0]}`, { options: { compat: 'mlgym' } });
    expect((await episode.step('true')).info).toMatchObject({ mlgym_exit_status: '', exit_status: null });
    await episode.close();
    expect(episode.state()).toMatchObject({ exit_status: 'closed' });
  });

  it('says that there is no baseline where there is none [E4 E8]', async () => {
    const episode = await gym.begin('four/no-baseline', { options: { compat: 'mlgym' } });
    await episode.step('printf yes > submission.csv');
    expect((await episode.step('validate')).observation.text).toBe(
      `Your code produced a valid submission artefact at ${WORKSPACE}/submission.csv.\nBaseline Score: NA (no baseline was there)\nEvaluation Score: ${METRICS}`,
    );
    await episode.close();
  });

  it.each(['chmod +x submission.csv', 'mv submission.csv s; ln -s s submission.csv'])(
    'finds no submission after `%s`, as the listing of MLGym shows it [E4 B5]',
    async (action) => {
      const episode = await gym.begin(`four/${ENTRYPOINTS[0]}`, { options: { compat: 'mlgym' } });
      await episode.step(`printf yes > submission.csv; ${action}`);
      expect((await episode.step('validate')).observation.text).toBe(NOT_FOUND);
      expect((await episode.step('submit')).info.mlgym_exit_status).toBe('submission_not_found (submit)');
    },
  );

  it('never misses the configuration of a model: without one the script fails [E4]', async () => {
    const episode = await gym.begin('four/ModelSubmissionTasks', { options: { compat: 'mlgym' } });
    expect((await episode.step('validate')).observation.text).toMatch(
      /^Failed to decode metrics [\s\S]*FileNotFoundError/,
    );
    expect((await episode.step('submit')).info.mlgym_exit_status).toBe('evaluation_format_error (submit)');
  });
});
