import type { TeacherSettings } from '../../agent/models/teacher-settings.js';
import { type Config, readKey } from '../../config.js';
import { CliError } from '../cli-error.js';

/** @returns the key of a model, out of the environment @throws CliError where the variable that it names is empty */
export function modelKey(
  { model, key_variable }: Pick<TeacherSettings, 'model' | 'key_variable'>,
  config: Config,
): string | undefined {
  if (key_variable === null) return config.modelApiKey;
  const key = readKey(key_variable);
  if (key !== undefined) return key;
  throw new CliError(
    `The key of ${model} is to be in ${key_variable}, which is empty.`,
    `Set it: export ${key_variable}=...`,
  );
}
