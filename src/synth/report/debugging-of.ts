import type { Attempt, Candidate } from '../candidate.js';
import type { SynthReport } from './synth-report.js';

type Debugging = SynthReport['debugging'];
type Tries = Debugging['by_how']['first'];

/** @returns how many attempts were made, in which way, and what came of them */
export function debuggingOf(candidates: readonly Candidate[]): Debugging {
  const tried = candidates.filter(({ attempts }) => attempts.length > 0);
  const attempts = tried.flatMap((candidate) => candidate.attempts);
  const most = Math.max(0, ...tried.map((candidate) => candidate.attempts.length));
  const positions = Array.from({ length: most }, (_, at) => at);
  const how = (kind: Attempt['how']) => triesOf(attempts.filter((attempt) => attempt.how === kind));
  return {
    candidates: tried.length,
    attempts: attempts.length,
    histogram: positions.map((at) => {
      const last = tried.flatMap(({ attempts }) => (attempts.length === at + 1 ? attempts.slice(-1) : []));
      const { sound, failed, open } = triesOf(last);
      return { attempts: at + 1, sound, failed, open };
    }),
    by_number: positions.map((at) => ({
      number: at,
      ...triesOf(tried.flatMap(({ attempts }) => attempts.slice(at, at + 1))),
    })),
    by_how: { first: how('first'), repair: how('repair'), restart: how('restart') },
    faults: faultsOf(tried),
  };
}

function triesOf(attempts: readonly Attempt[]): Tries {
  const counted = (verdict: Attempt['verdict']) => attempts.filter((attempt) => attempt.verdict === verdict).length;
  return { tried: attempts.length, sound: counted('sound'), failed: counted('failed'), open: counted(null) };
}

function faultsOf(candidates: readonly Candidate[]): Debugging['faults'] {
  const found = new Map<string, { count: number; mended: number }>();
  for (const { attempts } of candidates) {
    const isSound = attempts.at(-1)?.verdict === 'sound';
    for (const { fault } of attempts) {
      if (fault === null) continue;
      const { count, mended } = found.get(fault) ?? { count: 0, mended: 0 };
      found.set(fault, { count: count + 1, mended: mended + (isSound ? 1 : 0) });
    }
  }
  return [...found]
    .map(([fault, counts]) => ({ fault, ...counts }))
    .sort((a, b) => b.count - a.count || (a.fault < b.fault ? -1 : 1));
}
