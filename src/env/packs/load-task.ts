import path from 'node:path';
import { FormatFault, pythonFormat } from '../../python/python-format.js';
import { Sidecar } from '../task.js';
import { contentHash } from './content-hash.js';
import { DATASET_REMEDIES, DatasetYaml, datasetDocs } from './dataset-yaml.js';
import { MLGYM_FACTS, sidecarOfFact } from './mlgym-facts.js';
import { insidePack } from './pack-paths.js';
import type { PackTask } from './pack-task.js';
import { pathAt } from './path-at.js';
import { promptFields } from './prompt-fields.js';
import { type ConfigFile, readConfigFile } from './read-config.js';
import { SIDECAR_REMEDIES } from './sidecar-remedies.js';
import { checkScripts, hiddenPaths, listTaskFiles } from './task-files.js';
import type { TaskSource } from './task-source.js';
import { DEFAULT_TRAINING_TIMEOUT_S, TASK_REMEDIES, TaskYaml } from './task-yaml.js';

async function readSidecar(
  source: TaskSource,
  task: ConfigFile<TaskYaml>,
): Promise<ConfigFile<Sidecar> | Sidecar | null> {
  const { root, stem, sidecarFile, defaultEnvId, sink } = source;
  if (sidecarFile) {
    return readConfigFile({
      root,
      file: sidecarFile,
      envId: defaultEnvId,
      schema: Sidecar,
      remedies: SIDECAR_REMEDIES,
      syntax: 'json',
      sink,
    });
  }
  const fact = source.isMlgym ? MLGYM_FACTS[stem] : undefined;
  if (!fact) {
    const metric = Object.keys(task.value.baseline_scores[0] ?? {})[0] ?? 'accuracy';
    task.faults.error(
      [],
      'says nowhere which metric is the score and in which direction it is better',
      `write gymsmith/${stem}.json with {"version": 1, "env_id": "${defaultEnvId}", "metric": {"name": "${metric}", "direction": "maximize" or "minimize"}}`,
    );
    return null;
  }
  if (fact.weakness)
    task.faults.warning([], fact.weakness, 'do not compare scores of this task across agents that may cheat');
  return sidecarOfFact(defaultEnvId, fact, task.value.baseline_scores[0] ?? null);
}

async function readDatasets(source: TaskSource, task: ConfigFile<TaskYaml>): Promise<ConfigFile<DatasetYaml>[] | null> {
  const read: ConfigFile<DatasetYaml>[] = [];
  for (const [index, name] of task.value.dataset_configs.entries()) {
    const host = await pathAt(task, ['dataset_configs', index], () => insidePack(source.root, name, 'configs'));
    if (!host) continue;
    const dataset = await readConfigFile({
      root: source.root,
      file: path.relative(source.root, host).split(path.sep).join('/'),
      envId: source.defaultEnvId,
      schema: DatasetYaml,
      remedies: DATASET_REMEDIES,
      syntax: 'yaml',
      sink: source.sink,
    });
    if (dataset) read.push(dataset);
  }
  return read.length === task.value.dataset_configs.length ? read : null;
}

async function describe(
  source: TaskSource,
  task: ConfigFile<TaskYaml>,
  datasets: readonly DatasetYaml[],
): Promise<string> {
  const { description, sample_submission, starter_code } = task.value;
  if (sample_submission !== null) {
    const at = ['sample_submission'];
    const host = await pathAt(task, at, () => insidePack(source.root, sample_submission));
    if (host && !starter_code.some((entry) => path.normalize(entry) === path.normalize(sample_submission))) {
      task.faults.warning(at, 'is not given to the agent', 'list the file in starter_code');
    }
  }
  try {
    return pythonFormat(description, { dataset_docs: datasetDocs(datasets) });
  } catch (error) {
    if (!(error instanceof FormatFault)) throw error;
    const line = task.text.lineInside(['description'], error.offset);
    task.faults.error(['description'], error.message, 'double every brace that is meant as text: {{ and }}', line);
    return description;
  }
}

