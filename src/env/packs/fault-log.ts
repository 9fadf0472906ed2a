import type { z } from 'zod';
import { closest } from '../../yaml/closest.js';
import type { YamlText } from '../../yaml/yaml.js';
import type { PackFault } from './pack-fault.js';

type Path = readonly PropertyKey[];

/** Writes a path as it would be typed: `baseline_scores[0].r2`. */
function fieldName(path: Path): string | null {
  const name = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return name.replace(/^\./, '') || null;
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  if (typeof value === 'string') return value.length > 40 ? 'a text' : `the text ${JSON.stringify(value)}`;
  if (typeof value === 'object') return 'a mapping';
  return `${String(value)}`;
}

const EXPECTED: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  tuple: 'a list',
};

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], root);
}

function problemOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_type') {
    if (value === undefined) return 'is missing';
    if (typeof value === 'number' && !Number.isFinite(value)) return `must be a finite number, is ${value}`;
    return `must be ${EXPECTED[issue.expected] ?? issue.expected}, is ${kindOf(value)}`;
  }
  if (issue.code === 'invalid_value') {
    const near = typeof value === 'string' ? closest(value, issue.values.map(String)) : [];
    const hint = near.length > 0 ? `; did you mean ${near[0]}?` : '';
    return `is ${kindOf(value)}, must be one of ${issue.values.join(', ')}${hint}`;
  }
  return issue.message;
}

/** Collects the faults of one file of a pack. */
export class FaultLog {
  constructor(
    private readonly sink: PackFault[],
    private readonly about: Pick<PackFault, 'packRoot' | 'file' | 'envId'>,
    private readonly text: Pick<YamlText, 'lineOf'> | null,
  ) {}

  /** Reports what keeps the task from being served. */
  error(path: Path, problem: string, remedy: string, line?: number): void {
    this.add('error', path, problem, remedy, line);
  }

  /** Reports what is doubtful. */
  warning(path: Path, problem: string, remedy: string, line?: number): void {
    this.add('warning', path, problem, remedy, line);
  }

  /** Reports every issue of a failed validation. `remedies`: by first part of the path. */
  issues(error: z.core.$ZodError, value: unknown, remedies: Readonly<Record<string, string>>): void {
    for (const issue of error.issues) {
      if (issue.code === 'unrecognized_keys') {
        const known = Object.keys(remedies);
        for (const key of issue.keys) this.unknownField([...issue.path, key], known, 'error');
        continue;
      }
      const top = String(issue.path[0] ?? '');
      this.error(issue.path, problemOf(issue, valueAt(value, issue.path)), remedies[top] ?? 'correct the value');
    }
  }

  /** Reports a field that means nothing here. */
  unknownField(path: Path, known: readonly string[], severity: PackFault['severity']): void {
    const near = closest(String(path.at(-1)), known)[0];
    this.add(severity, path, 'is not a field of this file', near ? `write ${near}` : 'remove it');
  }

  private add(severity: PackFault['severity'], path: Path, problem: string, remedy: string, line?: number): void {
    const at = line ?? this.text?.lineOf(path) ?? null;
    this.sink.push({ ...this.about, severity, line: at, field: fieldName(path), problem, remedy });
  }
}
