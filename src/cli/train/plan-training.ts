import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { writeNumber } from '../../page/figure.js';
import { type MemoryEstimate, memoryEstimate } from '../../train/memory-estimate.js';
import { type ModelShape, modelShape, parametersOf } from '../../train/model-shape.js';
import { type OpenDataset, openDataset } from '../../train/open-dataset.js';
import type { TrainSettings } from '../../train/train-settings.js';
import { type TrainingDevice, trainingDevices } from '../../train/training-devices.js';
import { CliError } from '../cli-error.js';
import { isDirectory } from './read-train-settings.js';

/** What a training will take, known before it begins. */
export interface TrainPlan {
  local: { model: boolean; dataset: boolean };
  /** Null: it comes from the Hub. */
  dataset: OpenDataset | null;
  devices: TrainingDevice[];
  processes: number;
  shape: ModelShape | null;
  memory: MemoryEstimate | null;
  diskBytes: number;
  /** Null: the dataset comes from the Hub. */
  steps: number | null;
  warnings: string[];
}

/**
 * Looks at dataset, model, GPUs and disk.
 * @param only UUIDs of GPUs that may be used; empty: all
 * @param isDry the plan is for looking at: what speaks against it is told beside it
 * @throws TrainError, CliError for what cannot work; with force only for what is missing
 */
export async function planTraining(
  settings: TrainSettings,
  out: string,
  { only, force, isDry }: { only: readonly string[]; force: boolean; isDry: boolean },
): Promise<TrainPlan> {
  const local = { model: isDirectory(settings.model), dataset: isDirectory(settings.dataset) };
  const dataset = local.dataset ? await openDataset(settings.dataset) : null;
  const shape = await modelShape(settings.model, local.model);
  const warnings: string[] = [];
  const devices = settings.device === 'gpu' ? await chooseDevices(settings, only, isDry ? warnings : null) : [];
  const processes = devices.length || (settings.gpus ?? 1);
  if (settings.batch % processes !== 0) {
    const text = `A batch of ${settings.batch} rows cannot be shared by ${processes} processes.`;
    throw new CliError(text, 'Choose a number of GPUs that divides it: --gpus, --batch', 2);
  }
  const doubt = (text: string, remedy: string) => {
    if (!force && !isDry) throw new CliError(text, `${remedy} --force begins all the same.`);
    warnings.push(text);
  };
  const memory = shape && settings.device === 'gpu' ? memoryEstimate(shape, settings, processes) : null;
  const smallest = Math.min(...devices.map(({ bytes }) => bytes));
  if (memory && memory.bytes > smallest) doubt(...tooLittleMemory(memory, smallest, settings, processes));
  const diskBytes = diskNeed(settings, shape, dataset);
  const { bavail, bsize } = await statfs(path.dirname(out)).catch(() => statfs('.'));
  if (diskBytes > bavail * bsize) {
    const text = `${out} will hold about ${writeNumber(diskBytes, 'bytes')}; ${writeNumber(bavail * bsize, 'bytes')} are free.`;
    doubt(text, 'Make room, or name another place with --out.');
  }
  if (dataset) warnings.push(...aboutDataset(dataset, settings));
  const rows = dataset?.rows.train ?? null;
  const epochs = rows === null ? null : Math.ceil(Math.ceil(rows / settings.batch) * settings.epochs);
  return {
    local,
    dataset,
    devices,
    processes,
    shape,
    memory,
    diskBytes,
    steps: settings.max_steps ?? epochs,
    warnings,
  };
}

async function chooseDevices(
  { gpus }: TrainSettings,
  only: readonly string[],
  warnings: string[] | null,
): Promise<TrainingDevice[]> {
  const found = await trainingDevices(only);
  const wanted = gpus ?? Math.min(8, found.length);
  if (wanted > 0 && found.length >= wanted) return found.slice(0, wanted);
  const text =
    found.length === 0 ? 'This machine has no GPU that nvidia-smi lists.' : `There are ${found.length} GPUs.`;
  if (warnings !== null) {
    warnings.push(text);
    return [];
  }
  throw new CliError(text, 'gymsmith doctor shows what there is; --cpu trains a tiny model without one.');
}

function tooLittleMemory(
  { bytes, parts }: MemoryEstimate,
  has: number,
  { method }: TrainSettings,
  gpus: number,
): [string, string] {
  const gb = (value: number) => `${(value / 1e9).toFixed(1)} GB`;
  const sum = parts.map(
    (part) => `  ${gb(part.bytes).padStart(9)}  ${part.what}${part.arithmetic && `: ${part.arithmetic}`}`,
  );
  const text = `Each of ${gpus} GPUs would have to hold about ${gb(bytes)} and has ${gb(has)}:\n${sum.join('\n')}`;
  const remedy =
    method === 'full' ? 'Use more GPUs, or --method lora.' : 'Use a dataset cut to fewer tokens (--max-tokens).';
  return [text, remedy];
}

/** Checkpoints hold weights and both moments of AdamW in 32 bits; there is one more while it is written. */
function diskNeed(settings: TrainSettings, shape: ModelShape | null, dataset: OpenDataset | null): number {
  const rows = (dataset?.bytes ?? 0) * 2;
  if (shape === null) return rows;
  const { all, perRank } = parametersOf(shape);
  const trained = settings.method === 'full' ? all : perRank * settings.lora.rank;
  const result = settings.method === 'full' || settings.lora.merge ? 2 * all : 0;
  return 12 * trained * (settings.keep_checkpoints + 1) + result + rows;
}

function aboutDataset({ manifest }: OpenDataset, { max_tokens }: TrainSettings): string[] {
  const { truncate_tokens } = manifest.settings;
  const estimated = 'The dataset was made without a tokenizer: its counts are estimates, and a row may be too long.';
  const longer = `Rows of the dataset were cut at ${truncate_tokens ?? 'no'} tokens; one longer than ${max_tokens} ends the training.`;
  return [
    ...(manifest.tokenizer.exact ? [] : [estimated]),
    ...(truncate_tokens === null || truncate_tokens > max_tokens ? [longer] : []),
  ];
}
