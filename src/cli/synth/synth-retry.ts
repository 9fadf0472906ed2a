import path from 'node:path';
import { holdingRun } from '../../run/hold-run.js';
import { REASONS, type Reason } from '../../synth/reasons.js';
import { CandidateStore } from '../../synth/run/candidate-store.js';
import { RETRYABLE, requeued } from '../../synth/run/requeue.js';
import { RunPlaces } from '../../synth/run/run-places.js';
import { STATUS } from '../../synth/run/run-store.js';
import { closest } from '../../yaml/closest.js';
import { CliError } from '../cli-error.js';
import type { Output } from '../output.js';
import { requireRun } from './synth-status.js';

/** Puts candidates that others' faults ended back before the stage that they ended in. */
export async function retryCandidates(
  { out, reason }: { out: string; reason?: string[] },
  output: Output,
): Promise<void> {
  const places = new RunPlaces(path.resolve(out));
  await requireRun(places, out);
  const reasons = reason === undefined ? RETRYABLE : reason.map(retryable);
  const counts = new Map<Reason, number>();
  await holdingRun(places.root, STATUS, async () => {
    const store = new CandidateStore(places);
    for (const candidate of await store.load()) {
      const again = requeued(candidate, reasons);
      if (again === null || candidate.reason === null) continue;
      await store.save(again);
      counts.set(candidate.reason, (counts.get(candidate.reason) ?? 0) + 1);
    }
  });
  if (counts.size === 0) {
    output.line(`No candidate ended for ${reasons.join(', ')}.`);
    return;
  }
  for (const [name, count] of counts) output.line(`  ${count}  ${name}: ${REASONS[name].text}`);
  output.line(`next: ${output.style('accent', `gymsmith synth run --out ${out}`)}`);
}

function retryable(name: string): Reason {
  if (!(name in REASONS)) {
    const near = closest(name, Object.keys(REASONS))[0];
    throw new CliError(`--reason: there is no reason ${name}`, near ? `Did you mean ${near}?` : null, 2);
  }
  const reason = name as Reason;
  if (RETRYABLE.includes(reason)) return reason;
  throw new CliError(
    `--reason: ${name} would be the end again: the answers that led to it are kept with the run.`,
    `Others' faults may pass: ${RETRYABLE.join(', ')}. For other answers begin another run, with another --seed.`,
    2,
  );
}
