import type { Fault } from './fault.js';

/** Episodes in which the teacher does not reach what it should. */
export const PLAYER_FAULTS = {
  'never-valid': {
    text: 'hands in what cannot be scored',
    actions: (_actions, { submission }) => [
      'ls',
      `printf 'not what was asked for' > ${submission[0]}`,
      'validate',
      'submit',
    ],
  },
  'gives-up': {
    text: 'hands in the baseline',
    actions: () => ['ls', 'python baseline.py', 'validate', 'submit'],
  },
} satisfies Record<string, Fault>;
