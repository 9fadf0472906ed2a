import type { Metrics } from '../../protocol/index.js';
import { pythonDump } from '../../python/python-dump.js';
import { type PythonValue, parsePythonJson, toPlain } from '../../python/python-json.js';
import { pythonRepr } from '../../python/python-repr.js';
import type { Entrypoint } from '../task.js';

/** What an evaluator printed. */
export interface PrintedMetrics {
  metrics: Metrics;
  /** The same in Python's words, for observations. */
  repr: string;
  /** The same as Python's `json.dumps` writes it. */
  json: string;
  /** Top-level numbers by name, NaN and infinities included. */
  numbers: ReadonlyMap<string, number>;
}

/**
 * Finds the metrics in what the evaluator wrote to its standard output: all of it when that is one JSON object, else
 * the last line that is one. Python's extensions of JSON are taken.
 * @returns null when there is no such line
 */
export function parseMetrics(stdout: string): PrintedMetrics | null {
  const whole = toObject(stdout);
  if (whole) return printed(whole);
  const lines = stdout.split('\n');
  for (let index = lines.length - 1; index >= 0; index--) {
    const object = toObject(lines[index] ?? '');
    if (object) return printed(object);
  }
  return null;
}

/**
 * Finds the metrics where MLGym finds them: where a submission is a file of code or a table, all that was printed is one JSON
 * document; where it is a model, the first line that begins like an object is one.
 * @param stdout filtered; of what else was printed only the presence counts, so that nobody but the evaluator can write metrics
 */
export function parseMlgymMetrics(entrypoint: Entrypoint, stdout: string, stderr: string): PrintedMetrics | null {
  const isWhole = entrypoint === 'CSVSubmissionTasks' || entrypoint === 'PythonSubmissionTasks';
  if (isWhole && stderr !== '') return null;
  const text = isWhole ? stdout : stdout.split('\n').find((line) => line.trimStart().startsWith('{'));
  const object = text === undefined ? null : toObject(text);
  return object && printed(object);
}

function toObject(text: string): Map<string, PythonValue> | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return null;
  const value = parsePythonJson(trimmed);
  return value instanceof Map ? value : null;
}

function printed(object: Map<string, PythonValue>): PrintedMetrics {
  const numbers = new Map<string, number>();
  for (const [name, value] of object) {
    if (value !== null && typeof value === 'object' && 'kind' in value) numbers.set(name, value.value);
  }
  return { metrics: toPlain(object) as Metrics, repr: pythonRepr(object), json: pythonDump(object), numbers };
}
