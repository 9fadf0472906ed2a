import type { SynthSettings } from '../settings.js';
import { Repository } from './repository.js';
import { RepositoryError } from './repository-error.js';

/** A process makes tasks from one repository; every candidate reads the same. */
let opened: { key: string; repository: Promise<Repository> } | null = null;

/**
 * The code base of the settings at its commit, read once.
 * @throws RepositoryError when it cannot be read, or when the settings name none
 */
export function openSourceRepository({ from_repo }: Pick<SynthSettings, 'from_repo'>): Promise<Repository> {
  if (from_repo === null) return Promise.reject(new RepositoryError('The settings name no repository'));
  const key = JSON.stringify([from_repo.path, from_repo.commit]);
  if (opened?.key === key) return opened.repository;
  const repository = Repository.open(from_repo);
  opened = { key, repository };
  repository.catch(() => {
    opened = null;
  });
  return repository;
}
