import { Chance } from '../../chance/chance.js';

/** Shares of the answers that are made worse, in the order in which they are tried; all of the truth comes first. */
export const DEGRADED_SHARES = [0, 0.25, 0.5, 0.75, 1] as const;

/**
 * Makes answers worse step by step: a share of the rows gets the answer of another row. What is replaced at one share stays replaced at
 * the next, and each of the shares replaces at least one answer by a different one where there is one.
 * @param seed decides which rows, and whose answers
 * @returns one list of answers for each of `DEGRADED_SHARES`
 */
export function degradedAnswers(values: readonly string[], seed: string): string[][] {
  const count = values.length;
  const chance = new Chance(`${seed}\ndegraded`);
  const order = chance.shuffled(values.map((_, index) => index));
  const answers = [...values];
  const levels = [[...answers]];
  let done = 0;
  for (const share of DEGRADED_SHARES.slice(1)) {
    const until = Math.round(share * count);
    const chunk = order.slice(done, until);
    done = until;
    for (const row of chunk) answers[row] = values[count < 2 ? row : (row + 1 + chance.below(count - 1)) % count] ?? '';
    const [first] = chunk;
    if (first !== undefined && chunk.every((row) => answers[row] === values[row])) {
      answers[first] = values.find((value) => value !== values[first]) ?? answers[first] ?? '';
    }
    levels.push([...answers]);
  }
  return levels;
}

/** @returns the answers in an order of chance */
export function shuffledAnswers(values: readonly string[], seed: string): string[] {
  return new Chance(`${seed}\nshuffled`).shuffled(values);
}
