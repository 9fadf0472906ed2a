import type { Model } from '../../agent/models/model.js';
import type { PriceTable } from '../../agent/models/prices.js';
import type { TeacherSettings } from '../../agent/models/teacher-settings.js';
import { type Config, readKey } from '../../config.js';
import type { SynthSettings } from '../../synth/settings.js';
import { openModel } from '../models/open-model.js';

/** The models of a run. */
export interface SynthModels {
  /** In the order of the settings' teachers. */
  teachers: readonly Model[];
  reviewer: Model | null;
  /** What is to be said before the start. */
  warnings: readonly string[];
}

/** @param isReplayed nobody is asked, so that no endpoint has to be there and no key is needed */
export async function openModels(
  settings: SynthSettings,
  config: Config,
  prices: PriceTable,
  isReplayed: boolean,
): Promise<SynthModels> {
  const warnings: string[] = [];
  const parts = { config, prices, isAsked: !isReplayed, warn: (text: string) => void warnings.push(text) };
  const open = (teacher: TeacherSettings): Promise<Model> => openModel(teacher, parts);
  const teachers = await Promise.all(settings.teachers.map(open));
  const reviewer = settings.reviewer && (await open(settings.reviewer));
  return { teachers, reviewer, warnings };
}

/** @returns every key that the models of a run are asked with, to be kept out of what is written */
export function keysOf({ teachers, reviewer }: SynthSettings, config: Config): (string | undefined)[] {
  const named = [...teachers, ...(reviewer ? [reviewer] : [])].map(({ key_variable }) => key_variable);
  return [config.modelApiKey, ...named.map((variable) => (variable === null ? undefined : readKey(variable)))];
}

/** @returns the names of the models of a run */
export function modelsOf({ teachers, reviewer }: SynthSettings): string[] {
  return [...teachers, ...(reviewer ? [reviewer] : [])].map(({ model }) => model);
}
