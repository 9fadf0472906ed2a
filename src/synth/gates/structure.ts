import { readFile } from 'node:fs/promises';
import { shellQuote } from '../../env/episode/shell-quote.js';
import type { Candidate } from '../candidate.js';
import { listAttempt } from '../generation/attempt-files.js';
import { requiredFiles } from '../generation/check-files.js';
import { proposalOf } from '../proposal/proposal-of.js';
import { keepWork } from '../verification/attempt-work.js';
import type { GateEpisode } from '../verification/gate-episode.js';
import { shownScore } from '../verification/metric-scale.js';
import { runBaseline, scoreOf, textsAmong } from '../verification/scored-work.js';
import { TaskFault } from '../verification/task-fault.js';
import type { TrialGate, TrialSubject } from '../verification/trial-subject.js';
import type { GateFinding } from './gate.js';

/** Where sources lie while they are parsed. */
const SOURCES = '/tmp/.sources.json';

/** Says for each program whether Python reads it; nothing of it runs. */
const PARSE = `
import json, sys, warnings
warnings.simplefilter('ignore')
with open(sys.argv[1]) as file:
    sources = json.load(file)
for name, source in sources.items():
    try:
        compile(source, name, 'exec', dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        print(f'{name}: {type(error).__name__}: {error}')
`;

/** Whether everything is there that the contract names; a task of it was loaded before any gate is asked. */
export const structureFilesGate: TrialGate = {
  name: 'structure',
  judge: async ({ draft }) => ({ verdict: 'pass', detail: 'the task loads', measured: { files: draft.files.length } }),
};

/** @throws TaskFault `files_missing` */
export async function judgeFiles(candidate: Candidate, attempt: number, directory: string): Promise<void> {
  const files = (await listAttempt(directory, attempt)).map((file) => file.path);
  const missing = requiredFiles(candidate).filter((name) => !files.includes(name));
  if (missing.length > 0) throw new TaskFault('files_missing', `There is no ${missing.join(', no ')}`);
}

/**
 * G0: every program parses, the baseline ends well within its limit and leaves a submission, and its evaluation prints one line of JSON
 * with a finite metric within its bounds. Keeps the submission for the gates that follow.
 */
export const structureGate: TrialGate = {
  name: 'structure',
  judge: (subject) =>
    subject.bench.play(async (episode) => {
      await parse(episode, subject);
      return scored(episode, subject);
    }),
};

/** What of it is done when the gate is switched off: without a score of the baseline there is no task. */
export const baselineMeasurement: TrialGate = {
  name: 'structure',
  judge: (subject) =>
    subject.bench.play(async (episode) => ({ ...(await scored(episode, subject)), verdict: 'skip' as const })),
};

async function scored(episode: GateEpisode, { candidate, context, directory }: TrialSubject): Promise<GateFinding> {
  const proposal = proposalOf(candidate);
  context.tell('runs the baseline');
  const run = await runBaseline(episode, context, 0);
  const there = await episode.probe.submissionFiles();
  const missing = proposal.submission.files.filter((name) => !there.includes(name));
  if (missing.length > 0) {
    const evidence = { command: run.command, exit_status: run.exitStatus, log_tail: run.logTail };
    throw new TaskFault('no_submission', `baseline.py left no ${missing.join(', no ')}`, evidence);
  }
  const work = await episode.take();
  context.tell('evaluates the baseline');
  const scoring = await episode.evaluate();
  const score = scoreOf(scoring, proposal);
  if (work) await keepWork(directory, work);
  const measured = {
    baseline_score: score,
    baseline_seconds: run.seconds,
    baseline_cpu_seconds: run.cpu_seconds,
    baseline_memory_bytes: run.memory_bytes,
    baseline_gpu_memory_bytes: run.gpu_memory_bytes,
    evaluation_seconds: scoring.ms / 1000,
    printed_values: scoring.printed?.size ?? 0,
    printed_texts: textsAmong(scoring.printed ?? new Map()).join(', '),
  };
  return { verdict: 'pass', detail: `the baseline scores ${shownScore(score)}`, measured };
}

async function parse(episode: GateEpisode, { attempt, context }: TrialSubject): Promise<void> {
  const programs = (await listAttempt(context.directory, attempt.number)).filter(({ path }) => path.endsWith('.py'));
  const texts = programs.map(async ({ path, hostPath }) => [path, await readFile(hostPath, 'utf8')]);
  await episode.put(SOURCES, JSON.stringify(Object.fromEntries(await Promise.all(texts))));
  const said = await episode.bash(`python3 -S -E -c ${shellQuote(PARSE)} ${SOURCES}; rm -f ${SOURCES}`);
  if (said === '') return;
  const command = `python -m py_compile ${programs.map(({ path }) => path).join(' ')}`;
  throw new TaskFault('syntax_error', said.split('\n')[0] ?? '', { command, exit_status: '1', log_tail: said });
}
