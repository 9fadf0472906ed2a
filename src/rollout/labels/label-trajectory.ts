import type { TokenCounter } from '../../agent/models/token-counter.js';
import type { TrajectoryFile } from '../parse-trajectory.js';
import { soundText } from '../sound-text.js';
import { chatFacts } from './chat-facts.js';
import { episodeScores } from './episode-scores.js';
import { findEvidence } from './evidence/find-evidence.js';
import { fingerprint } from './fingerprint.js';
import { foreignOrigin } from './foreign-origin.js';
import type { Labels, TurnTokens } from './labels.js';

type Trajectory = TrajectoryFile['trajectory'];

/** Why an agent stopped that nobody is judged by; a file that says `running` is of a process that was killed. */
const BROKEN_STOPS: ReadonlySet<string> = new Set(['infrastructure', 'api', 'running']);
const BROKEN_STATUS = /^(?:sandbox_unavailable|closed)\b|\bexit_api\b/;
/** The agent asked for the last evaluation itself; whether there was anything to score is another matter. */
const HANDED_IN = /^submitted$|\(submit\)$/;
/** Answers that came and could not be used. */
const REJECTED: ReadonlySet<string | null> = new Set(['format', 'blocked', 'refusal', 'empty']);

/**
 * Everything that filters may ask of a trajectory. What its writer did not keep is null, 0 or empty.
 * @param file that it was read from: files of others are named after their tasks
 * @param counter the student's
 */
export function labelTrajectory(
  { trajectory }: Pick<TrajectoryFile, 'trajectory'>,
  file: string,
  counter: TokenCounter,
): { labels: Labels; turns: TurnTokens } {
  const { labels, turns } = chatFacts(trajectory, counter);
  const evidence = findEvidence(trajectory);
  return {
    labels: {
      version: 1,
      ...origin(trajectory, file),
      ...ending(trajectory),
      ...episodeScores(trajectory),
      ...labels,
      format_errors: formatErrors(trajectory),
      evidence,
      cheating: evidence.length > 0,
      ...spent(trajectory),
      fingerprint: fingerprint(trajectory),
    },
    turns,
  };
}

function origin({ gymsmith }: Trajectory, file: string): Pick<Labels, 'task' | 'model' | 'agent' | 'parser' | 'seed'> {
  if (!gymsmith) return { ...foreignOrigin(file), parser: '', seed: null };
  const { task, seed, model, agent } = gymsmith;
  const [name, player, parser] = [agent.name, model.name, agent.parser].map(soundText) as [string, string, string];
  return { task: soundText(task), model: player, agent: name, parser, seed };
}

type Ending = Pick<Labels, 'exit_status' | 'stop' | 'complete' | 'infrastructure' | 'steps'>;

function ending({ gymsmith, info, trajectory }: Trajectory): Ending {
  const exit_status = soundText(info.exit_status ?? '');
  const stop = soundText(gymsmith?.stop ?? '');
  const isBroken = BROKEN_STOPS.has(stop) || BROKEN_STATUS.test(exit_status);
  return {
    exit_status,
    stop,
    complete: HANDED_IN.test(exit_status),
    infrastructure: isBroken || BROKEN_STATUS.test(gymsmith?.exit_status ?? ''),
    steps: trajectory.length,
  };
}

/** Other writers keep no answer but the last one, which they gave up on. */
function formatErrors({ gymsmith, trajectory }: Trajectory): number {
  if (!gymsmith) return trajectory.filter(({ action }) => action.trim() === 'exit_format').length;
  return gymsmith.steps.flatMap(({ calls }) => calls).filter(({ rejected }) => REJECTED.has(rejected)).length;
}

function spent({ gymsmith, info }: Trajectory): Pick<Labels, 'usd' | 'input_tokens' | 'output_tokens' | 'seconds'> {
  const stats = Object.fromEntries(Object.entries(Object(info.model_stats ?? {})));
  const calls = gymsmith?.steps.flatMap((step) => step.calls) ?? [];
  const isUnpriced = calls.length > 0 && calls.every(({ cost_usd }) => cost_usd === null);
  const elapsedMs = gymsmith ? Date.parse(gymsmith.ended_at) - Date.parse(gymsmith.started_at) : 0;
  return {
    // SWE-agent says what the instance cost.
    usd: isUnpriced ? null : amount(stats.total_cost ?? stats.instance_cost),
    input_tokens: Math.round(amount(stats.tokens_sent) ?? 0),
    output_tokens: Math.round(amount(stats.tokens_received) ?? 0),
    seconds: amount(elapsedMs / 1000) ?? 0,
  };
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
