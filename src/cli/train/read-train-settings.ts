import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { TrainSettings } from '../../train/train-settings.js';
import { CliError } from '../cli-error.js';
import { type GivenSetting, mergeSettings } from '../settings/merge-settings.js';
import type { TrainFlags } from './train-flags.js';

/**
 * Puts the configuration file and the flags together.
 * @param base settings of a training that is gone on with
 * @returns settings with paths of directories made absolute
 * @throws CliError naming each fault
 */
export function readTrainSettings(
  dataset: string | undefined,
  flags: TrainFlags,
  base: TrainSettings | null,
): TrainSettings {
  const settings = mergeSettings({
    schema: TrainSettings,
    file: flags.config,
    base,
    given: given(dataset, flags),
    complete: TrainSettings.parse({ dataset: '.', model: '.' }),
    refuse: refuseMissing,
  });
  return { ...settings, dataset: placed(settings.dataset), model: placed(settings.model) };
}

/** @returns whether something is a directory of this machine; else it is an id on the Hub */
export function isDirectory(name: string): boolean {
  return existsSync(name) && statSync(name).isDirectory();
}

function refuseMissing(merged: Record<string, unknown>): void {
  if (merged.dataset === undefined) {
    throw new CliError('No dataset is named.', 'Name the directory that gymsmith dataset build made.', 2);
  }
  if (merged.model === undefined) throw new CliError('No model is named.', 'Name one: --model Qwen/Qwen3-4B', 2);
}

function given(dataset: string | undefined, flags: TrainFlags): GivenSetting[] {
  const all: [string, string, unknown][] = [
    ['DATASET', 'dataset', dataset],
    ['--model', 'model', flags.model],
    ['--revision', 'revision', flags.revision],
    ['--method', 'method', flags.method],
    ['--rank', 'lora.rank', flags.rank],
    ['--alpha', 'lora.alpha', flags.alpha],
    ['--no-merge', 'lora.merge', flags.merge ? undefined : false],
    ['--epochs', 'epochs', flags.epochs],
    ['--max-steps', 'max_steps', flags.maxSteps],
    ['--batch', 'batch', flags.batch],
    ['--learning-rate', 'learning_rate', flags.learningRate],
    ['--weight-decay', 'weight_decay', flags.weightDecay],
    ['--warmup', 'warmup', flags.warmup],
    ['--max-tokens', 'max_tokens', flags.maxTokens],
    ['--seed', 'seed', flags.seed],
    ['--checkpoint-steps', 'checkpoint_steps', flags.checkpointSteps],
    ['--eval-steps', 'eval_steps', flags.evalSteps],
    ['--gpus', 'gpus', flags.gpus],
    ['--cpu', 'device', flags.cpu ? 'cpu' : undefined],
    ['--processes', 'gpus', flags.processes],
  ];
  return all
    .filter(([, , value]) => value !== undefined)
    .map(([flag, place, value]) => ({ flag, path: place.split('.'), value }));
}

/** An id of the Hub has one slash at most and is no directory here. */
function placed(name: string): string {
  if (isDirectory(name)) return path.resolve(name);
  if (/^[\w.-]+\/[\w.-]+$/.test(name) && !name.startsWith('.')) return name;
  throw new CliError(`${name} is no directory, and no id on the Hub such as Qwen/Qwen3-4B.`, null, 2);
}
