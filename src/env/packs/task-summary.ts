import type { TaskDetail, TaskSummary } from '../../protocol/index.js';
import { submissionRule } from '../evaluation/submission.js';
import type { Task } from '../task.js';

/** A task as the catalogue shows it. */
export function taskSummary(task: Task): TaskSummary {
  const { metric, baseline, resources, limits } = task.sidecar;
  return {
    task: task.envId,
    name: task.name,
    entrypoint: task.entrypoint,
    metric: metric.name,
    direction: metric.direction,
    baseline: baseline?.score ?? null,
    gpus: resources.gpus,
    max_steps: limits.max_steps,
    content_hash: task.contentHash,
  };
}

/** A task with its text. Hidden files are not named. */
export function taskDetail(task: Task): TaskDetail {
  return {
    ...taskSummary(task),
    description: task.description,
    files: task.starterFiles.map((file) => file.path),
    submission_paths: [...submissionRule(task).include],
    training_timeout_s: task.trainingTimeoutS,
    evaluation_mode: task.sidecar.evaluation.mode,
    template: { ...task.promptFields },
  };
}
