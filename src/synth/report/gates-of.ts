import type { Candidate } from '../candidate.js';
import { GATE_TITLES, GATES, GATES_BY_DEFAULT, type GateVerdict } from '../gates/gate.js';
import type { SynthSettings } from '../settings.js';
import type { SynthReport } from './synth-report.js';

type Gate = SynthReport['gates'][number];

/** @returns for each gate how it judged the attempts of all candidates, and the numbers that it measured */
export function gatesOf(candidates: readonly Candidate[], settings: Pick<SynthSettings, 'gates'>): Gate[] {
  const verdicts = candidates.flatMap(({ attempts }) => attempts.flatMap(({ gates }) => gates));
  return GATES.map((gate) => {
    const own = verdicts.filter((verdict) => verdict.gate === gate);
    const counted = (verdict: GateVerdict['verdict']) => own.filter((one) => one.verdict === verdict).length;
    return {
      gate,
      title: GATE_TITLES[gate],
      is_on: settings.gates[gate] ?? GATES_BY_DEFAULT[gate],
      pass: counted('pass'),
      fail: counted('fail'),
      skip: counted('skip'),
      seconds: own.reduce((sum, { duration_ms }) => sum + duration_ms, 0) / 1000,
      faults: faultsOf(own),
      measured: measuredOf(own),
    };
  });
}

function faultsOf(verdicts: readonly GateVerdict[]): Gate['faults'] {
  const counts = new Map<string, number>();
  for (const { fault } of verdicts) if (fault !== null) counts.set(fault, (counts.get(fault) ?? 0) + 1);
  return [...counts]
    .map(([fault, count]) => ({ fault, count }))
    .sort((a, b) => b.count - a.count || (a.fault < b.fault ? -1 : 1));
}

function measuredOf(verdicts: readonly GateVerdict[]): Gate['measured'] {
  const values = new Map<string, number[]>();
  for (const { measured } of verdicts) {
    for (const [name, value] of Object.entries(measured)) {
      if (typeof value !== 'number' || !Number.isFinite(value)) continue;
      values.set(name, [...(values.get(name) ?? []), value]);
    }
  }
  return [...values].map(([name, found]) => {
    const sorted = found.toSorted((a, b) => a - b);
    const half = (sorted.length - 1) / 2;
    const median = (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
    return { name, count: sorted.length, min: sorted[0]!, median, max: sorted.at(-1)! };
  });
}
