import { readFile } from 'node:fs/promises';
import { writeAtomically } from '../files/write-atomically.js';
import { curve } from '../page/curve.js';
import { renderTrainReport } from './render-train-report.js';
import { parseTrainEvent } from './train-event.js';
import type { TrainPlaces } from './train-places.js';
import { readTrainRecord } from './train-record.js';
import { type TrainReport, trainReport } from './train-report.js';
import { TrainState } from './train-state.js';

/** Makes loss.svg, report.json and report.html of what lies in the directory. @returns null when no step was made yet */
export async function writeTrainReport(places: TrainPlaces): Promise<TrainReport | null> {
  const record = await readTrainRecord(places);
  const metrics = await readFile(places.metrics, 'utf8').catch(() => '');
  const state = new TrainState();
  for (const line of metrics.split('\n')) {
    const event = parseTrainEvent(line);
    if (event) state.add(event);
  }
  if (record === null || state.last === null) return null;
  const report = trainReport(record, state);
  const losses = state.steps.flatMap(({ step, loss }): [number, number][] => (loss === null ? [] : [[step, loss]]));
  const held = state.evals.flatMap(({ step, loss }): [number, number][] => (loss === null ? [] : [[step, loss]]));
  const picture = curve('Loss over steps', { x: 'step', y: 'loss' }, [
    { label: 'training', colour: '#2f6f9f', points: losses },
    { label: 'held out', colour: '#c2603a', points: held, marked: true },
  ]);
  const write = (file: string, text: string) => writeAtomically(file, [Buffer.from(text)]);
  await write(places.curve, picture.text);
  await write(places.reportJson, `${JSON.stringify(report, null, 2)}\n`);
  await write(places.reportHtml, renderTrainReport(report, record, picture));
  return report;
}
