/** Who can mend a fault: `code` by writing the programs again, `nobody` within this candidate, `time` by trying later. */
type Mended = 'code' | 'nobody' | 'time';

/**
 * Every way in which a candidate can fail, by name: the closed table of the funnel. `by` says what mends it, `text` what it means.
 */
export const REASONS = {
  // proposal
  proposal_malformed: { by: 'nobody', text: 'the teacher gave no proposal in the asked form' },
  proposal_refused: { by: 'nobody', text: 'the teacher refused to propose a task' },
  // grounding
  dataset_missing: { by: 'nobody', text: 'no dataset of that name, and no match of the search' },
  dataset_gated: { by: 'nobody', text: 'the dataset asks for access' },
  dataset_disabled: { by: 'nobody', text: 'the dataset is disabled' },
  dataset_too_large: { by: 'nobody', text: 'the dataset takes more than may be downloaded' },
  dataset_no_rows: { by: 'nobody', text: 'the dataset shows no rows' },
  dataset_blocked: { by: 'nobody', text: 'the dataset belongs to a benchmark that tasks may not repeat' },
  dataset_unsuitable: { by: 'nobody', text: 'the dataset does not fit the task: columns, labels or size' },
  // contamination and diversity
  near_duplicate: { by: 'nobody', text: 'the task repeats another one of this run or pack' },
  benchmark_overlap: { by: 'nobody', text: 'the task shares text with a benchmark' },
  // generation
  generation_malformed: { by: 'code', text: 'the teacher gave no files in the asked form' },
  generation_refused: { by: 'code', text: 'the teacher refused to write the programs' },
  files_missing: { by: 'code', text: 'a file of the contract is missing' },
  syntax_error: { by: 'code', text: 'a program does not parse' },
  task_malformed: { by: 'code', text: 'the files make no task that loads' },
  // baseline and evaluation
  baseline_failed: { by: 'code', text: 'the baseline ended with an error' },
  baseline_timeout: { by: 'code', text: 'the baseline ran past its limit' },
  network_use: { by: 'code', text: 'a program asked for the network, which there is none of' },
  no_submission: { by: 'code', text: 'the baseline left no submission' },
  evaluation_failed: { by: 'code', text: 'evaluate.py ended with an error' },
  evaluation_timeout: { by: 'code', text: 'evaluate.py ran past its limit' },
  evaluation_noise: { by: 'code', text: 'evaluate.py prints more than its one line of JSON' },
  metric_missing: { by: 'code', text: 'evaluate.py prints no JSON with the metric' },
  metric_not_finite: { by: 'code', text: 'the metric is no finite number' },
  metric_out_of_bounds: { by: 'code', text: 'the metric lies outside its declared bounds' },
  // gates
  labels_reachable: { by: 'code', text: 'hidden labels can be read by the agent' },
  labels_printed: { by: 'code', text: 'evaluate.py tells labels' },
  labels_derivable: { by: 'nobody', text: 'labels of the test rows follow from what the agent sees' },
  test_in_train: { by: 'nobody', text: 'test rows are also training rows' },
  baseline_too_slow: { by: 'code', text: 'the baseline takes too long' },
  baseline_too_big: { by: 'code', text: 'the baseline takes too much memory' },
  oracle_rejected: { by: 'code', text: 'the true answers do not reach the bound' },
  nothing_scores: { by: 'code', text: 'an empty submission gets a score' },
  submission_ignored: { by: 'code', text: 'the score does not depend on the submission' },
  cheat_scores: { by: 'code', text: 'a submission without work scores better than the baseline' },
  evaluation_unsteady: { by: 'code', text: 'evaluations of one submission differ' },
  baseline_unsteady: { by: 'code', text: 'the baseline fails on some seeds' },
  insensitive: { by: 'code', text: 'worse submissions do not score worse' },
  baseline_saturated: { by: 'code', text: 'the baseline is at the bound already' },
  review_rejected: { by: 'code', text: 'the review does not recommend the task' },
  // sound tasks that the teacher cannot solve: kept apart
  no_valid_submission: { by: 'nobody', text: 'the teacher reached no valid submission' },
  baseline_not_beaten: { by: 'nobody', text: 'the teacher did not beat the baseline' },
  // others' faults
  teacher_unavailable: { by: 'time', text: 'the endpoint of the teacher failed' },
  hub_unavailable: { by: 'time', text: 'the Hub failed' },
  sandbox_unavailable: { by: 'time', text: 'no sandbox could be had' },
} as const satisfies Record<string, { by: Mended; text: string }>;

export type Reason = keyof typeof REASONS;

/** Reasons of tasks that are sound and kept as `frontier`. */
export const FRONTIER_REASONS: readonly Reason[] = ['no_valid_submission', 'baseline_not_beaten'];
