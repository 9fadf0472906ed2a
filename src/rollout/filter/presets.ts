import type { PRESETS, Reject } from '../dataset/dataset-settings.js';

/** 48K, as the paper has it. */
const PAPER_TOKENS = 48 * 1024;

export interface Preset {
  /** Filter of what is kept. */
  filter: string;
  /** Longest chat, where the settings say none; null: any length. */
  maxTokens: number | null;
  /** Whether only the best of each task are kept of those. */
  isTopK: boolean;
  /** One line for people. */
  text: string;
}

/** Filters that ship, in the same language as one's own. */
export const PRESET_FILTERS: Readonly<Record<(typeof PRESETS)[number], Preset>> = {
  paper: {
    filter: 'valid >= 1',
    maxTokens: PAPER_TOKENS,
    isTopK: false,
    text: 'a valid submission, and at most 48K tokens',
  },
  none: { filter: 'true', maxTokens: null, isTopK: false, text: 'everything' },
  complete: { filter: 'complete', maxTokens: null, isTopK: false, text: 'handed in by the agent, before any limit' },
  success: { filter: 'valid >= 1', maxTokens: null, isTopK: false, text: 'a valid submission' },
  improves: { filter: 'improves', maxTokens: null, isTopK: false, text: 'better than the baseline' },
  'top-k': { filter: 'valid >= 1', maxTokens: null, isTopK: true, text: 'the best k valid ones of each task' },
};

/** What is rejected under every preset, unless it is switched off. */
export const REJECT_FILTERS: Readonly<Record<Reject, string>> = {
  infrastructure: '!infrastructure',
  cheating: '!cheating',
  control_tokens: 'control_tokens == 0',
  identity: 'identity == 0',
};
