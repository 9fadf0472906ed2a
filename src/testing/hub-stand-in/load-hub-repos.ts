import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { datasetRepo } from './dataset-repo.js';
import type { HubRepo } from './hub-repo.js';

/** `stand-in.yaml`: what the Hub knows of a repository beside what is in it. */
const Facts = z
  .strictObject({
    downloads: z.int().min(0).optional(),
    likes: z.int().min(0).optional(),
    aliases: z.array(z.string()).optional(),
    gated: z.enum(['auto', 'manual']).optional(),
    private: z.boolean().optional(),
    disabled: z.boolean().optional(),
    viewer: z.enum(['rows', 'pending', 'disabled', 'script', 'empty']).optional(),
    claims_times: z.int().positive().optional(),
  })
  .transform(({ private: isPrivate, disabled: isDisabled, claims_times: claimsTimes, ...facts }) => ({
    ...facts,
    ...(isPrivate && { isPrivate }),
    ...(isDisabled && { isDisabled }),
    ...(claimsTimes && { claimsTimes }),
  }));

const FACTS = 'stand-in.yaml';

/**
 * Reads the repositories of datasets below a directory, each in `<owner>/<name>/` with its card, its files and `stand-in.yaml`.
 * @throws Error naming the repository that is none
 */
export async function loadHubRepos(directory: string): Promise<HubRepo[]> {
  const repos: HubRepo[] = [];
  for (const owner of await directoriesOf(directory)) {
    for (const name of await directoriesOf(path.join(directory, owner))) {
      repos.push(await loadRepo(path.join(directory, owner, name), `${owner}/${name}`));
    }
  }
  return repos;
}

async function loadRepo(directory: string, id: string): Promise<HubRepo> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files: Record<string, Uint8Array> = {};
  for (const entry of entries) {
    const place = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.relative(directory, place).split(path.sep).join('/')] = await readFile(place);
  }
  const { [FACTS]: facts, ...shown } = files;
  try {
    return datasetRepo({ id, ...Facts.parse(parse(new TextDecoder().decode(facts)) ?? {}) }, shown);
  } catch (error) {
    throw new Error(`${directory} is no repository of the Hub's stand-in: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function directoriesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}
