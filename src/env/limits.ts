const KiB = 2 ** 10;
const MiB = 2 ** 20;

/** Short commands: MLGym's limit; an agent that explores must not hang on a prompt. */
export const SHORT_TIMEOUT_MS = 25_000;

/** MLGym's limit for silence. It can only matter where a task trains for longer than this. */
export const NO_OUTPUT_TIMEOUT_MS = 3_600_000;

/** Memory file of a task, about 600 notes: what an agent may make of it, and what is kept. */
export const MEMORY_FILE_BYTES = 8 * MiB;

/** Lines that `open` shows and lines that two windows share: what MLGym's agents are configured with. */
export const WINDOW = 1000;
export const OVERLAP = 2;

/** Text of one action on its way into a sandbox, written as JSON: what the header of a frame there has room for. */
export const ACTION_TEXT_BYTES = 960 * KiB;

/** Command files of a reset together: they are part of the record of the episode, which is written at every step. */
export const COMMAND_FILES_BYTES = MiB;

/** Output of a command that is kept for its observation: about 32k tokens, more than most contexts can spare. */
export const KEEP_OUTPUT_BYTES = 128 * KiB;

/** The same for tasks that must answer as MLGym does, which cuts nothing: the most that the wire carries. */
export const KEEP_OUTPUT_MLGYM_BYTES = 4 * MiB;

/** Bytes of an evaluator's output that are read for metrics: a metric line beyond it is not honest. */
export const EVALUATOR_OUTPUT_BYTES = 256 * KiB;

/**
 * Characters of an evaluator's failure that the agent sees: enough for a traceback, little to carry hidden data out
 * with.
 */
export const EVALUATOR_REPORT_CHARACTERS = 8 * KiB;

/** Files of one submission. */
export const SUBMISSION_FILES = 10_000;

/** Datasets up to this size are copied at reset, so that warm sandboxes serve the task; larger ones are mounted. */
export const COPIED_DATA_BYTES = 16 * MiB;

/** Fresh sandboxes that one evaluation may use up: the second one is for the case that the first is lost. */
export const EVALUATION_ATTEMPTS = 2;

/** Added to the limit of an evaluation to get the life of its sandbox: copying the submission in, and the killing. */
export const EVALUATION_SLACK_MS = 10 * 60_000;

/** Added to the limit of an episode to get the life of its sandbox: its last evaluation reads files from it. */
export const EPISODE_SLACK_MS = 15 * 60_000;

/** Shell text that the environment itself runs, such as setting a variable. */
export const SETUP_TIMEOUT_MS = 10_000;

/** A state command, which only asks; programs such as nvidia-smi take seconds when they are called first. */
export const STATE_TIMEOUT_MS = 10_000;

/** State commands in a row that ran into their limit, until no more is asked for: each one costs the agent that time. */
export const STATE_TIMEOUTS = 3;

/** Added to a command's own limit when its result is awaited again by another process. */
export const ATTACH_SLACK_MS = 30_000;
