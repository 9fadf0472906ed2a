import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Action, ExitReason, ExitStatus, Metrics } from '../../protocol/index.js';
import { WORKSPACE } from '../../sandbox/sandbox.js';
import type { Task } from '../task.js';
import { EpisodeSettings } from './episode-options.js';

/** Everything about an episode that another process needs to take it up. */
export const EpisodeRecord = z.object({
  version: z.literal(1),
  episode_id: z.string(),
  task: z.string().describe('env id'),
  task_hash: z.string(),
  settings: EpisodeSettings,
  phase: z.enum(['resetting', 'ready', 'running', 'evaluating', 'ended']),
  sandbox_id: z.string().nullable(),
  started_at_ms: z.number().describe('Unix time of the reset in milliseconds'),
  deadline_ms: z.number().describe('Unix time at which the episode is cut short'),
  step_count: z.int().min(0),
  commands: z.int().min(0).describe('commands begun so far; their ids in the sandbox count on'),
  cwd: z.string(),
  open_file: z.string().nullable(),
  last_action: z.string().describe('the last action that did what it was to do, if it was a bare scrolling'),
  shadowed: z.array(z.string()).describe("SWE-agent's commands that are another's in the shell of the agent"),
  state: z.string().nullable().describe('what the state command printed last'),
  memory: z.string().nullable().describe('digest of the memory file that the agent was given; null: none'),
  baseline_scores: z.record(z.string(), z.number()).nullable(),
  scores: z.array(Metrics),
  running: z
    .object({
      command_id: z.string(),
      timeout_s: z.number(),
      action: z.string(),
      last_action: z.string().nullable().describe('of the record, once the command ended well; null: as it was'),
    })
    .nullable()
    .describe('command whose result no step has delivered yet, and the key of its action'),
  due: z
    .object({ action: z.string(), reason: z.union([ExitReason, z.literal('validate')]), text: z.string() })
    .nullable()
    .describe('evaluation that no step has delivered yet; `wait`, or the action with this key, asks for it again'),
  end: z.object({ exit_status: ExitStatus, exit_reason: ExitReason, mlgym_exit_status: z.string() }).nullable(),
});
export type EpisodeRecord = z.infer<typeof EpisodeRecord>;

/** The record of an episode that has not begun. */
export function newRecord(episodeId: string, task: Task, settings: EpisodeSettings, nowMs: number): EpisodeRecord {
  return {
    version: 1,
    episode_id: episodeId,
    task: task.envId,
    task_hash: task.contentHash,
    settings,
    phase: 'resetting',
    sandbox_id: null,
    started_at_ms: nowMs,
    deadline_ms: nowMs,
    step_count: 0,
    commands: 0,
    cwd: WORKSPACE,
    open_file: null,
    last_action: '',
    shadowed: [],
    state: null,
    memory: null,
    baseline_scores: null,
    scores: [],
    running: null,
    due: null,
    end: null,
  };
}

/** Names an action, so that its repetition is recognised. */
export function actionKey(action: Action): string {
  return createHash('sha256').update(JSON.stringify(action)).digest('hex');
}
