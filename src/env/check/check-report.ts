/** What one question about a task came to. */
export interface CheckFinding {
  name:
    | 'starts'
    | 'hidden_files'
    | 'nothing_submitted'
    | 'baseline'
    | 'determinism'
    | 'submission_counts'
    | 'declared_baseline'
    | 'time';
  verdict: 'pass' | 'warn' | 'fail' | 'skip';
  detail: string;
  /** What to do about it; null where nothing is wrong. */
  remedy: string | null;
}

/** Scores of a baseline that was run several times. */
export interface MeasuredBaseline {
  scores: number[];
  mean: number;
  /** Sample standard deviation over the runs; 0 for one run. */
  std: number;
  /** Wall-clock of the baseline script, for each run. */
  run_ms: number[];
}

/** A task that was played to see whether it works. */
export interface CheckReport {
  version: 1;
  task: string;
  content_hash: string;
  /** `fail` when a finding failed. */
  verdict: 'pass' | 'fail';
  findings: CheckFinding[];
  baseline: MeasuredBaseline | null;
  /** Wall-clock of every evaluation. */
  evaluation_ms: number[];
  reset_ms: number[];
  duration_ms: number;
}
