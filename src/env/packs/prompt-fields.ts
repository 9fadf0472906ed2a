import { floatsRepr, pythonRepr } from '../../python/python-repr.js';
import type { TaskYaml } from './task-yaml.js';

function list(items: readonly string[]): string {
  return pythonRepr([...items]);
}

/**
 * The fields of a task by the names under which MLGym's prompt templates know them, as Python's `str` prints their values.
 * Files that only the evaluator gets are not named.
 * @param task its description is filled in already and its time limit resolved
 * @param hidden whether a workspace path is the evaluator's alone
 */
export function promptFields(
  config: TaskYaml,
  task: { description: string; trainingTimeoutS: number },
  hidden: (path: string) => boolean,
): Record<string, string> {
  const text = (value: string | null) => value ?? 'None';
  return {
    id: config.id,
    name: config.name,
    description: task.description,
    dataset_configs: list(config.dataset_configs),
    task_entrypoint: config.task_entrypoint,
    training_timeout: String(task.trainingTimeoutS),
    requirements_path: text(config.requirements_path),
    use_generic_conda: config.use_generic_conda ? 'True' : 'False',
    starter_code: list(config.starter_code.filter((entry) => !hidden(entry.split('/').at(-1) ?? entry))),
    baseline_paths: list(config.baseline_paths),
    baseline_scores: `[${config.baseline_scores.map(floatsRepr).join(', ')}]`,
    sample_submission: text(config.sample_submission),
    evaluation_paths: list(config.evaluation_paths),
    evaluation_read_only: config.evaluation_read_only ? 'True' : 'False',
    memory_path: text(config.memory_path),
    benchmark_name: text(config.benchmark_name),
    secret_files: '[]',
  };
}
