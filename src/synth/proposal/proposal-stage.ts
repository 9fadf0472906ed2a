import type { Candidate } from '../candidate.js';
import { uniform } from '../chance/uniform.js';
import { proposeFromRepo } from '../from-repo/propose-from-repo.js';
import { programLimits } from '../generation/program-limits.js';
import type { SynthSettings } from '../settings.js';
import { rejected, type Stage } from '../stage.js';
import type { PromptVariables } from '../teacher/teacher.js';
import { proposalAnswer } from './proposal-answer.js';

/** Endpoints take seeds of 31 bits. */
const SEEDS = 2 ** 31;

/**
 * Asks the teacher for a task on the candidate's topic: what is optimised and how it is scored, what is handed in, and a dataset or none. A
 * function of the candidate alone; of several tasks on one topic each is told its number.
 */
export const proposalStage: Stage = {
  name: 'proposal',
  async run(candidate, context) {
    if (context.settings.from_repo !== null) return proposeFromRepo(candidate, context);
    context.tell('asks for a proposal');
    const question = {
      key: 'proposal',
      prompt: 'proposal',
      variables: proposalVariables(candidate, context.settings),
      seed: Math.floor(uniform(candidate.seed, candidate.id, 'proposal') * SEEDS),
    };
    const answer = await context.teacher.askJson(question, proposalAnswer(context.settings));
    if ('value' in answer) return { ...candidate, proposal: answer.value, state: 'grounding' };
    const { kind, detail } = answer.fault;
    return rejected(candidate, kind === 'refused' ? 'proposal_refused' : 'proposal_malformed', detail);
  },
};

function proposalVariables({ id, topic }: Candidate, settings: SynthSettings): PromptVariables {
  const { environment, hub } = settings;
  const { baselineS, evaluationS } = programLimits(settings);
  return {
    topic,
    variant: { number: Number(/^\d+-(\d+)/.exec(id)?.[1] ?? 1), count: settings.tasks_per_topic },
    environment: {
      description: environment.description,
      cpus: environment.cpus,
      memory_gib: Math.round((environment.memory_bytes / 2 ** 30) * 10) / 10,
      gpus: environment.gpus,
    },
    limits: {
      baseline_minutes: Math.round((baselineS / 60) * 10) / 10,
      evaluation_s: evaluationS,
      rows: hub.max_rows,
      dataset_mib: Math.floor(hub.max_bytes / 2 ** 20),
    },
    blocked: hub.blocked,
  };
}
