import { type ModelShape, parametersOf } from './model-shape.js';
import type { TrainSettings } from './train-settings.js';

/** What libraries, CUDA's own context and the gaps between allocations take. */
const OVERHEAD_BYTES = 2e9;
/** Tokens that the head looks at together, and words of the vocabulary (TRL's fused head). */
const HEAD_TOKENS = 4096;
const HEAD_WORDS = 32_768;

/** What a GPU must hold, part by part. */
export interface MemoryEstimate {
  bytes: number;
  parts: { what: string; arithmetic: string; bytes: number }[];
}

/**
 * Reckons the memory of one GPU for a row of `max_tokens`. Full training: weights, gradients and both moments of AdamW in 32 bits, shared
 * by the GPUs (FSDP), and a copy of the weights in 16 bits that autocast makes on a single one. Adapters: weights in 16 bits on every GPU,
 * the same 16 bytes for each parameter of the adapters. Activations: with checkpointing the input of each block is kept, and one block is
 * recomputed; about 6 times its inner and 10 times its outer width for each token, and queries and keys four times.
 */
export function memoryEstimate(model: ModelShape, settings: TrainSettings, gpus: number): MemoryEstimate {
  const { all, perRank } = parametersOf(model);
  const { hidden_size: h, intermediate_size: i, num_hidden_layers: layers } = model;
  const attention = model.num_attention_heads * (model.head_dim ?? h / model.num_attention_heads);
  const tokens = settings.max_tokens;
  const isFull = settings.method === 'full';
  const b = billions;
  const parts: MemoryEstimate['parts'] = [];
  const add = (what: string, arithmetic: string, bytes: number) => parts.push({ what, arithmetic, bytes });
  if (isFull) {
    add('weights, gradients, AdamW', `16 bytes x ${b(all)} / ${gpus}`, (16 * all) / gpus);
    if (gpus === 1) add('weights in 16 bits', `2 bytes x ${b(all)}`, 2 * all);
    else add('blocks gathered', '2 of them and the embeddings, 2 + 4 bytes each', 6 * gathered(model, all));
  } else {
    const adapters = perRank * settings.lora.rank;
    add('weights', `2 bytes x ${b(all)}`, 2 * all);
    add('adapters, gradients, AdamW', `16 bytes x ${b(adapters)}`, 16 * adapters);
  }
  const width = isFull ? 4 : 2;
  add('inputs of blocks', `${layers} x ${tokens} x ${h} x ${width} bytes`, layers * tokens * h * width);
  const inner = 6 * i + 10 * h + 4 * attention;
  add('one block recomputed', `${tokens} x (6 x ${i} + 10 x ${h} + 4 x ${attention}) x 2 bytes`, tokens * inner * 2);
  const head = HEAD_TOKENS * HEAD_WORDS * 4 * 3 + model.vocab_size * h * (isFull ? 4 : 2) + tokens * h * 4 * 2;
  add('head and loss, in tiles', `3 x ${HEAD_TOKENS} x ${HEAD_WORDS} x 4 bytes and its matrix`, head);
  add('overhead', '', OVERHEAD_BYTES);
  return { bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0), parts };
}

function gathered(model: ModelShape, all: number): number {
  const embeddings = model.vocab_size * model.hidden_size * (model.tie_word_embeddings ? 1 : 2);
  return embeddings + (2 * (all - embeddings)) / model.num_hidden_layers;
}

function billions(count: number): string {
  return count >= 1e8 ? `${(count / 1e9).toFixed(2)}e9` : `${(count / 1e6).toFixed(1)}e6`;
}
