import type { Candidate } from '../../synth/candidate.js';
import type { Funnel } from '../../synth/pipeline/funnel.js';
import { REASONS } from '../../synth/reasons.js';
import type { Output } from '../output.js';

const TOP_REASONS = 10;
const SHOWN_IDS = 20;

/** Prints what became of all candidates, stage by stage, and why. */
export function printFunnel(funnel: Funnel, output: Output): void {
  const share = (count: number, of: number) => (of === 0 ? '' : `${Math.round((100 * count) / of)} %`);
  const rows = funnel.rows.map(({ stage, entered, passed, rejected, frontier, here }) =>
    [stage, entered, passed, share(passed, entered), rejected, frontier, here].map(String),
  );
  output.table(['stage', 'came', 'passed', '', 'rejected', 'frontier', 'open'], rows, [1, 2, 3, 4, 5, 6]);
  const { candidates, published, frontier, rejected, open } = funnel;
  output.line(
    `${candidates} candidates = ${published} published + ${frontier} frontier + ${rejected} rejected + ${open} open`,
  );
  if (funnel.reasons.length === 0) return;
  output.line();
  output.heading('Why candidates ended');
  for (const { reason, count } of funnel.reasons.slice(0, TOP_REASONS)) {
    output.line(`  ${String(count).padStart(5)}  ${reason.padEnd(22)} ${REASONS[reason].text}`);
  }
  const more = funnel.reasons.slice(TOP_REASONS).reduce((sum, { count }) => sum + count, 0);
  if (more > 0) output.line(`  ${String(more).padStart(5)}  others`);
}

/** Prints the tasks that there are now. */
export function printTasks(candidates: readonly Candidate[], output: Output): void {
  const ids = (state: Candidate['state']) =>
    candidates.filter((candidate) => candidate.state === state).flatMap(({ env_id }) => env_id ?? []);
  for (const [title, state] of [
    ['Published', 'published'],
    ['Sound, but not solved by the teacher', 'frontier'],
  ] as const) {
    const found = ids(state);
    if (found.length === 0) continue;
    output.line();
    output.heading(title);
    for (const id of found.slice(0, SHOWN_IDS)) output.line(`  ${id}`);
    if (found.length > SHOWN_IDS) output.line(`  and ${found.length - SHOWN_IDS} more`);
  }
}
