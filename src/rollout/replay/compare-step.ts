import { type CommandClass, commandClass, isDeterministic } from './command-class.js';
import { type Excuse, excuseOf } from './excuse.js';
import type { KnownFiles } from './known-files.js';
import { normalise } from './normalise.js';
import { endsByLimit, type RecordedStep, type Recording } from './recording.js';
import { shellCommands } from './shell-commands.js';

/** `excused`: they differ and must; see the excuse. */
export type Verdict = 'equal' | 'normalised' | 'differs' | 'excused';

/** How one round came out. */
export interface StepComparison {
  /** Counted from 0, as in the file. */
  step: number;
  action: string;
  kind: CommandClass;
  verdict: Verdict;
  /** Rules of normalising that changed something. */
  rules: readonly string[];
  excuse: Excuse | null;
  recorded: string;
  /** Null when the round was not played. */
  replayed: string | null;
}

/**
 * Compares what a recorded action showed with what it shows now.
 * @param replayed null when the action was not played
 */
export function compareStep(
  recording: Pick<Recording, 'isOld' | 'steps' | 'exitStatus'>,
  index: number,
  replayed: string | null,
  known: KnownFiles,
): StepComparison {
  const step = recording.steps[index] as RecordedStep;
  const isLast = index === recording.steps.length - 1;
  const kind = isLast && endsByLimit(recording) ? 'ending' : commandClass(step);
  const said = { step: index, action: actionText(step), kind, recorded: step.observation, replayed };
  if (replayed === null) return { ...said, verdict: 'excused', rules: [], excuse: 'skipped' };
  const commands = shellCommands(said.action).flatMap(({ words: [name] }) => name ?? []);
  const pair = { recorded: step.observation, replayed };
  const { rules, ...normalised } = normalise(pair, { kind, commands, isOld: recording.isOld, isLast });
  if (normalised.recorded === normalised.replayed) {
    return { ...said, verdict: rules.length > 0 ? 'normalised' : 'equal', rules, excuse: null };
  }
  const facts = { step, kind, commands, isOld: recording.isOld, known };
  const excuse = isDeterministic(kind) ? excuseOf(facts, normalised) : null;
  return { ...said, verdict: excuse ? 'excused' : 'differs', rules, excuse };
}

function actionText({ action, sent }: RecordedStep): string {
  if (sent === null || typeof sent === 'string') return sent ?? action;
  return 'command' in sent ? sent.command : JSON.stringify(sent);
}
