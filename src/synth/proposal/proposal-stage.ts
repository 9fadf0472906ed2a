import { candidateSeed } from '../chance/candidate-seed.js';
import { proposeFromRepo } from '../from-repo/propose-from-repo.js';
import type { Stage } from '../stage.js';
import { proposalAnswer } from './proposal-answer.js';
import { proposalVariables } from './proposal-variables.js';
import { withoutProposal } from './without-proposal.js';

/**
 * Asks the teacher for a task on the candidate's topic: what is optimised and how it is scored, what is handed in, and a dataset or none. A
 * function of the candidate alone.
 */
export const proposalStage: Stage = {
  name: 'proposal',
  async run(candidate, context) {
    const { settings, teacher, tell } = context;
    if (settings.from_repo !== null) return proposeFromRepo(candidate, context);
    tell('asks for a proposal');
    const question = {
      key: 'proposal',
      prompt: 'proposal',
      variables: proposalVariables(candidate, settings),
      seed: candidateSeed(candidate, 'proposal'),
    };
    const answer = await teacher.askJson(question, proposalAnswer(settings));
    if ('fault' in answer) return withoutProposal(candidate, answer.fault);
    return { ...candidate, proposal: answer.value, state: 'grounding' };
  },
};
