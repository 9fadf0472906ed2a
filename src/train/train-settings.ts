import { z } from 'zod';

const count = z.int().min(0);
const positive = z.int().positive();

/** How a student is trained. `full`: every weight. `lora`: adapters beside frozen weights. */
const METHODS = ['full', 'lora'] as const;

/**
 * `train.yaml`, and what is kept with a training: everything that decides what comes out of it. What is not given is as in the recipe for
 * Qwen3-8B that this one follows (AdamW, 2e-5, weight decay 1e-4, cosine with 10 % warm-up, 2 epochs, batches of 128, 32K tokens).
 */
export const TrainSettings = z.strictObject({
  dataset: z.string().min(1).describe('directory with manifest.json, or id on the Hub'),
  dataset_revision: z.string().nullable().default(null).describe('commit on the Hub'),
  model: z.string().min(1).describe('directory, or id on the Hub'),
  revision: z.string().nullable().default(null).describe('commit on the Hub'),
  method: z.enum(METHODS).default('full'),
  lora: z
    .strictObject({
      rank: positive.default(32),
      alpha: positive.default(64),
      dropout: z.number().min(0).max(1).default(0),
      targets: z
        .array(z.string().min(1))
        .min(1)
        .default(['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'])
        .describe('names of layers: every linear one but the head'),
      merge: z.boolean().default(true).describe('also write a model with the adapters added to its weights'),
    })
    .prefault({}),
  max_tokens: positive.default(32_768).describe('longest row that is taken; a longer one is refused'),
  epochs: z.number().positive().default(2),
  max_steps: positive.nullable().default(null).describe('steps in all, whatever the epochs'),
  batch: positive.default(128).describe('rows of a step, over all GPUs'),
  learning_rate: z.number().positive().nullable().default(null).describe('null: 2e-5, or 2e-4 for adapters'),
  weight_decay: z.number().min(0).default(1e-4),
  warmup: z.number().min(0).max(1).default(0.1).describe('share of the steps'),
  schedule: z.enum(['cosine', 'linear', 'constant_with_warmup']).default('cosine'),
  max_grad_norm: z.number().positive().default(1),
  seed: count.default(0).describe('decides the order of rows and the first values of adapters'),
  checkpoint_steps: positive.default(25),
  keep_checkpoints: z.int().min(2).default(2).describe('the newest may be cut by a kill, so two at least'),
  eval_steps: count.default(0).describe('steps between looks at the held-out rows; 0: after each epoch'),
  attention: z.enum(['auto', 'sdpa', 'flash_attention_2', 'flash_attention_3']).default('auto'),
  device: z.enum(['gpu', 'cpu']).default('gpu').describe('cpu: for trying out, in 32 bits'),
  gpus: positive.max(8).nullable().default(null).describe('processes, each with a GPU; null: as many as there are'),
});
export type TrainSettings = z.output<typeof TrainSettings>;

/** Settings that may change when a training is taken up: they change no step. */
export const FREE_SETTINGS: ReadonlySet<string> = new Set([
  'gpus',
  'checkpoint_steps',
  'keep_checkpoints',
  'eval_steps',
  'attention',
  'lora.merge',
]);

const RATES = { full: 2e-5, lora: 2e-4 } as const;

/** @returns the learning rate at its highest */
export function learningRate({ learning_rate, method }: TrainSettings): number {
  return learning_rate ?? RATES[method];
}
