import type { Sidecar } from '../task.js';

/** What to do about a fault in a field of a sidecar. */
export const SIDECAR_REMEDIES: Record<keyof Sidecar, string> = {
  version: 'write "version": 1',
  env_id: 'write an id such as "my-pack/my-task-v1"',
  metric: 'write {"name": a key of the evaluator output, "direction": "maximize" or "minimize"}',
  baseline: 'write {"score": number}, or null',
  evaluation: 'write {"mode": "sealed" or "in_place"}, or leave it out',
  hidden_files: 'list files of the workspace, such as ["data/answers.csv"]',
  submission: 'write {"paths": ["submission.csv"]}, or null for what the entrypoint implies',
  resources: 'write numbers such as {"cpus": 2, "gpus": 0}, or leave it out',
  network: 'write "none" or "open"',
  hub: 'list repositories such as {"repo": "owner/name", "type": "model"}, or leave it out',
  constraints: 'list versions such as "numpy==2.3.5", or leave it out',
  limits: 'write {"max_steps": 50}, or leave it out',
  provenance: 'write an object, or leave it out',
  gates: 'write an object, or leave it out',
  content_hash: 'write the hash that the task was published with, or null',
};
