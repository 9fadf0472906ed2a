/** What is wrong in a pack, where, and what to do about it. An `error` keeps its task from being served; a `warning` does not. */
export interface PackFault {
  severity: 'error' | 'warning';
  packRoot: string;
  /** Relative to the pack, with `/`. */
  file: string;
  /** 1-based; null where the fault is not in a text. */
  line: number | null;
  /** Path of the value inside the file: `baseline_scores[0].r2`. */
  field: string | null;
  problem: string;
  remedy: string;
  /** Env id of the task that the fault belongs to, as far as it can be told. */
  envId: string | null;
}

/** One line: `file:line: field: what - remedy`. */
export function formatFault(fault: PackFault): string {
  const place = fault.line === null ? fault.file : `${fault.file}:${fault.line}`;
  const field = fault.field === null ? '' : ` ${fault.field}:`;
  return `${place}:${field} ${fault.problem} - ${fault.remedy}`;
}
