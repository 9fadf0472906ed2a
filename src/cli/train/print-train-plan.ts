import { writeNumber } from '../../page/figure.js';
import { learningRate, type TrainSettings } from '../../train/train-settings.js';
import type { Output } from '../output.js';
import { shortCount } from '../run/limits-bar.js';
import type { TrainPlan } from './plan-training.js';

/** Prints what will be done, on what, and what it takes. */
export function printTrainPlan(plan: TrainPlan, settings: TrainSettings, place: string, output: Output): void {
  const { dataset, devices, memory, steps } = plan;
  const { lora, method, epochs, batch, max_steps } = settings;
  const rows =
    dataset &&
    `${dataset.rows.train} rows (${shortCount(dataset.manifest.tokens)} tokens), ${dataset.rows.test} held out`;
  const how = method === 'full' ? 'every weight' : `adapters of rank ${lora.rank}, alpha ${lora.alpha}`;
  const gpus = devices.map(({ name, bytes }) => `${name} (${writeNumber(bytes, 'bytes')})`).join(', ');
  const lines: [string, string][] = [
    ['model', `${settings.model}, ${how}`],
    ['dataset', `${settings.dataset}${rows ? `: ${rows}` : ''}`],
    [
      'steps',
      `${steps ?? 'as many as its rows take'}: ${max_steps === null ? `${epochs} epochs, ` : ''}${batch} rows a step`,
    ],
    [
      'rate',
      `${learningRate(settings)}, ${settings.schedule}, warm-up ${settings.warmup}, weight decay ${settings.weight_decay}`,
    ],
    ['where', `${place}, ${gpus || `${plan.processes} x ${settings.device.toUpperCase()}`}`],
    ...(memory ? [['memory', `about ${writeNumber(memory.bytes, 'bytes')} of each GPU`] as [string, string]] : []),
    ['disk', `about ${writeNumber(plan.diskBytes, 'bytes')}`],
  ];
  for (const [name, text] of lines) output.line(`${output.style('faint', name.padEnd(8))} ${text}`);
  for (const part of memory?.parts ?? []) {
    const arithmetic = part.arithmetic && ` = ${part.arithmetic}`;
    output.line(output.style('faint', `${writeNumber(part.bytes, 'bytes').padStart(16)}  ${part.what}${arithmetic}`));
  }
  for (const warning of plan.warnings) output.line(output.style('warn', warning));
}
