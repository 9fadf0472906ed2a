import path from 'node:path';
import type { Candidate, DatasetEvidence, Grounding, Proposal } from '../candidate.js';
import { proposalOf } from '../proposal/proposal-of.js';
import { rejected, type Stage, type StageContext } from '../stage.js';
import { askDesign } from './ask-design.js';
import { isBlocked } from './block-list.js';
import type { Design } from './check-design.js';
import { DataFault } from './data-fault.js';
import { type DatasetView, viewDataset } from './dataset-view.js';
import { documentData } from './document-data.js';
import { findDataset } from './find-dataset.js';
import type { HubDataFile, HubDataset } from './hub/hub.js';
import { RowsFault } from './rows/row-source.js';
import { type MadeData, makeTaskData } from './tables/make-task-data.js';

const NOTHING: Grounding = {
  dataset: null,
  plan: null,
  files: [],
  train_rows: 0,
  test_rows: 0,
  documentation: '',
  repository: null,
};

/** Checks the dataset of a proposal against the Hub, and makes the data of the task from its rows. */
export const groundingStage: Stage = {
  name: 'grounding',
  async run(candidate, context) {
    const proposal = proposalOf(candidate);
    // A task from a code base has its samples in the repository.
    if (candidate.grounding) return { ...candidate, state: 'generation' };
    const { dataset } = proposal;
    if (!dataset) return grounded(candidate, NOTHING);
    const { hub: settings } = context.settings;
    if (!settings.check) {
      if (!isBlocked(dataset.id, settings.blocked)) return grounded(candidate, NOTHING);
      return rejected(
        candidate,
        'dataset_blocked',
        `${dataset.id} belongs to a benchmark, or to what the settings block.`,
      );
    }
    return ground(candidate, { ...proposal, dataset }, context);
  },
};

function grounded(candidate: Candidate, grounding: Grounding): Candidate {
  return { ...candidate, grounding, state: 'generation' };
}

async function ground(
  candidate: Candidate,
  proposal: Proposal & { dataset: NonNullable<Proposal['dataset']> },
  context: StageContext,
): Promise<Candidate> {
  const { hub, teacher, settings, signal, tell } = context;
  tell(`looking up ${proposal.dataset.id}`);
  const found = await findDataset(proposal.dataset, hub, settings.hub, signal);
  if ('reason' in found) return rejected(candidate, found.reason, found.detail);
  const { dataset } = found;
  tell(`looking at ${dataset.repo}`);
  const view = await viewDataset(dataset.repo, hub, settings.hub, signal);
  if ('reason' in view) return rejected(candidate, view.reason, view.detail);
  tell(`asking how ${dataset.repo} becomes a task`);
  const asked = await askDesign({ topic: candidate.topic, proposal, found, view }, teacher);
  if ('unsuitable' in asked) return rejected(candidate, 'dataset_unsuitable', `${dataset.repo}: ${asked.unsuitable}`);
  const { design } = asked;
  const files = view.files.filter(({ config, split }) => config === design.config && split === design.split);
  try {
    const data = await makeData(candidate, dataset, design, files, context);
    const evidence = evidenceOf(proposal.dataset.id, found, view, design, files);
    return grounded(candidate, groundingOf(evidence, design, data, context));
  } catch (error) {
    if (!(error instanceof DataFault) && !(error instanceof RowsFault)) throw error;
    return rejected(candidate, 'dataset_unsuitable', `${dataset.repo}: ${error.message}`);
  }
}

function makeData(
  candidate: Candidate,
  { repo }: HubDataset,
  { plan, features }: Design,
  files: readonly HubDataFile[],
  { hub, settings, cacheDirectory, signal, tell }: StageContext,
): Promise<MadeData> {
  return makeTaskData({
    recipe: {
      repo,
      revision: files[0]?.revision ?? '',
      files: files.map(({ path: file }) => file),
      maxRows: settings.hub.max_rows,
      testShare: settings.hub.test_share,
      seed: candidate.seed,
    },
    plan,
    features,
    bring: async () => {
      tell(`downloading ${repo}`);
      const paths = await hub.download(repo, files, { maxBytes: settings.hub.max_bytes, signal });
      tell(`making training and test table of ${repo}`);
      return paths;
    },
    cacheDirectory,
    signal,
  });
}

function evidenceOf(
  requested: string,
  { dataset, isSubstitute }: { dataset: HubDataset; isSubstitute: boolean },
  view: DatasetView,
  design: Design,
  files: readonly HubDataFile[],
): DatasetEvidence {
  return {
    repo: dataset.repo,
    requested,
    is_substitute: isSubstitute,
    revision: dataset.commit,
    data_revision: files[0]?.revision ?? dataset.commit,
    url: `https://huggingface.co/datasets/${dataset.repo}`,
    licence: dataset.licence,
    downloads: dataset.downloads,
    config: design.config,
    split: design.split,
    splits: view.splits,
    features: design.features,
    samples: design.rows,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function groundingOf(dataset: DatasetEvidence, { plan }: Design, data: MadeData, context: StageContext): Grounding {
  const { sample_rows: sampleRows, cell_characters: cellCharacters } = context.settings.hub;
  const { repo, config, split, licence } = dataset;
  return {
    dataset,
    plan,
    files: data.files.map(({ path: name, bytes, is_hidden }) => ({
      path: name,
      host_path: path.join(data.directory, is_hidden ? 'hidden' : 'visible', name),
      bytes,
      is_hidden,
    })),
    train_rows: data.train_rows,
    test_rows: data.test_rows,
    documentation: documentData({ source: { repo, config, split, licence }, plan, data, sampleRows, cellCharacters }),
    repository: null,
  };
}
