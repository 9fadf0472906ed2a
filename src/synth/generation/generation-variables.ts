import type { Candidate } from '../candidate.js';
import { GATES, GATES_BY_DEFAULT } from '../gates/gate.js';
import type { SynthSettings } from '../settings.js';
import { FILES_LIMITS } from '../teacher/answers/files-limits.js';
import type { PromptVariables } from '../teacher/teacher.js';
import { requiredFiles } from './check-files.js';
import { programLimits } from './program-limits.js';
import { SUBMISSION_BYTES } from './submission-bytes.js';
import { submissionModule } from './support-files.js';

/** Files of the data that a prompt names one by one; of thousands of pictures the first ones show how they are named. */
const NAMED_FILES = 12;

/** What the data of a candidate looks like to the programs; null without files. */
function dataOf({ grounding }: Candidate): PromptVariables | null {
  if (!grounding || grounding.files.length === 0 || grounding.repository) return null;
  const { plan, train_rows, test_rows, documentation, files, dataset } = grounding;
  const tables = new Set(['data/train.csv', 'data/test.csv', 'sample_submission.csv', 'answers.csv']);
  const others = files.filter((file) => !tables.has(file.path)).map((file) => file.path);
  return {
    repo: dataset?.repo ?? null,
    documentation,
    train_rows,
    test_rows,
    inputs: plan?.inputs ?? [],
    target: plan?.target ?? null,
    target_kind: plan?.target_kind ?? null,
    split: plan?.split.method ?? null,
    other_files: others.slice(0, NAMED_FILES),
    other_files_count: others.length,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
}

/**
 * What the prompts of generation and repair are filled in with: everything that the programs of a candidate rest on.
 * @throws Error for a candidate without proposal or grounding
 */
export function generationVariables(candidate: Candidate, settings: SynthSettings): PromptVariables {
  const { topic, proposal, grounding } = candidate;
  if (!proposal || !grounding) throw new Error(`${candidate.id} has no ${proposal ? 'grounding' : 'proposal'} yet`);
  const { image: _image, ...environment } = settings.environment;
  const { baseline_runs, evaluation_runs } = settings.verification;
  const { baselineS, evaluationS } = programLimits(settings);
  const data = dataOf(candidate);
  const module = submissionModule(proposal);
  return {
    topic,
    task: proposal,
    data,
    /** Dataset that was not looked at, because the check is switched off. */
    unchecked_dataset: data === null && !settings.hub.check ? (proposal.dataset?.id ?? null) : null,
    environment: {
      ...environment,
      memory_gib: Math.round((environment.memory_bytes / 2 ** 30) * 10) / 10,
      gpus: Math.min(proposal.gpus, environment.gpus),
    },
    limits: {
      baseline_runs,
      baseline_timeout_s: baselineS,
      evaluation_runs,
      evaluation_timeout_s: evaluationS,
      submission_mib: SUBMISSION_BYTES[proposal.submission.kind] / 2 ** 20,
      max_files: FILES_LIMITS.files,
      max_file_kib: FILES_LIMITS.fileBytes / 2 ** 10,
      max_answer_kib: FILES_LIMITS.totalBytes / 2 ** 10,
    },
    required_files: requiredFiles(candidate),
    submission_module: module,
    gates: Object.fromEntries(GATES.map((gate) => [gate, settings.gates[gate] ?? GATES_BY_DEFAULT[gate]])),
  };
}
