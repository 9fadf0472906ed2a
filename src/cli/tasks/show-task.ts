import { submissionRule } from '../../env/evaluation/submission.js';
import type { PackTask } from '../../env/packs/pack-task.js';
import { taskSummary } from '../../env/packs/task-summary.js';
import { type HubNeed, hubNeeds } from '../../env/supplies/hub/hub-need.js';
import type { TaskFile } from '../../env/task.js';
import type { Output } from '../output.js';
import { wrapText } from '../play/terminal-text.js';
import { metricText, scoreText } from './task-table.js';

const MAX_LISTED_FILES = 20;
const GiB = 2 ** 30;

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`;
}

function filesText(files: readonly TaskFile[]): string {
  if (files.length === 0) return 'none';
  const listed = files.slice(0, MAX_LISTED_FILES).map((file) => `${file.path} (${sizeText(file.sizeBytes)})`);
  const rest = files.length - listed.length;
  return [...listed, ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ');
}

function requirementsText({ config, sidecar }: PackTask): string {
  const { constraints } = sidecar;
  const within = constraints.length > 0 ? ` within ${constraints.join(', ')}` : '';
  return `an environment of its own from ${config.requirements_path}${within}`;
}

function needText({ type, repo, revision, aliases }: HubNeed): string {
  const names = aliases.length > 0 ? `, also as ${aliases.join(', ')}` : '';
  return `${type} ${repo} (${revision})${names}`;
}

/** Prints everything about a task, as its author sees it: hidden files are named. */
export function showTask(task: PackTask, output: Output): void {
  const { metric, baseline, evaluation, resources, limits, network, provenance } = task.sidecar;
  const rule = submissionRule(task);
  const bounds = metric.bounds ? `, from ${metric.bounds[0]} to ${metric.bounds[1]}` : '';
  const noise = metric.tolerance > 0 ? `, differences up to ${metric.tolerance} are noise` : '';
  const timeoutS = (evaluation.timeout_ms ?? task.trainingTimeoutS * 1000) / 1000;
  const rows: [string, string][] = [
    ['name', task.name],
    ['file', `${task.packRoot}/${task.configFile}`],
    ['hash', task.contentHash],
    ['kind', task.entrypoint],
    ['metric', `${metricText(taskSummary(task))} (${metric.direction}${bounds}${noise})`],
    [
      'baseline',
      baseline
        ? `${scoreText(baseline.score)} ± ${scoreText(baseline.std)} (${baseline.runs} ${baseline.runs === 1 ? 'run' : 'runs'})`
        : 'not measured',
    ],
    ['all scores', task.baselineScores ? JSON.stringify(task.baselineScores) : '-'],
    ['submission', `${rule.include.join(', ')} (at most ${sizeText(rule.maxBytes)})`],
    ['evaluation', `${task.evaluationPath}, ${evaluation.mode}, as ${evaluation.run_as}, at most ${timeoutS} s`],
    ['training', `at most ${task.trainingTimeoutS} s for a long command`],
    ['limits', `${limits.max_steps} steps, ${limits.episode_timeout_ms / 60_000} minutes`],
    [
      'sandbox',
      `${resources.image}, ${resources.cpus} CPUs, ${resources.memory_bytes / GiB} GiB memory, ${resources.disk_bytes / GiB} GiB disk, ${resources.gpus} GPUs, network ${network}`,
    ],
    ...(task.requirements ? [['Python', requirementsText(task)] as [string, string]] : []),
    ...hubNeeds(task).map((need): [string, string] => ['Hub', needText(need)]),
    ...task.datasets.map((dataset): [string, string] => [
      'dataset',
      `${dataset.name}: ${dataset.dataPath}${task.isComplete || !dataset.isLocal ? '' : ' (not there)'}`,
    ]),
    ['files', filesText(task.starterFiles)],
    ['hidden', filesText(task.hiddenFiles)],
    ...Object.entries(provenance).map(([key, value]): [string, string] => [
      key.replaceAll('_', ' '),
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ];
  output.heading(task.envId);
  for (const [name, text] of rows) output.line(`  ${output.style('faint', name.padEnd(11))} ${text}`);
  output.line();
  output.line(wrapText(task.description, output));
}
