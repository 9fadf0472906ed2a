import { learningRate, type TrainSettings } from './train-settings.js';

/** What the recipe finds where it runs. */
export interface RecipePaths {
  dataset: string;
  model: string;
  out: string;
}

/** @returns the settings as docker/train/settings.py reads them, with paths as they are where it runs */
export function recipeSettings(settings: TrainSettings, paths: RecipePaths): Record<string, unknown> {
  const { lora, gpus: _, ...rest } = settings;
  return {
    ...rest,
    ...paths,
    model_name: settings.model,
    learning_rate: learningRate(settings),
    lora_rank: lora.rank,
    lora_alpha: lora.alpha,
    lora_dropout: lora.dropout,
    lora_targets: lora.targets,
    merge: lora.merge,
  };
}
