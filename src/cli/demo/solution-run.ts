import type { EnvClient, StepResult } from '../../client/index.js';
import type { PlayScript } from '../play/play-script.js';

/** How far a recorded solution has come, and in the end what it achieved. */
export interface SolutionRun {
  task: string;
  steps: number;
  totalSteps: number;
  startedAtMs: number;
  seconds: number;
  /** First line of the action that runs. */
  doing: string;
  last: StepResult | null;
  /** Why it did not come to its end. */
  failure: string | null;
}

export function newRun(script: PlayScript): SolutionRun {
  const { task, actions } = script;
  return {
    task,
    steps: 0,
    totalSteps: actions.length,
    startedAtMs: 0,
    seconds: 0,
    doing: '',
    last: null,
    failure: null,
  };
}

/** Plays a recorded solution; a failure is in the run. `changed` is called whenever there is something new to show. */
export async function playSolution(
  client: EnvClient,
  script: PlayScript,
  run: SolutionRun,
  changed: () => void,
): Promise<void> {
  run.startedAtMs = performance.now();
  try {
    run.doing = 'reset';
    changed();
    await using episode = await client.reset(script.task);
    for (const action of script.actions) {
      run.doing = typeof action === 'string' ? (action.split('\n')[0] ?? '') : action.type;
      changed();
      run.last = await episode.step(action);
      run.steps++;
      if (run.last.terminated || run.last.truncated) break;
    }
    if (!run.last?.terminated) run.failure = 'the recording ended before the episode did';
    else if (run.last.info.score === null) run.failure = `no score: ${run.last.info.exit_status}`;
    else if (!isImproved(run)) run.failure = 'the baseline was not beaten';
  } catch (error) {
    run.failure = (error as Error).message;
  } finally {
    run.seconds = (performance.now() - run.startedAtMs) / 1000;
    run.doing = run.failure ?? 'done';
    changed();
  }
}

/** @returns whether the final score is better than the baseline of the task */
export function isImproved({ last }: SolutionRun): boolean {
  if (!last) return false;
  const { score, baseline, direction } = last.info;
  if (score === null || baseline === null) return false;
  return direction === 'minimize' ? score < baseline : score > baseline;
}
