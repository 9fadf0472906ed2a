import { homedir } from 'node:os';
import path from 'node:path';
import { readConfig } from '../../config.js';
import { SOFTWARE } from '../../protocol/index.js';
import type { Candidate } from '../candidate.js';
import type { PromptStamp } from '../journal/journal.js';
import { readJournal } from '../journal/read-journal.js';
import { type SecretFilter, secretFilter } from '../journal/secret-filter.js';
import { RunPlaces } from '../run/run-places.js';
import type { StageContext } from '../stage.js';

/** What can be said of a task to everybody: without secrets, and without places of this machine. */
function publicFilter({ directory, cacheDirectory, drafts }: StageContext): SecretFilter {
  const { token, modelApiKey, network } = readConfig();
  const secrets = secretFilter([token, modelApiKey, network.hubToken]);
  const { root } = RunPlaces.ofCandidate(directory);
  const places = [drafts.root, root, cacheDirectory, process.cwd(), homedir()]
    .filter((place) => path.isAbsolute(place) && place.length > 1)
    .sort((a, b) => b.length - a.length);
  const text = (value: string) => places.reduce((cleaned, place) => cleaned.replaceAll(place, '...'), value);
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [text(name), clean(field)]));
  };
  return (value) => clean(secrets(value));
}

/** What was asked of models for a candidate: by which texts, and who answered. */
async function askedOf(candidate: Candidate, journal: string): Promise<{ prompts: PromptStamp[]; models: string[] }> {
  const prompts = new Map<string, PromptStamp>();
  const models = new Set<string>();
  for await (const { prompt, model } of readJournal(path.join(journal, candidate.id))) {
    if (prompt !== null) prompts.set(`${prompt.name} ${prompt.version} ${prompt.sha256}`, prompt);
    if (model !== null) models.add(model);
  }
  return {
    prompts: [...prompts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stamp]) => stamp),
    models: [...models].sort(),
  };
}

function groundOf({ grounding }: Candidate): Record<string, unknown> {
  const { dataset = null, plan = null, train_rows = 0, test_rows = 0, repository = null } = grounding ?? {};
  return {
    dataset: dataset && {
      repo: dataset.repo,
      requested: dataset.requested,
      is_substitute: dataset.is_substitute,
      revision: dataset.revision,
      data_revision: dataset.data_revision,
      config: dataset.config,
      split: dataset.split,
      licence: dataset.licence,
    },
    plan,
    rows: { train: train_rows, test: test_rows },
    repository: repository && {
      name: path.basename(repository.path),
      commit: repository.commit,
      editable: repository.editable,
      entry_point: repository.entry_point,
      licence: repository.licence,
    },
  };
}

/**
 * Where a task comes from, for its sidecar: topic, models, prompts, dataset, attempts, cost, and where its trajectories lie in the
 * directory of the run.
 * @param fingerprint of what the task is made of
 */
export async function provenanceOf(
  candidate: Candidate,
  context: StageContext,
  fingerprint: string,
): Promise<Record<string, unknown>> {
  const places = RunPlaces.ofCandidate(context.directory);
  const { prompts, models } = await askedOf(candidate, places.journal);
  const record = {
    made_by: `${SOFTWARE.name} ${SOFTWARE.version}`,
    fingerprint,
    candidate: candidate.id,
    seed: candidate.seed,
    topic: candidate.topic,
    teacher: context.teacher.name,
    models,
    prompts,
    ...groundOf(candidate),
    attempts: candidate.attempts.map(({ number, how, verdict, fault }) => ({ number, how, verdict, fault })),
    reason: candidate.reason,
    detail: candidate.detail,
    spent: candidate.spent,
    trajectories: candidate.episodes.map(({ directory, score, steps }) => ({
      path: path.relative(places.root, path.resolve(context.directory, directory)),
      score,
      steps,
    })),
  };
  return publicFilter(context)(record) as Record<string, unknown>;
}

/** The verdicts of the gates on the attempt that is published, for its sidecar. */
export function verdictsOf(candidate: Candidate, context: StageContext): Record<string, unknown> {
  const verdicts = (candidate.attempts.at(-1)?.gates ?? []).map(({ gate, verdict, fault, detail, measured }) => [
    gate,
    { verdict, fault, detail, measured },
  ]);
  return publicFilter(context)(Object.fromEntries(verdicts)) as Record<string, unknown>;
}
