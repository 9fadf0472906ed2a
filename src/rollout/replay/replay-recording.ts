import type { EnvClient, Episode, EpisodeOptions, TaskDetail } from '../../client/index.js';
import { shellQuote } from '../../python/python-quote.js';
import { type CommandClass, commandClass, isDeterministic } from './command-class.js';
import { compareStep, type StepComparison } from './compare-step.js';
import { KnownFiles } from './known-files.js';
import { endsByLimit, type Recording } from './recording.js';
import { shownFile } from './shown-file.js';
import { putFilesScript, recordedStarterFiles } from './starter-files.js';

/** How recorded actions are played again. */
export interface ReplayOptions {
  /** Env id. */
  task: string;
  /** Do not run programs and evaluations. */
  skipsPrograms: boolean;
  /** Most seconds of one action; null: what the task allows. */
  maxSeconds: number | null;
  /** Play so many actions; null: all. */
  stopAt: number | null;
  /** Put starter files in place as the recording shows them, and, after a difference, the file that it is about. */
  followsRecording: boolean;
  signal?: AbortSignal;
  /** An action was played, or passed over. */
  onStep?(comparison: StepComparison): void;
}

/** What came of one recording. */
export interface RecordingReplay {
  recording: Recording;
  task: string;
  steps: readonly StepComparison[];
  /** Files that were put in place as recorded, with the step before which that happened. */
  put: readonly { step: number; file: string }[];
  /** How the episode ended, in MLGym's words; null when it was left before its end. */
  exitStatus: string | null;
  seconds: number;
}

/** Room for actions of the replay itself, which count as steps too. */
const SPARE_STEPS = 10;
/** Commands that show the file that they are about. */
const FOLLOWED: ReadonlySet<CommandClass> = new Set(['edit', 'viewer']);

/**
 * Plays the actions of a recording in a new episode and compares the observations.
 * @throws RpcError, ClientError; the signal's reason
 */
export async function replayRecording(
  client: EnvClient,
  recording: Recording,
  options: ReplayOptions,
): Promise<RecordingReplay> {
  const startedMs = performance.now();
  const task = await client.describeTask(options.task, options.signal);
  const { seed } = recording;
  const episode = await client.reset(task.task, {
    ...(seed !== null && { seed }),
    options: resetOptions(recording, options),
    ...(options.signal && { signal: options.signal }),
  });
  try {
    const replay = new Replay(episode, recording, task, options);
    await replay.play();
    return {
      recording,
      task: task.task,
      steps: replay.steps,
      put: replay.put,
      exitStatus: episode.isOver ? (episode.last?.info.mlgym_exit_status ?? null) : null,
      seconds: (performance.now() - startedMs) / 1000,
    };
  } finally {
    await episode.close();
  }
}

/** The replay's own actions take steps as well: as many are granted as it may need, and the rest is used up before the last one. */
function resetOptions(recording: Recording, { maxSeconds, followsRecording }: ReplayOptions): EpisodeOptions {
  const { source, options, steps } = recording;
  const limited: EpisodeOptions = {
    ...(source === 'gymsmith' ? (options as EpisodeOptions) : { compat: 'mlgym', ...windowOf(recording) }),
    // What was noted once is not to be noted again, for episodes to come.
    memory: false,
  };
  if (source !== 'gymsmith' || followsRecording) {
    limited.max_steps = ownSteps(recording) + steps.length + (endsByLimit(recording) ? -1 : SPARE_STEPS);
  }
  if (maxSeconds !== null) {
    limited.training_timeout_s = Math.min(maxSeconds, limited.training_timeout_s ?? maxSeconds);
    limited.step_timeout_s = Math.min(maxSeconds, limited.step_timeout_s ?? 25);
  }
  return limited;
}

function ownSteps({ steps }: Recording): number {
  return steps.length + 1;
}

/** SWE-agent shows a hundred lines; MLGym's thousand is what a reset gives. */
function windowOf({ source, steps }: Recording): Pick<EpisodeOptions, 'window'> {
  if (source !== 'swe-agent') return {};
  const sizes = steps.map(({ observation }) => {
    const cut = /^\(\d+ more lines below\)$/m.test(observation);
    return cut && !observation.includes('Your proposed') ? (observation.match(/^\d+:/gm)?.length ?? 0) : 0;
  });
  const largest = Math.max(0, ...sizes);
  return largest > 0 ? { window: largest } : {};
}

