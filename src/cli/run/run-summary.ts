import type { Output } from '../output.js';
import { formatScore } from '../play/play-turn.js';
import { shownLine } from '../play/terminal-text.js';
import { dollars, isPriced, shortCount } from './limits-bar.js';
import type { PlayedRun } from './played-run.js';
import { bestOf, runScores } from './run-scores.js';

/** Prints what several runs of one task came to together. */
export function printSummary(played: readonly PlayedRun[], output: Output): void {
  const runs = played.map(({ run }) => run);
  const [first] = runs;
  if (first === undefined) return;
  const { baseline, direction, metric } = first.task;
  // A run that was dropped has no exit: its last score is that of a validation.
  const scores = runs.flatMap((run) => (run.exitStatus === '' ? [] : (runScores(run).final ?? [])));
  output.line(`Runs:        ${runs.length}, ${scores.length} with a valid submission`);
  const best = bestOf(scores, direction);
  const worst = bestOf(scores, direction === 'minimize' ? 'maximize' : 'minimize');
  if (best !== null && worst !== null) {
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const beside = baseline === null ? '' : ` (baseline ${formatScore(baseline)}, ${direction})`;
    const parts = [`best ${formatScore(best)}`, `mean ${formatScore(mean)}`, `worst ${formatScore(worst)}`];
    output.line(`Scores:      ${shownLine(metric ?? 'score')} ${parts.join(', ')}${beside}`);
  }
  const sum = (of: (run: (typeof runs)[number]) => number) => runs.reduce((total, run) => total + of(run), 0);
  const tokens = `${shortCount(sum(({ stats }) => stats.tokens_sent))} in, ${shortCount(sum(({ stats }) => stats.tokens_received))} out`;
  const isCounted = runs.some(({ steps }) => isPriced(steps));
  output.line(`Tokens:      ${tokens}`);
  output.line(`Cost:        ${isCounted ? dollars(sum(({ stats }) => stats.task_cost)) : 'not known'}`);
}
