import { barsFile } from '../../page/bars-file.js';
import type { Part } from '../../page/charts.js';
import { columnsFile } from '../../page/columns-file.js';
import { binNames, EDGE_WORDS } from './card/bin-names.js';
import { DROP_WORDS } from './drop-words.js';
import { type DatasetBin, type DatasetManifest, DROPS } from './manifest.js';

/** A drawing of a dataset. */
export interface DatasetPlot {
  /** Below the directory of the dataset. */
  path: string;
  /** For those who cannot see it, and for the card. */
  title: string;
  svg: string;
}

/** More tasks than this are shown as a distribution. */
const MAX_TASK_BARS = 50;

/** Columns of a distribution of tasks. */
const TASK_COLUMNS = 10;

const K = 1024;

/** @returns the drawings of a dataset, made of its manifest alone */
export function datasetPlots(
  manifest: Pick<DatasetManifest, 'distributions' | 'tasks' | 'kept' | 'dropped'>,
): DatasetPlot[] {
  const { tokens, improvement } = manifest.distributions;
  const plots: [name: string, title: string, draw: (title: string) => string][] = [
    [
      'tokens',
      'Trajectories by tokens of the whole chat',
      (title) =>
        columnsFile(
          title,
          'tokens: below the number, and not below the one before',
          columnsOf(tokens, EDGE_WORDS.tokens),
          [32, 48].flatMap((limit) => {
            const column = tokens.findIndex(({ from }) => from === limit * K);
            return column === -1 ? [] : [{ column, label: `${limit}K` }];
          }),
        ),
    ],
    ['tasks', 'Kept trajectories by task', (title) => drawTasks(title, manifest.tasks)],
    ['reasons', 'What became of the trajectories', (title) => drawReasons(title, manifest)],
    [
      'improvement',
      'Trajectories by improvement of the best score over the baseline',
      (title) =>
        columnsFile(
          title,
          'per cent of the baseline: below the number, and not below the one before',
          columnsOf(improvement, EDGE_WORDS.improvement),
        ),
    ],
  ];
  const hasImprovement = improvement.some(({ kept, dropped }) => kept + dropped > 0);
  return plots
    .filter(([name]) => name !== 'improvement' || hasImprovement)
    .map(([name, title, draw]) => ({ path: `plots/${name}.svg`, title, svg: draw(title) }));
}

function columnsOf(bins: readonly DatasetBin[], write: (edge: number) => string) {
  const names = binNames(bins, write);
  return bins.map(({ kept, dropped }, at) => ({ name: names[at]!, parts: keptAndDropped(kept, dropped) }));
}

function keptAndDropped(kept: number, dropped: number): Part[] {
  return [
    { label: 'kept', value: kept, kind: 'good' },
    { label: 'dropped', value: dropped, kind: 'open' },
  ];
}

function drawTasks(title: string, tasks: DatasetManifest['tasks']): string {
  if (tasks.length > MAX_TASK_BARS) return drawManyTasks(title, tasks);
  const bars = [...tasks]
    .sort((a, b) => b.kept - a.kept || b.valid - a.valid || (a.task < b.task ? -1 : 1))
    .map(({ task, kept, valid, trajectories }) => ({
      name: task,
      parts: keptAndDropped(kept, trajectories - kept),
      number: `${kept} of ${trajectories}, ${valid} valid`,
    }));
  return barsFile(title, bars);
}

function drawManyTasks(title: string, tasks: DatasetManifest['tasks']): string {
  const most = Math.max(1, ...tasks.map(({ kept }) => kept));
  const width = Math.ceil(most / TASK_COLUMNS);
  const within = (from: number, to: number) => tasks.filter(({ kept }) => kept >= from && kept <= to).length;
  const part = (value: number): Part[] => [{ label: 'tasks', value, kind: 'good' }];
  const columns = Array.from({ length: Math.ceil(most / width) }, (_, at) => {
    const [from, to] = [at * width + 1, (at + 1) * width];
    return { name: from === to ? String(to) : `${from}–${to}`, parts: part(within(from, to)) };
  });
  return columnsFile(title, 'kept trajectories of a task', [{ name: '0', parts: part(within(0, 0)) }, ...columns]);
}

function drawReasons(title: string, { kept, dropped }: Pick<DatasetManifest, 'kept' | 'dropped'>): string {
  const rows = DROPS.filter((drop) => dropped[drop]).map((drop) => ({
    name: drop,
    parts: [{ label: DROP_WORDS[drop], value: dropped[drop]!, kind: 'open' as const }],
  }));
  return barsFile(title, [{ name: 'kept', parts: [{ label: 'in the dataset', value: kept, kind: 'good' }] }, ...rows]);
}
