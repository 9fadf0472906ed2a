import { z } from 'zod';
import { Proposal } from '../candidate.js';
import type { SynthSettings } from '../settings.js';
import { faultOfEntryPoint } from './entry-point.js';
import type { Repository } from './repository.js';

/** What the teacher proposes for a component of a code base. */
const RepoProposal = Proposal.omit({ submission: true, dataset: true }).extend({
  editable: z
    .array(z.string().regex(/^[\w.-]+(?:\/[\w.-]+)*$/))
    .min(1)
    .max(8)
    .describe('files of the repository that are handed in; everything else is frozen'),
  entry_point: z.string().describe('command that runs the component, from the top directory of the repository'),
});
export type RepoProposal = z.output<typeof RepoProposal>;

/** @returns what a proposal has to be so that the task can be built from the repository; faults go back to the teacher once */
export function repoProposalAnswer(repository: Repository, settings: SynthSettings) {
  const mostMinutes = settings.verification.baseline_timeout_s / 60;
  return RepoProposal.superRefine(({ editable, entry_point, metric, gpus, baseline_minutes, description }, context) => {
    const fault = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: field.split('.'), message });
    for (const file of editable)
      if (!repository.file(file)?.text) fault('editable', `${file} is no text file of the repository`);
    if (!editable.some((file) => file.endsWith('.py'))) fault('editable', 'hold no Python file');
    if (new Set(editable).size < editable.length) fault('editable', 'name a file twice');
    const python = repository.files.filter(({ path }) => path.endsWith('.py')).length;
    if (editable.length === python && python > 1) fault('editable', 'are all Python files: something must be frozen');
    const wrong = faultOfEntryPoint(entry_point, repository);
    if (wrong) fault('entry_point', wrong);
    if (metric.upper !== null && metric.upper <= metric.lower) fault('metric.upper', 'is not above metric.lower');
    if (description.trim().split(/\s+/).length < 12) fault('description', 'says too little: 12 words at least');
    if (gpus > settings.environment.gpus) fault('gpus', `the environment has ${settings.environment.gpus}`);
    if (baseline_minutes > mostMinutes)
      fault('baseline_minutes', `the baseline has ${mostMinutes} minutes at most; take a smaller setting`);
  });
}
