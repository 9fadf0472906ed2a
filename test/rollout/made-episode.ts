import type { Trajectory } from '../../src/rollout/trajectory.js';

/** What a made-up episode is like; what is not said is plain. */
export interface EpisodeTraits {
  task?: string;
  seed?: number;
  /** Each an answer of the model and what it saw then. */
  turns?: readonly (readonly [response: string, observation: string])[];
  system?: string;
  score?: number | null;
  stop?: string;
  /** Of the agent, as it is recorded. */
  history?: unknown;
  parser?: string;
  commands?: unknown;
  /** Items that take the place of those made of the turns. */
  items?: Trajectory['history'];
}

const TURNS = [
  ['I look.\n```\nls\n```', 'train.py'],
  ['I submit.\n```\nsubmit\n```', ''],
] as const;

/** @returns an episode in the form in which Gymsmith writes it */
export function madeEpisode(traits: EpisodeTraits = {}): Trajectory {
  const { task = 'made/task-v0', seed = 1, turns = TURNS, system = 'You work.', score = 0.7 } = traits;
  const agent = 'primary_0';
  const items: Trajectory['history'] = [{ role: 'system', content: system, agent }];
  let seen = 'Begin.';
  for (const [response, observation] of turns) {
    items.push({ role: 'user', content: seen, agent });
    items.push({ role: 'assistant', content: response, thought: response, action: response, agent });
    seen = observation;
  }
  return {
    environment: 'mlgym_main',
    trajectory: turns.map(([response, observation]) => ({
      state: '{}',
      response,
      thought: response,
      action: response,
      execution_time: 1,
      observation,
    })),
    history: traits.items ?? items,
    info: { exit_status: 'submitted', submission: null, score: score === null ? [] : [{ Score: score }] },
    gymsmith: {
      version: 1,
      software: 'gymsmith test',
      task,
      task_hash: 'sha256:0',
      episode_id: `e-${seed}`,
      seed,
      options: {},
      metric: 'Score',
      direction: 'maximize',
      baseline_scores: { Score: 0.5 },
      agent: {
        name: 'default',
        source: 'gymsmith',
        parser: traits.parser ?? 'thought_action',
        config: { history: traits.history ?? [{ type: 'full' }], commands: traits.commands ?? [] },
      },
      model: { name: 'teacher', settings: {} },
      started_at: '2026-01-01T00:00:00.000Z',
      ended_at: '2026-01-01T00:01:00.000Z',
      stop: traits.stop ?? 'ended',
      failure: null,
      exit_status: 'submitted',
      exit_reason: null,
      steps: turns.map((_, index) => ({
        sent: null,
        reward: 0,
        terminated: index === turns.length - 1,
        truncated: false,
        exit_code: 0,
        omitted_bytes: 0,
        score: index === turns.length - 1 ? score : null,
        valid: index === turns.length - 1 ? score !== null : null,
        evaluation_ms: null,
        calls: [],
      })),
    },
  };
}
