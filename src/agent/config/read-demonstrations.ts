import type { AgentConfig } from './agent-config.js';
import { type CheckoutFiles, readTextFile } from './checkout-files.js';
import type { ConfigSection } from './config-section.js';
import { readDemonstration } from './demonstration.js';

/** Reads the recordings of `demonstrations`, and reports those that cannot be shown. */
export async function readDemonstrations(
  section: ConfigSection,
  files: CheckoutFiles,
): Promise<Pick<AgentConfig, 'demonstrations' | 'putDemonstrationsInHistory'>> {
  const demonstrations: { path: string; contents: string }[] = [];
  const put = section.flag('put_demos_in_history', false);
  for (const [index, path] of section.texts('demonstrations').entries()) {
    const key = ['demonstrations', index];
    const contents = await readNamed(section, key, path, files);
    if (contents === null) continue;
    const { problem } = readDemonstration({ path, contents });
    if (problem === null) demonstrations.push({ path, contents });
    else section.error(key, `${path}: ${problem}`, 'name a .traj file');
  }
  if (demonstrations.length > 0 && !put && !section.has('demonstration_template')) {
    const remedy = 'write demonstration_template, or put_demos_in_history: true';
    section.error('demonstrations', 'cannot be shown without a template', remedy);
  }
  return { demonstrations, putDemonstrationsInHistory: put };
}

/** @returns the text of a file that a configuration names; null, reported, when there is none */
export async function readNamed(
  section: ConfigSection,
  key: readonly PropertyKey[],
  path: string,
  files: CheckoutFiles,
): Promise<string | null> {
  const found = await files.find(path);
  if (found === null) {
    const where =
      files.directories.length === 1 ? files.directories[0] : `${files.directories[0]} and the directories above it`;
    section.error(key, `there is no ${path} in ${where}`, 'write a path from the root of the checkout');
    return null;
  }
  try {
    return await readTextFile(found);
  } catch (error) {
    section.error(key, error instanceof Error ? error.message : String(error), 'name a text file');
    return null;
  }
}
