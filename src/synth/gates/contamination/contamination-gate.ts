import { readFile } from 'node:fs/promises';
import { REPOSITORY_DIRECTORY } from '../../from-repo/repository.js';
import { listAttempt } from '../../generation/attempt-files.js';
import { isBlocked, isBlockedConfig } from '../../grounding/block-list.js';
import type { Gate, GateFinding, GateSubject } from '../gate.js';
import type { ContaminationSources, EarlierTask } from './contamination-sources.js';
import { findOverlap, type JudgedText } from './find-overlap.js';
import { findRepeated } from './find-repeated.js';

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Where texts that the teacher wrote for agent and evaluator lie; what we add to every task is not among them. */
async function textsOf({ candidate, attempt, context }: GateSubject): Promise<JudgedText[]> {
  const files = (await listAttempt(context.directory, attempt.number)).filter(({ audience }) => audience !== 'checks');
  const { repository, files: given } = candidate.grounding ?? { repository: null, files: [] };
  // Of a code base, what the agent starts from is the baseline.
  const editable = new Set(repository?.editable.map((file) => `${REPOSITORY_DIRECTORY}/${file}`));
  const starting = given.flatMap(({ path, host_path }) => (editable.has(path) ? [{ path, hostPath: host_path }] : []));
  const code = [...files, ...starting].filter(({ path }) => /\.(?:py|sh|md)$/.test(path));
  return [
    { name: 'description', text: candidate.proposal?.description ?? '' },
    ...(await Promise.all(
      code.map(async ({ path, hostPath }) => ({ name: path, text: await readFile(hostPath, 'utf8') })),
    )),
  ];
}

async function earlierTasks(
  sources: ContaminationSources,
  { candidate, context }: GateSubject,
): Promise<EarlierTask[]> {
  const proposals = await sources.earlier(candidate.id, context.signal);
  return [
    ...sources.published,
    ...proposals.map(({ id, proposal: { name, description } }) => ({ id, name, description })),
  ];
}

async function compare(subject: GateSubject, sources: ContaminationSources): Promise<GateFinding> {
  const proposal = subject.candidate.proposal!;
  const others = await earlierTasks(sources, subject);
  const repeated = findRepeated(proposal, others);
  const overlap = findOverlap(await textsOf(subject), sources.benchmarks);
  const measured = {
    compared_tasks: others.length,
    nearest_task: repeated?.nearest.id ?? null,
    nearest_cosine: repeated?.nearest.cosine ?? 0,
    benchmark_tasks: sources.benchmarks.reduce((sum, { tasks }) => sum + tasks.length, 0),
    overlap_task: overlap?.worst.task ?? null,
    overlap_text: overlap?.worst.text ?? null,
    overlap_grams: overlap?.worst.grams ?? 0,
    overlap_share: overlap?.worst.share ?? 0,
  };
  if (repeated?.repeats) {
    const { id, name, cosine, shared_grams } = repeated.nearest;
    const shared = shared_grams > 0 ? `, ${shared_grams} sequences of 14 words in common` : '';
    const detail = `Repeats ${id} (${name}): similarity ${cosine.toFixed(2)}${shared}.`;
    return { verdict: 'fail', fault: 'near_duplicate', detail, measured };
  }
  if (overlap?.repeats) {
    const { benchmark, task, text, grams, share } = overlap.worst;
    const detail = `${text} shares ${grams} sequences of 14 words (${percent(share)} of its own) with ${task} of ${benchmark}.`;
    return { verdict: 'fail', fault: 'benchmark_overlap', detail, measured };
  }
  const near = repeated
    ? `nearest task ${repeated.nearest.id} at ${repeated.nearest.cosine.toFixed(2)}`
    : 'no other task';
  const most = overlap
    ? `${overlap.worst.grams} sequences shared with ${overlap.worst.task}`
    : 'nothing shared with benchmarks';
  return { verdict: 'pass', detail: `New: ${near}; ${most}.`, measured };
}

/**
 * G7: a task repeats neither another one of the run or the pack nor a benchmark. By its dataset, by the words of its description (among
 * tasks of lower number only: the first of two alike stays), and by sequences of 14 words of description and programs.
 */
export const contaminationGate: Gate = {
  name: 'contamination',
  async judge(subject) {
    const { candidate, context } = subject;
    const { blocked } = context.settings.hub;
    const { dataset } = candidate.grounding ?? {};
    const ids = [dataset?.repo, dataset?.requested, candidate.proposal?.dataset?.id].filter((id) => id !== undefined);
    const used = dataset ? ids.slice(0, 1) : ids;
    const isPart = dataset ? isBlockedConfig(dataset.repo, dataset.config) : false;
    const bad = isPart ? `${dataset?.repo} (${dataset?.config})` : used.find((id) => isBlocked(id, blocked));
    if (bad !== undefined) {
      const detail = `The dataset ${bad} belongs to a benchmark.`;
      return { verdict: 'fail', fault: 'dataset_blocked', detail, measured: { dataset: bad } };
    }
    if (context.contamination) return compare(subject, context.contamination);
    return { verdict: 'pass', detail: 'The dataset is no benchmark; there was nothing else to compare with.' };
  },
};
