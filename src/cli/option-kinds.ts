import { InvalidArgumentError, Option } from 'commander';

/** @returns an option that may be repeated; its value is the list of all */
export function repeated(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: unknown) => [
    ...(Array.isArray(before) ? before : []),
    value,
  ]);
}

/** @returns an option that takes a number of at least 0 */
export function amount(flags: string, description: string, most = Number.POSITIVE_INFINITY): Option {
  return new Option(flags, description).argParser((value) => {
    const given = Number(value);
    if (value.trim() !== '' && given >= 0 && given <= most && Number.isFinite(given)) return given;
    const range = most === 1 ? 'from 0 to 1' : 'of at least 0';
    throw new InvalidArgumentError(`It must be a number ${range}.`);
  });
}

const TOKEN_UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 * 1024 };

/** @returns what reads a number of tokens, such as 32768 or 32K */
export function tokenCount(least: number): (value: string) => number {
  return (value) => {
    const [, digits = '', unit = ''] = /^(\d{1,12})([KM]?)$/i.exec(value) ?? [];
    const given = Number(digits) * TOKEN_UNITS[unit.toUpperCase()]!;
    if (digits !== '' && given >= least) return given;
    throw new InvalidArgumentError(`It must be a number of tokens of at least ${least}, such as 32768 or 32K.`);
  };
}
