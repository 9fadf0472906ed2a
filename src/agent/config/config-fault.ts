/** What is wrong in an agent's configuration, where, and what to do. A `warning` says what happens instead. */
export interface ConfigFault {
  severity: 'error' | 'warning';
  /** As the user wrote it, or found from there. */
  file: string;
  /** 1-based; null where the fault is not in a text. */
  line: number | null;
  /** Path of the value inside the file: `tools.command_files[0]`. */
  field: string | null;
  problem: string;
  remedy: string;
}

/** One line: `file:line: field: what - remedy`. */
export function formatConfigFault(fault: ConfigFault): string {
  const place = fault.line === null ? fault.file : `${fault.file}:${fault.line}`;
  const field = fault.field === null ? '' : ` ${fault.field}:`;
  return `${place}:${field} ${fault.problem} - ${fault.remedy}`;
}

/** An agent cannot be made of its configuration. The message has a line for every fault that is an error. */
export class AgentConfigError extends Error {
  override readonly name = 'AgentConfigError';

  constructor(
    message: string,
    readonly faults: readonly ConfigFault[] = [],
  ) {
    super([message, ...faults.filter((fault) => fault.severity === 'error').map(formatConfigFault)].join('\n'));
  }
}
