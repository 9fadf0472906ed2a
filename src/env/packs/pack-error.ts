import { formatFault, type PackFault } from './pack-fault.js';

/** A task cannot be written as it is; nothing was written. */
export class PackError extends Error {
  override readonly name = 'PackError';

  constructor(
    message: string,
    readonly faults: readonly PackFault[] = [],
  ) {
    super([message, ...faults.map(formatFault)].join('\n'));
  }
}