function withBaseline(task: ConfigFile<TaskYaml>, sidecar: Sidecar, report: ConfigFile<Sidecar> | null): Sidecar {
  const declared = task.value.baseline_scores[0]?.[sidecar.metric.name];
  if (sidecar.baseline === null) {
    if (declared === undefined && task.value.baseline_scores.length > 0) {
      report?.faults.warning(
        ['metric', 'name'],
        `${sidecar.metric.name} is not in baseline_scores`,
        'measure the baseline of this metric',
      );
    }
    return declared === undefined ? sidecar : { ...sidecar, baseline: { score: declared, std: 0, runs: 1 } };
  }
  const { score, std } = sidecar.baseline;
  const noise = Math.max(sidecar.metric.tolerance, 3 * std, 1e-9 * Math.abs(score));
  if (declared !== undefined && Math.abs(declared - score) > noise) {
    const problem = `is ${score}, but baseline_scores of the task says ${declared}`;
    report?.faults.error(['baseline', 'score'], problem, 'measure the baseline and write the same score in both');
  }
  return sidecar;
}

/**
 * Loads one task of a pack, reporting everything that is wrong with it.
 * @returns null when there was an error
 */
export async function loadTask(source: TaskSource): Promise<PackTask | null> {
  const before = source.sink.length;
  const task = await readConfigFile({
    root: source.root,
    file: source.configFile,
    envId: source.defaultEnvId,
    schema: TaskYaml,
    remedies: TASK_REMEDIES,
    syntax: 'yaml',
    sink: source.sink,
  });
  if (!task) return null;
  const read = await readSidecar(source, task);
  const report = read && 'faults' in read ? read : null;
  const declared = report ? report.value : (read as Sidecar | null);
  const datasetFiles = await readDatasets(source, task);
  const files = await listTaskFiles(source, task, datasetFiles ?? []);
  checkScripts(task, files);
  const datasets = datasetFiles?.map((dataset) => dataset.value) ?? [];
  const description = datasetFiles ? await describe(source, task, datasets) : '';
  if (!declared || !datasetFiles) return null;

  const sidecar = withBaseline(task, declared, report);
  const hidden = hiddenPaths(source.root, task, sidecar, report, files);
  const failed = () => source.sink.slice(before).some((fault) => fault.severity === 'error');
  if (failed()) return null;

  const starterFiles = files.starter.filter((file) => !hidden.has(file.path));
  const hiddenFiles = [...files.starter, ...files.data].filter((file) => hidden.has(file.path));
  const hash = await contentHash(
    {
      config: task.value,
      datasets,
      sidecar,
      files: {
        starter: starterFiles,
        hidden: hiddenFiles,
        data: files.data.filter((file) => !hidden.has(file.path)),
        requirements: files.requirements,
      },
    },
    source.hashes,
  );
  if (sidecar.content_hash !== null && sidecar.content_hash !== hash) {
    report?.faults.error(
      ['content_hash'],
      `the task is not the one that was published: its hash is ${hash}`,
      'undo the change, or publish it as a new version: raise -vN in env_id and write this hash',
    );
  }
  if (failed()) return null;
  const { value: config } = task;
  const trainingTimeoutS = config.training_timeout ?? DEFAULT_TRAINING_TIMEOUT_S;
  return {
    envId: sidecar.env_id,
    id: config.id,
    name: config.name,
    description,
    entrypoint: config.task_entrypoint,
    promptFields: promptFields(config, { description, trainingTimeoutS }, (file) => hidden.has(file)),
    trainingTimeoutS,
    datasets: datasets.map((dataset) => ({
      name: dataset.name,
      description: dataset.description,
      dataPath: dataset.is_local ? path.resolve(source.root, dataset.data_path) : dataset.data_path,
      isLocal: dataset.is_local,
    })),
    starterFiles,
    hiddenFiles,
    evaluationPath: path.posix.normalize(config.evaluation_paths[0] ?? ''),
    evaluationReadOnly: config.evaluation_read_only,
    baselinePath: config.baseline_paths[0] ? path.posix.normalize(config.baseline_paths[0]) : null,
    baselineScores:
      config.baseline_scores[0] && Object.keys(config.baseline_scores[0]).length > 0 ? config.baseline_scores[0] : null,
    memoryPath: config.memory_path,
    sidecar,
    requirements: files.requirements[0] ?? null,
    contentHash: hash,
    packRoot: source.root,
    config,
    datasetConfigs: datasets,
    configFile: source.configFile,
    isComplete: !files.absentData,
  };
}
