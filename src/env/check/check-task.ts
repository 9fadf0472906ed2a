import { RpcError } from '../../protocol/index.js';
import type { EnvFactory } from '../env.js';
import type { Task } from '../task.js';
import {
  checkCounts,
  checkHidden,
  checkNothing,
  describeBaseline,
  judgeDeclared,
  judgeDeterminism,
  judgeTime,
} from './check-findings.js';
import { CheckProbe, SEARCH_TIMEOUT_S } from './check-probe.js';
import type { CheckFinding, CheckReport, MeasuredBaseline } from './check-report.js';

/** More than any check needs. */
const MAX_STEPS = 200;

/** How a task is checked. */
export interface CheckOptions {
  /** Makes an env of the task; one episode is played on each. */
  createEnv: EnvFactory;
  /** Runs of the baseline. */
  runs?: number;
  signal?: AbortSignal;
  /** Called when a part begins, with what it does. */
  onProgress?: (what: string) => void;
}

function measured(scores: number[], runMs: number[]): MeasuredBaseline {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return { scores, mean, std: scores.length > 1 ? Math.sqrt(squares / (scores.length - 1)) : 0, run_ms: runMs };
}

/** Plays `act` on a fresh episode, which is closed whatever happens. */
async function play<T>(
  task: Task,
  { createEnv, signal }: CheckOptions,
  report: CheckReport,
  act: (probe: CheckProbe) => Promise<T>,
): Promise<T> {
  const id = `check-${Date.now().toString(36)}-${report.reset_ms.length}`;
  const timeoutS = task.trainingTimeoutS;
  const env = createEnv(id, {
    task: task.envId,
    episode_id: id,
    options: { max_steps: MAX_STEPS, step_timeout_s: SEARCH_TIMEOUT_S, training_timeout_s: timeoutS },
  });
  const probe = new CheckProbe(env, task, signal);
  try {
    const startedMs = Date.now();
    await env.reset(signal);
    report.reset_ms.push(Date.now() - startedMs);
    return await act(probe);
  } finally {
    report.evaluation_ms.push(...probe.evaluationMs);
    await env.close();
  }
}

interface BaselineRun {
  score: number | null;
  ms: number;
  /** Scores of one submission that was evaluated twice. */
  again: number | null;
  failure: string | null;
  counts: CheckFinding | null;
}

async function playBaseline(probe: CheckProbe, isFirst: boolean): Promise<BaselineRun> {
  const none = { score: null, ms: 0, again: null, counts: null };
  const { ms, failure } = await probe.runBaseline();
  if (failure !== null) return { ...none, ms, failure: `the baseline script failed: ${failure}` };
  const first = await probe.step({ type: 'validate' });
  if (first.info.score === null)
    return { ...none, ms, failure: `its submission got no score: ${first.observation.text}` };
  const second = await probe.step({ type: isFirst ? 'validate' : 'submit' });
  const counts = isFirst ? await checkCounts(probe, first.info.score) : null;
  return { score: first.info.score, ms, again: second.info.score, failure: null, counts };
}

/**
 * Plays a task to see whether it works: whether hidden files are out of reach, nothing scores nothing, the baseline runs and scores
 * what is declared, equal submissions score equally, and the score depends on the submission.
 * @returns the findings; rejects with the signal's reason, and with `RpcError` for faults that are not the task's
 */
export async function checkTask(task: Task, options: CheckOptions): Promise<CheckReport> {
  const { runs = 3, onProgress = () => {} } = options;
  const startedMs = Date.now();
  const report: CheckReport = {
    version: 1,
    task: task.envId,
    content_hash: task.contentHash,
    verdict: 'pass',
    findings: [],
    baseline: null,
    evaluation_ms: [],
    reset_ms: [],
    duration_ms: 0,
  };
  const add = (finding: CheckFinding) => void report.findings.push(finding);
  try {
    onProgress('looking for hidden files, submitting nothing');
    const [hidden, nothing] = await play(task, options, report, async (probe) => [
      await checkHidden(task, probe),
      await checkNothing(probe),
    ]);
    add(hidden);
    add(nothing);
    const played: BaselineRun[] = [];
    for (let run = 0; run < runs; run++) {
      onProgress(`baseline, run ${run + 1} of ${runs}`);
      played.push(await play(task, options, report, (probe) => playBaseline(probe, run === 0)));
      if (played.at(-1)?.failure) break;
    }
    const failed = played.find((run) => run.failure !== null);
    const scored = played.filter((run): run is BaselineRun & { score: number } => run.score !== null);
    if (failed?.failure && task.baselinePath === null) {
      const detail = 'there is no baseline script, and the starter code is no submission';
      add({
        name: 'baseline',
        verdict: 'skip',
        detail,
        remedy: 'name a script in baseline_paths to have the baseline measured',
      });
    } else if (failed?.failure) {
      add({
        name: 'baseline',
        verdict: 'fail',
        detail: failed.failure,
        remedy: 'make the baseline leave a submission that evaluate.py scores',
      });
    } else if (scored.length > 0) {
      const baseline = measured(
        scored.map((run) => run.score),
        scored.map((run) => run.ms),
      );
      report.baseline = baseline;
      add({
        name: 'baseline',
        verdict: 'pass',
        detail: describeBaseline(task.sidecar.metric.name, baseline),
        remedy: null,
      });
      add(
        judgeDeterminism(
          task,
          scored.map((run) => [run.score, run.again] as const),
          baseline,
        ),
      );
      for (const { counts } of scored) if (counts) add(counts);
      add(judgeDeclared(task, baseline));
    }
    add(judgeTime(task, report));
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== 'task_broken') throw error;
    add({ name: 'starts', verdict: 'fail', detail: error.message, remedy: 'correct the files of the task' });
  }
  report.verdict = report.findings.some((finding) => finding.verdict === 'fail') ? 'fail' : 'pass';
  report.duration_ms = Date.now() - startedMs;
  return report;
}
