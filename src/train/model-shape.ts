import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { TrainError } from './train-error.js';

/** Of config.json, what decides how much memory a model takes. */
const Config = z.object({
  hidden_size: z.number(),
  intermediate_size: z.number(),
  num_hidden_layers: z.number(),
  num_attention_heads: z.number(),
  num_key_value_heads: z.number(),
  head_dim: z.number().optional(),
  vocab_size: z.number(),
  tie_word_embeddings: z.boolean().default(false),
});
export type ModelShape = z.output<typeof Config>;

/** Of models that are named by their ids, from their config.json on the Hub. */
const KNOWN: Readonly<Record<string, ModelShape>> = {
  'Qwen/Qwen3-4B': shape(2560, 9728, 36, 32, true),
  'Qwen/Qwen3-8B': shape(4096, 12_288, 36, 32, false),
};

/**
 * @param model directory, or id on the Hub
 * @returns null for an id that is not known here
 * @throws TrainError when a directory holds no model
 */
export async function modelShape(model: string, isDirectory: boolean): Promise<ModelShape | null> {
  if (!isDirectory) return KNOWN[model] ?? null;
  try {
    return Config.parse(JSON.parse(await readFile(path.join(model, 'config.json'), 'utf8')));
  } catch (error) {
    const why =
      error instanceof z.ZodError ? 'its config.json is not that of a causal model' : (error as Error).message;
    throw new TrainError('model', `${model} holds no model: ${why}`, 'Name a directory with config.json, or an id.');
  }
}

/** @returns the weights of a model, and of them the linear layers of its blocks that adapters may stand on */
export function parametersOf(model: ModelShape): { all: number; perRank: number } {
  const { hidden_size: h, intermediate_size: i, num_hidden_layers: layers, vocab_size } = model;
  const head = model.head_dim ?? h / model.num_attention_heads;
  const [q, kv] = [model.num_attention_heads * head, model.num_key_value_heads * head];
  const block = 2 * h * q + 2 * h * kv + 3 * h * i;
  // Each adapter is two matrices, from its layer's input to the rank and from there to its output.
  const perRank = layers * (2 * (h + q) + 2 * (h + kv) + 3 * (h + i));
  return { all: layers * block + vocab_size * h * (model.tie_word_embeddings ? 1 : 2), perRank };
}

function shape(hidden: number, intermediate: number, layers: number, heads: number, isTied: boolean): ModelShape {
  return {
    hidden_size: hidden,
    intermediate_size: intermediate,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: 8,
    head_dim: 128,
    vocab_size: 151_936,
    tie_word_embeddings: isTied,
  };
}
