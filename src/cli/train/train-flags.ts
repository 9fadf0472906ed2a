/** Flags of `gymsmith train`. */
export interface TrainFlags {
  config?: string;
  out: string;
  model?: string;
  revision?: string;
  method?: 'full' | 'lora';
  rank?: number;
  alpha?: number;
  /** False with --no-merge. */
  merge: boolean;
  epochs?: number;
  maxSteps?: number;
  batch?: number;
  learningRate?: number;
  weightDecay?: number;
  warmup?: number;
  maxTokens?: number;
  seed?: number;
  checkpointSteps?: number;
  evalSteps?: number;
  place: 'docker' | 'python';
  image: string;
  environment?: string;
  python: string;
  models?: string;
  gpus?: number;
  cpu?: boolean;
  processes?: number;
  resume: 'automatic' | 'never';
  force?: boolean;
  dryRun?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** Where trainings lie unless a flag says otherwise. */
export const DEFAULT_OUT = 'student';
export const DEFAULT_IMAGE = 'gymsmith/train';
