import { readFile, stat } from 'node:fs/promises';
import type { DraftFile, TaskDraft } from '../../env/packs/task-draft.js';
import type { Candidate, Grounding, Proposal } from '../candidate.js';
import type { SynthSettings } from '../settings.js';
import { type AttemptFile, listAttempt } from './attempt-files.js';
import { SUBMISSION_BYTES } from './submission-bytes.js';
import { supportFiles } from './support-files.js';
import { plainText, taskDescription } from './task-description.js';

const DATA = 'data/';

/** What is known of a task only when it is published; drafts have none of it. */
export interface DraftOptions {
  /** Name in the pack and last part of the env id, without version; of a draft the candidate's id. */
  id?: string;
  namespace?: string;
  version?: number;
  baseline?: TaskDraft['sidecar']['baseline'];
  provenance?: Record<string, unknown>;
  gates?: Record<string, unknown>;
}

/** Env id under which an attempt is tried out. */
export function draftEnvId(candidate: Candidate, attempt: number): string {
  return `draft/${candidate.id}-v${attempt + 1}`;
}

function datasetOf(proposal: Proposal, grounding: Grounding, settings: SynthSettings): TaskDraft['datasets'] {
  const files = grounding.files.filter((file) => file.path.startsWith(DATA));
  if (files.length > 0) {
    const name = grounding.dataset?.repo.split('/').at(-1) ?? proposal.slug;
    return [
      {
        name,
        description: plainText(grounding.documentation),
        data_path: 'data',
        files: files.map((file) => ({ path: file.path.slice(DATA.length), hostPath: file.host_path })),
      },
    ];
  }
  if (settings.hub.check || proposal.dataset === null) return [];
  const { id } = proposal.dataset;
  const description = plainText(`The dataset ${id} of the Hub. ${proposal.dataset.reason}`);
  return [{ name: id.split('/').at(-1) ?? id, description, data_path: id, is_local: false, files: null }];
}

async function evaluatorText(files: readonly AttemptFile[]): Promise<string> {
  const evaluator = files.find((file) => file.path === 'evaluate.py');
  return evaluator ? readFile(evaluator.hostPath, 'utf8') : '';
}

/** A given file; those of a code base may be programs. */
async function asItIs({ path, host_path }: Grounding['files'][number]): Promise<DraftFile> {
  return { path, hostPath: host_path, mode: (await stat(host_path)).mode };
}

/**
 * An attempt as a task that can be written into a pack: configuration in MLGym's format, the files of agent and evaluator, the data
 * where it lies in the shared cache, and the sidecar.
 * @param attempt its number; its files lie below `context.directory`
 * @throws Error for a candidate without proposal or grounding; as `fs` does
 */
export async function draftOfCandidate(
  candidate: Candidate,
  attempt: number,
  context: { settings: SynthSettings; directory: string },
  options: DraftOptions = {},
): Promise<TaskDraft> {
  const { proposal, grounding } = candidate;
  if (!proposal || !grounding) throw new Error(`${candidate.id} has no ${proposal ? 'grounding' : 'proposal'} yet`);
  const { settings } = context;
  const { environment, verification } = settings;
  const own = (await listAttempt(context.directory, attempt)).filter(({ audience }) => audience !== 'checks');
  const names = new Set(own.map((file) => file.path));
  const evaluator = await evaluatorText(own);
  const support = supportFiles(proposal, evaluator).filter((file) => !names.has(file.path));
  const ofData = grounding.files.filter((file) => !file.path.startsWith(DATA));
  const datasets = datasetOf(proposal, grounding, settings);
  const hidden = [
    ...own.filter(({ audience }) => audience === 'hidden').map((file) => file.path),
    ...grounding.files.filter((file) => file.is_hidden).map((file) => file.path),
  ];
  const { metric, submission } = proposal;
  const { id = candidate.id, namespace = 'draft', version = attempt + 1, baseline = null } = options;
  return {
    config: {
      id: options.id ?? `${id}-v${version}`,
      name: plainText(proposal.name).replace(/\s+/g, ' '),
      description: taskDescription(proposal, grounding, settings, {
        hasDataset: datasets.length > 0,
        hasHidden: hidden.length > 0,
      }),
      task_entrypoint: submission.kind === 'predictions' ? 'CSVSubmissionTasks' : 'PythonSubmissionTasks',
      training_timeout: verification.baseline_timeout_s,
      baseline_paths: ['baseline.py'],
      baseline_scores: baseline ? [{ [metric.name]: baseline.score }] : [],
      sample_submission: ofData.some((file) => file.path === 'sample_submission.csv') ? 'sample_submission.csv' : null,
      evaluation_paths: ['evaluate.py'],
      evaluation_read_only: true,
      secret_files: hidden,
    },
    datasets,
    files: [
      ...own.map((file) => ({ path: file.path, hostPath: file.hostPath })),
      ...support,
      ...(await Promise.all(ofData.map(asItIs))),
    ],
    requirements: null,
    sidecar: {
      version: 1,
      env_id: `${namespace}/${id}-v${version}`,
      metric: {
        name: metric.name,
        direction: metric.direction,
        // Half a range is none: rewards would scale by its missing end.
        bounds: metric.upper === null ? null : [metric.lower, metric.upper],
      },
      baseline,
      evaluation: {
        mode: 'sealed',
        // The referee gives up its rights for what was handed in, and can only do so as root.
        run_as: support.some((file) => file.path === 'referee.py') ? 'root' : 'evaluator',
        timeout_ms: verification.evaluation_timeout_s * 1000,
      },
      hidden_files: hidden,
      submission: { paths: [...submission.files], max_bytes: SUBMISSION_BYTES[submission.kind] },
      resources: {
        image: environment.image,
        cpus: environment.cpus,
        memory_bytes: environment.memory_bytes,
        gpus: Math.min(proposal.gpus, environment.gpus),
      },
      network: 'none',
      limits: { max_steps: verification.agent_max_steps },
      provenance: options.provenance ?? {},
      gates: options.gates ?? {},
    },
  };
}
