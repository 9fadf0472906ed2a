import type { z } from 'zod';
import { Sidecar } from '../task.js';

/** What is known about a task that MLGym ships and that its configuration does not say. */
export interface MlgymFact {
  metric: string;
  direction: 'maximize' | 'minimize';
  bounds?: [number, number];
  /** Largest difference that two evaluations of one submission are likely to show, as measured over repeated runs. */
  tolerance?: number;
  /** Key of `baseline_scores` where it differs from the metric. */
  baselineKey?: string;
  /** What counts as the submission; unset: what the entrypoint implies. */
  submission?: readonly string[];
  hiddenFiles?: readonly string[];
  gpus?: number;
  /** Repositories of the Hub that the scripts load, beside what the dataset file names or by another name. */
  hub?: NonNullable<z.input<typeof Sidecar>['hub']>;
  /** Versions with which the requirements work. */
  constraints?: readonly string[];
  /** The scripts download from elsewhere than the Hub while they run. */
  online?: boolean;
  /** Why a score proves less than it seems to. */
  weakness?: string;
}

const game = { metric: 'Score', direction: 'maximize', tolerance: 0.03, submission: ['strategy.py'] } as const;
const imageClasses = {
  metric: 'accuracy',
  direction: 'maximize',
  bounds: [0, 1] as [number, number],
  gpus: 1,
  weakness: 'the data set that the agent loads holds the labels of its test split',
} as const;
const houses = { metric: 'r2', direction: 'maximize', hiddenFiles: ['data/answer.csv'] } as const;
// The evaluation imports the networks that the agent may have changed, and finds checkpoints by the name of its configuration.
const policy = {
  metric: 'Reward Mean',
  direction: 'maximize',
  gpus: 1,
  submission: ['**'],
  // The requirements name no versions, and the newest ones of these do not work together any more.
  constraints: ['jax==0.4.38', 'gymnax==0.0.8', 'flax==0.10.2', 'optax==0.2.4', 'tensorflow_probability==0.25.0'],
} as const;

/**
 * By name of the file in `configs/tasks`. MLGym hands two GPUs to some of these tasks; one dedicated GPU is what they need.
 */
export const MLGYM_FACTS: Readonly<Record<string, MlgymFact>> = {
  // Seconds of wall-clock: noise and level are those of the machine.
  '3SATTime': { metric: 'Time', direction: 'minimize', tolerance: 1, submission: ['heuristic.py'] },
  battleOfSexes: { ...game, bounds: [0, 2] },
  blotto: { ...game, bounds: [-1, 1] },
  prisonersDilemma: { ...game },
  imageCaptioningCOCO: {
    metric: 'BLEU Score',
    direction: 'maximize',
    bounds: [0, 1],
    gpus: 1,
    online: true,
    weakness: 'the evaluation averages a column of the submission, which the agent writes itself',
  },
  imageClassificationCifar10: imageClasses,
  imageClassificationCifar10L1: imageClasses,
  imageClassificationFMnist: imageClasses,
  languageModelingFineWeb: {
    metric: 'val_loss',
    direction: 'minimize',
    gpus: 1,
    // The evaluation imports the model's class from baseline.py.
    submission: ['model.pt', 'model_config.pt', '**/*.py'],
  },
  naturalLanguageInferenceMNLI: {
    metric: 'validation_accuracy',
    direction: 'maximize',
    bounds: [0, 100],
    gpus: 1,
    hub: [
      { repo: 'nyu-mll/multi_nli', aliases: ['multi_nli'] },
      { repo: 'SetFit/mnli' },
      { repo: 'bert-base-uncased', type: 'model' },
    ],
    submission: ['bert_mnli_model/**'],
    weakness: 'the data set that the agent loads holds the split that is scored',
  },
  regressionKaggleHousePrice: houses,
  regressionKaggleHousePriceL1: houses,
  regressionHousePrice: houses,
  regressionHousingPrice: houses,
  rlBreakoutMinAtar: policy,
  rlMetaMaze: policy,
  rlMountainCarContinuous: policy,
  rlMountainCarContinuousReinforce: policy,
  titanic: {
    metric: 'accuracy',
    direction: 'maximize',
    bounds: [0, 1],
    baselineKey: 'Accuracy',
    hiddenFiles: ['data/ground_truth.csv'],
  },
};

/** The sidecar that stands for a fact. `baselineScores`: first of the task's `baseline_scores`. */
export function sidecarOfFact(envId: string, fact: MlgymFact, baselineScores: Record<string, number> | null): Sidecar {
  const baseline = baselineScores?.[fact.baselineKey ?? fact.metric];
  const gpus = fact.gpus ?? 0;
  return Sidecar.parse({
    version: 1,
    env_id: envId,
    metric: {
      name: fact.metric,
      direction: fact.direction,
      bounds: fact.bounds ?? null,
      tolerance: fact.tolerance ?? 0,
    },
    baseline: baseline === undefined ? null : { score: baseline },
    hidden_files: [...(fact.hiddenFiles ?? [])],
    submission: fact.submission ? { paths: [...fact.submission], max_bytes: (gpus > 0 ? 4 : 1) * 2 ** 30 } : null,
    resources:
      gpus > 0 ? { image: 'gymsmith/gpu', gpus, cpus: 4, memory_bytes: 16 * 2 ** 30, disk_bytes: 20 * 2 ** 30 } : {},
    network: fact.online ? 'open' : 'none',
    ...(fact.hub && { hub: fact.hub }),
    constraints: [...(fact.constraints ?? [])],
    provenance: { source: 'MLGym' },
  } satisfies z.input<typeof Sidecar>);
}
