import path from 'node:path';
import type { Candidate, Grounding, Proposal } from '../candidate.js';
import { candidateSeed } from '../chance/candidate-seed.js';
import { proposalVariables } from '../proposal/proposal-variables.js';
import { withoutProposal } from '../proposal/without-proposal.js';
import type { StageContext } from '../stage.js';
import { openSourceRepository } from './open-source-repository.js';
import { type RepoProposal, repoProposalAnswer } from './repo-proposal-answer.js';
import { REPOSITORY_DIRECTORY, type Repository } from './repository.js';
import { indexRepository, type RepositoryIndex } from './repository-index.js';
import { shownFiles } from './shown-files.js';

function asProposal({ editable, entry_point: _entry, ...rest }: RepoProposal): Proposal {
  const files = editable.map((file) => `${REPOSITORY_DIRECTORY}/${file}`);
  return { ...rest, submission: { kind: 'program', files }, dataset: null };
}

/**
 * The repository as what a task rests on: every file of the commit in the workspace, below `repository/`.
 * @param cacheDirectory where the files are written, once for each commit
 */
async function groundInRepository(
  { editable, entry_point }: RepoProposal,
  repository: Repository,
  licence: RepositoryIndex['licence'],
  cacheDirectory: string,
): Promise<Grounding> {
  const directory = await repository.extract(cacheDirectory);
  return {
    dataset: null,
    plan: null,
    files: repository.files.map((file) => ({
      path: `${REPOSITORY_DIRECTORY}/${file.path}`,
      host_path: path.join(directory, file.path),
      bytes: file.contents.length,
      is_hidden: false,
    })),
    train_rows: 0,
    test_rows: 0,
    documentation: '',
    repository: { path: repository.place, commit: repository.commit, editable, entry_point, licence },
  };
}

/**
 * Asks the teacher for a task on a component of the code base: which files may be changed, how the component is run, what is measured.
 * The repository is its grounding, so that nothing is left to be looked up.
 */
export async function proposeFromRepo(candidate: Candidate, context: StageContext): Promise<Candidate> {
  const { settings, teacher, cacheDirectory, tell } = context;
  const repository = await openSourceRepository(settings);
  tell(`asks for a task on ${repository.name}`);
  const { component } = candidate.topic;
  const { outline: _outline, ...index } = indexRepository(repository, settings.environment.description);
  const answer = await teacher.askJson(
    {
      key: 'proposal',
      prompt: 'repo-proposal',
      seed: candidateSeed(candidate, 'proposal'),
      variables: {
        ...proposalVariables(candidate, settings),
        repository: { name: repository.name, commit: repository.commit, ...index },
        files: shownFiles(repository, component?.files ?? [], component?.entry_point ?? null),
      },
    },
    repoProposalAnswer(repository, settings),
  );
  if ('fault' in answer) return withoutProposal(candidate, answer.fault);
  const grounding = await groundInRepository(answer.value, repository, index.licence, cacheDirectory);
  return { ...candidate, proposal: asProposal(answer.value), grounding, state: 'grounding' };
}
