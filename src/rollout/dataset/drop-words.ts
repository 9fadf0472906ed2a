import type { Drop } from './manifest.js';

/** Why a trajectory is not in a dataset, for people. */
export const DROP_WORDS: Readonly<Record<Drop, string>> = {
  unreadable: 'the file is no trajectory that can be read',
  infrastructure: 'server, sandbox or endpoint failed',
  cheating: 'there is evidence of cheating',
  control_tokens: 'marks of the chat template stand within messages',
  identity: 'the model names itself or its maker',
  preset: 'not what the preset asks for',
  too_long: 'longer than the limit of tokens',
  where: 'not what the own condition asks for',
  no_turn: 'no turn of the assistant fits into a row',
  duplicate: 'the agent did the same in a better or shorter episode of the task',
  top_k: 'not among the best of its task',
  per_task: 'the task has as many as the cap allows',
};
