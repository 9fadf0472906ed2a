import { TrainError } from './train-error.js';
import type { TrainFaultKind } from './train-event.js';
import type { TrainSettings } from './train-settings.js';

/** @returns the error of a recipe that ended with a fault, and what to change */
export function faultError(kind: TrainFaultKind, message: string, settings: TrainSettings, log: string): TrainError {
  return new TrainError(kind, `${WORDS[kind]}: ${message}`, remedyOf(kind, settings, log));
}

const WORDS: Readonly<Record<TrainFaultKind, string>> = {
  out_of_memory: 'The memory of the GPU is used up',
  not_finite: 'The loss is no number any more',
  dataset: 'The dataset cannot be trained on',
  tokenizer: 'The dataset was made with another tokenizer',
  model: 'The model cannot be used',
  settings: 'The settings cannot be used',
  gpu: 'The GPU cannot be used',
  disk: 'The disk keeps nothing more',
  killed: 'The training was killed',
  other: 'The training failed',
};

function remedyOf(kind: TrainFaultKind, { method, max_tokens }: TrainSettings, log: string): string {
  const again = 'The same command goes on at the newest checkpoint.';
  switch (kind) {
    case 'out_of_memory':
      return method === 'full'
        ? `Use adapters (--method lora), more GPUs, or a dataset cut to fewer tokens than ${max_tokens} (--max-tokens).`
        : `Use a dataset cut to fewer tokens than ${max_tokens} (--max-tokens), a smaller --rank, or a larger GPU.`;
    case 'not_finite':
      return `Lower --learning-rate, or give it more warm-up; then train in a new directory. ${again}`;
    case 'tokenizer':
      return 'Build the dataset with the tokenizer of this model: gymsmith dataset build --tokenizer MODEL';
    case 'model':
      return 'Name a directory with config.json, tokenizer.json and *.safetensors, or an id of the Hub (HF_TOKEN for gated ones).';
    case 'disk':
      return `Make room. ${again}`;
    case 'killed':
      return `Most often the memory of the machine was used up. ${again}`;
    default:
      return `What the libraries said: ${log}`;
  }
}
