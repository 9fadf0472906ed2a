import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const SEPARATOR = '--- user ---';
const HEAD = /^---\n[\s\S]*?\n---\n/;

/** A prompt by which a question is recognised. */
export interface KnownPrompt {
  name: string;
  /** How its system's part begins, up to the first thing that is filled in. */
  opening: string;
}

/**
 * Reads how the prompts of a directory begin.
 * @throws Error when two of them begin alike
 */
export async function readKnownPrompts(directory: string): Promise<KnownPrompt[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.md')).sort();
  const prompts = await Promise.all(
    names.map(async (name) => {
      const text = (await readFile(path.join(directory, name), 'utf8')).replace(HEAD, '');
      const [system = ''] = text.split(SEPARATOR);
      return {
        name: path.basename(name, '.md'),
        opening:
          system
            .trim()
            .split(/\n|\{[{%]/)[0]
            ?.trim() ?? '',
      };
    }),
  );
  // Prompts that continue a question have no beginning of their own.
  const known = prompts.filter(({ opening }) => opening !== '');
  for (const { name, opening } of known) {
    const other = known.find((prompt) => prompt.name !== name && prompt.opening.startsWith(opening));
    if (other) throw new Error(`The prompts ${name} and ${other.name} of ${directory} begin alike.`);
  }
  return known;
}
