import type { Candidate } from '../candidate.js';
import type { SynthSettings } from '../settings.js';
import type { AnswerFile, PromptVariables } from '../teacher/teacher.js';
import { readEntryPoint } from './entry-point.js';
import { openSourceRepository } from './open-source-repository.js';
import { REPOSITORY_DIRECTORY } from './repository.js';
import { indexRepository } from './repository-index.js';
import { repositoryModule } from './repository-runner.js';
import { shownFiles } from './shown-files.js';

/**
 * What prompts that write or mend the programs of a task from a code base are filled in with, beside what all tasks have.
 * @returns `repository` is null for other tasks
 */
export async function repositoryVariables({ grounding }: Candidate, settings: SynthSettings): Promise<PromptVariables> {
  const source = grounding?.repository;
  if (!source) return { repository: null };
  const { path, commit, editable, entry_point } = source;
  const repository = await openSourceRepository({ from_repo: { path, commit, component: null } });
  const { tree, file_count, libraries, missing_libraries } = indexRepository(
    repository,
    settings.environment.description,
  );
  const module = repositoryModule(`${REPOSITORY_DIRECTORY}/${editable[0]}`);
  return {
    submission_module: module,
    repository: {
      name: repository.name,
      directory: REPOSITORY_DIRECTORY,
      commit,
      editable,
      entry_point,
      program: readEntryPoint(entry_point, repository)?.program ?? entry_point,
      module,
      tree,
      file_count,
      libraries,
      missing_libraries,
      files: shownFiles(repository, editable, entry_point),
    },
  };
}

/**
 * @returns what is wrong with the programs of a task from a code base, beside what is wrong with those of other tasks; null when nothing
 *   is, and for other tasks
 */
export function faultOfRepositoryFiles({ grounding }: Candidate, files: readonly AnswerFile[]): string | null {
  const source = grounding?.repository;
  if (!source) return null;
  const inside = files.find(({ path }) => path === REPOSITORY_DIRECTORY || path.startsWith(`${REPOSITORY_DIRECTORY}/`));
  if (inside) return `${inside.path} lies in the repository, which is in place already; checks change it when they run`;
  const paths = new Set(grounding.files.map(({ path }) => path.slice(REPOSITORY_DIRECTORY.length + 1)));
  const repository = { file: (path: string) => (paths.has(path) ? ({ path } as never) : null) };
  const program = readEntryPoint(source.entry_point, repository)?.program;
  const baseline = files.find(({ path }) => path === 'baseline.py');
  if (!program || !baseline || baseline.text.includes(program)) return null;
  return `baseline.py does not run the entry point of the repository, ${program}`;
}