class Replay {
  readonly steps: StepComparison[] = [];
  readonly put: { step: number; file: string }[] = [];
  readonly #known: KnownFiles;
  #spent = 0;

  constructor(
    private readonly episode: Episode,
    private readonly recording: Recording,
    private readonly task: TaskDetail,
    private readonly options: ReplayOptions,
  ) {
    this.#known = new KnownFiles(task.files);
  }

  async play(): Promise<void> {
    const { steps } = this.recording;
    const { stopAt, followsRecording } = this.options;
    if (followsRecording && this.recording.source !== 'gymsmith') {
      const files = recordedStarterFiles(steps, this.task.files);
      await this.#putFiles(0, files);
      for (const { file } of files) this.#known.add(file);
    }
    const end = Math.min(steps.length, stopAt ?? steps.length);
    for (let index = 0; index < end; index++) {
      this.options.signal?.throwIfAborted();
      const comparison = compareStep(this.recording, index, await this.#take(index), this.#known);
      this.steps.push(comparison);
      this.options.onStep?.(comparison);
      this.#known.note(steps[index]!, comparison.kind);
      if (followsRecording) await this.#follow(comparison);
    }
  }

  /** @returns the observation; null when the action was not played */
  async #take(index: number): Promise<string | null> {
    const step = this.recording.steps[index]!;
    const isLast = index === this.recording.steps.length - 1;
    if (this.episode.isOver) return null;
    if (isLast && endsByLimit(this.recording)) await this.#useUp();
    else if (this.options.skipsPrograms && !isDeterministic(commandClass(step))) {
      await this.#send({ type: 'bash', command: this.#whereabouts(index) });
      return null;
    }
    return this.#send(step.sent ?? step.action);
  }

  /** What stands for an action that is not played: it takes a step, and leaves the agent where the recording shows it next. */
  #whereabouts(index: number): string {
    const { [index]: now, [index + 1]: next } = this.recording.steps;
    const { cwd = null, openFile = null } = next ?? {};
    return [
      'true',
      ...(cwd === null || cwd === now?.cwd ? [] : [`cd ${shellQuote(cwd)}`]),
      ...(openFile === null || openFile === now?.openFile ? [] : [`open ${shellQuote(openFile)}`]),
    ].join('; ');
  }

  async #send(action: Parameters<Episode['step']>[0]): Promise<string> {
    const { signal } = this.options;
    return (await this.episode.step(action, signal ? { signal } : {})).observation.text;
  }

  /** What the replay did not need of its own steps, so that the limit comes where it came. */
  async #useUp(): Promise<void> {
    if (this.recording.source === 'gymsmith' && !this.options.followsRecording) return;
    while (this.#spent < ownSteps(this.recording)) {
      this.#spent++;
      await this.#send('');
    }
  }

  /** After a difference the file stands as recorded, so that one cause is not counted again and again. */
  async #follow({ step, kind, verdict, recorded, replayed }: StepComparison): Promise<void> {
    const isLost = verdict === 'differs' || verdict === 'excused';
    if (!isLost || !FOLLOWED.has(kind) || replayed === null || this.episode.isOver) return;
    const shown = shownFile(recorded);
    if (!shown?.file.startsWith('/home/agent/')) return;
    // Where the file was not to be found, another one is open.
    await this.#putFiles(step + 1, [shown], kind === 'viewer' ? `open ${shellQuote(shown.file)}` : '');
    this.#known.add(shown.file);
  }

  async #putFiles(step: number, files: Parameters<typeof putFilesScript>[0], then = ''): Promise<void> {
    if (files.length === 0) return;
    this.#spent++;
    const said = await this.#send({ type: 'bash', command: `${putFilesScript(files)}\n${then}` });
    for (const [, file = ''] of said.matchAll(/^put (.*)$/gm)) this.put.push({ step, file });
  }
}
