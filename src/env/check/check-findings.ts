import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { WORKSPACE } from '../../sandbox/sandbox.js';
import { shellQuote } from '../episode/shell-quote.js';
import type { Task, TaskFile } from '../task.js';
import type { CheckProbe } from './check-probe.js';
import type { CheckFinding, CheckReport, MeasuredBaseline } from './check-report.js';

/** Two files this short may be equal by chance. */
const TELLING_BYTES = 16;

/** Six significant digits: enough to compare scores by eye. */
function round(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** One line on a measured baseline. */
export function describeBaseline(metric: string, { mean, std, scores }: MeasuredBaseline): string {
  return `${metric} ${round(mean)} ± ${round(std)} over ${scores.length} ${scores.length === 1 ? 'run' : 'runs'}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;
}

async function sha256(file: TaskFile): Promise<string> {
  const sum = createHash('sha256');
  for await (const chunk of createReadStream(file.hostPath)) sum.update(chunk as Buffer);
  return sum.digest('hex');
}

/** Looks for hidden files, by name and by content, with the rights of the agent. */
export async function checkHidden(task: Task, probe: CheckProbe): Promise<CheckFinding> {
  const name = 'hidden_files';
  if (task.hiddenFiles.length === 0) return { name, verdict: 'skip', detail: 'the task hides no file', remedy: null };
  const paths = task.hiddenFiles.map((file) => shellQuote(`${WORKSPACE}/${file.path}`));
  const there = await probe.bash(`for f in ${paths.join(' ')}; do [ -e "$f" ] && echo "$f"; done; true`);
  const telling = task.hiddenFiles.filter((file) => file.sizeBytes >= TELLING_BYTES);
  const sums = new Map(await Promise.all(telling.map(async (file) => [await sha256(file), file.path] as const)));
  const sizes = [...new Set(telling.map((file) => `-size ${file.sizeBytes}c`))].join(' -o ');
  const prune = '\\( -path /proc -o -path /sys -o -path /dev \\) -prune';
  const search = `find / ${prune} -o -type f \\( ${sizes} \\) -readable -print0 2>/dev/null | xargs -0 -r sha256sum 2>/dev/null`;
  const copies = telling.length === 0 ? '' : (await probe.bash(`${search} | head -n 1000; true`)).text;
  const found = copies.split('\n').filter((line) => sums.has(line.slice(0, 64)));
  const seen = [...there.text.split('\n').filter(Boolean), ...found.map((line) => line.slice(66))];
  if (seen.length > 0) {
    const detail = `the agent can read ${[...new Set(seen)].slice(0, 3).join(', ')}`;
    return {
      name,
      verdict: 'fail',
      detail,
      remedy: 'name every copy in hidden_files, or remove it from the image and the starter code',
    };
  }
  return { name, verdict: 'pass', detail: `${task.hiddenFiles.length} hidden, no copy in the sandbox`, remedy: null };
}

/** Removes what would be submitted and submits: that must score nothing. Ends the episode. */
export async function checkNothing(probe: CheckProbe): Promise<CheckFinding> {
  const name = 'nothing_submitted';
  const files = await probe.submissionFiles();
  if (files.length > 0) await probe.bash(`cd ${WORKSPACE} && rm -f -- ${files.map(shellQuote).join(' ')}`);
  const { info } = await probe.step({ type: 'submit' });
  if (info.valid !== true) {
    return { name, verdict: 'pass', detail: `no score (${info.exit_status ?? 'no exit status'})`, remedy: null };
  }
  const detail = `without any submission the score is ${info.score}`;
  return { name, verdict: 'fail', detail, remedy: 'let evaluate.py end with an error when what it scores is missing' };
}

/** Empties every submitted file: a score that does not move was not computed from them. */
export async function checkCounts(probe: CheckProbe, baseline: number): Promise<CheckFinding> {
  const name = 'submission_counts';
  const files = await probe.submissionFiles();
  if (files.length === 0)
    return { name, verdict: 'skip', detail: 'the baseline leaves nothing to submit', remedy: null };
  await probe.bash(`cd ${WORKSPACE} && for f in ${files.map(shellQuote).join(' ')}; do chmod u+w "$f"; : > "$f"; done`);
  const { info } = await probe.step({ type: 'validate' });
  if (info.valid === true && info.score === baseline) {
    const detail = 'an emptied submission scores like the baseline: what is submitted is ignored';
    return {
      name,
      verdict: 'fail',
      detail,
      remedy: 'read the submission in evaluate.py, and declare what is read in submission.paths',
    };
  }
  const detail = info.valid === true ? `emptied files score ${info.score}` : 'emptied files get no score';
  return { name, verdict: 'pass', detail, remedy: null };
}

/** Whether equal submissions score equally. `pairs`: two scores of one submission; the second null when it got none. */
export function judgeDeterminism(
  task: Task,
  pairs: readonly (readonly [number, number | null])[],
  baseline: MeasuredBaseline,
): CheckFinding {
  const name = 'determinism';
  const { tolerance } = task.sidecar.metric;
  const spread = Math.max(...pairs.map(([a, b]) => (b === null ? Number.POSITIVE_INFINITY : Math.abs(a - b))));
  const noise = `std over ${baseline.scores.length} runs ${round(baseline.std)}`;
  if (spread <= tolerance) {
    const exact = spread === 0 ? 'equal' : `within ${round(spread)}`;
    return { name, verdict: 'pass', detail: `two evaluations of one submission are ${exact}; ${noise}`, remedy: null };
  }
  const detail = `two evaluations of one submission differ by ${round(spread)}, tolerance is ${round(tolerance)}; ${noise}`;
  return { name, verdict: 'fail', detail, remedy: 'seed evaluate.py, or declare the noise in metric.tolerance' };
}

/** Whether the baseline scores what is declared, as far as noise lets one tell. */
export function judgeDeclared(task: Task, { mean, std, scores }: MeasuredBaseline): CheckFinding {
  const name = 'declared_baseline';
  const remedy = `write "baseline": {"score": ${round(mean)}, "std": ${round(std)}, "runs": ${scores.length}} in the sidecar`;
  const { baseline, metric } = task.sidecar;
  if (!baseline) return { name, verdict: 'warn', detail: `none is declared; measured ${round(mean)}`, remedy };
  const noise = Math.max(metric.tolerance, 3 * baseline.std, 3 * std, 1e-6 * Math.abs(baseline.score));
  const gap = Math.abs(mean - baseline.score);
  const facts = `declared ${round(baseline.score)}, measured ${round(mean)}`;
  if (gap <= noise) return { name, verdict: 'pass', detail: facts, remedy: null };
  return { name, verdict: 'fail', detail: `${facts}: ${round(gap)} apart, noise explains ${round(noise)}`, remedy };
}

/** How long the parts take beside their limits. */
export function judgeTime(task: Task, report: CheckReport): CheckFinding {
  const limitMs = task.sidecar.evaluation.timeout_ms ?? task.trainingTimeoutS * 1000;
  const slowest = Math.max(0, ...report.evaluation_ms);
  const script = Math.max(0, ...(report.baseline?.run_ms ?? []));
  const detail = `baseline ${seconds(script)}, evaluation ${seconds(slowest)}, reset ${seconds(Math.max(0, ...report.reset_ms))}`;
  if (slowest > limitMs / 2 || script > task.trainingTimeoutS * 500) {
    return {
      name: 'time',
      verdict: 'warn',
      detail: `${detail}: more than half of the limit`,
      remedy: 'raise training_timeout, or do less',
    };
  }
  return { name: 'time', verdict: 'pass', detail, remedy: null };
}
