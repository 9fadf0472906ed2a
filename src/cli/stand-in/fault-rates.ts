import { InvalidArgumentError } from 'commander';
import { CliError } from '../cli-error.js';

/** Shares of answers that fail, by the name of the fault. */
export type FaultRates = Partial<Record<string, number>>;

/** Reads one `--fault name=rate` after others. */
export function addFault(value: string, before: FaultRates = {}): FaultRates {
  const [, name = '', rate] = /^(\w+)=([\d.]+)$/.exec(value) ?? [];
  if (name === '' || !(Number(rate) <= 1)) throw new InvalidArgumentError('It must look like rate_limit=0.1.');
  return { ...before, [name]: Number(rate) };
}

/** @throws CliError for names of no fault */
export function checkFaults(rates: FaultRates, known: readonly string[]): void {
  const unknown = Object.keys(rates).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new CliError(`There is no fault ${unknown.join(', ')}.`, `There are: ${known.join(', ')}`, 2);
}
