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
