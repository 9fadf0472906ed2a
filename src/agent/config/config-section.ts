import { floatRepr } from '../../python/python-repr.js';
import { closest } from '../../yaml/closest.js';
import type { YamlText } from '../../yaml/yaml.js';
import type { ConfigFault } from './config-fault.js';

type Path = readonly PropertyKey[];

function fieldName(path: Path): string | null {
  const name = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return name.replace(/^\./, '') || null;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return value.length > 40 ? 'a text' : `the text ${JSON.stringify(value)}`;
  return typeof value === 'object' && !(value instanceof Date) ? 'a mapping' : `${String(value)}`;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The file that a section is a part of. */
export interface ConfigSource {
  /** For messages. */
  file: string;
  yaml: YamlText;
  faults: ConfigFault[];
}

/**
 * A mapping of a configuration file. What is read from it is of the asked type, or is reported and passed over; what was not read
 * can be reported in the end.
 */
export class ConfigSection {
  readonly #read = new Set<string>();

  constructor(
    readonly source: ConfigSource,
    readonly path: Path,
    private readonly value: Readonly<Record<string, unknown>>,
  ) {}

  /** @returns the document as a section; null, reported, when it is no mapping */
  static root(source: ConfigSource): ConfigSection | null {
    const { value, errors } = source.yaml;
    for (const { line, problem } of errors) {
      const remedy = 'correct the YAML';
      source.faults.push({ severity: 'error', file: source.file, line, field: null, problem, remedy });
    }
    if (errors.length > 0) return null;
    if (isMapping(value)) return new ConfigSection(source, [], value);
    const problem = `must hold a mapping, is ${kindOf(value)}`;
    const remedy = 'write fields as name: value';
    source.faults.push({ severity: 'error', file: source.file, line: 1, field: null, problem, remedy });
    return null;
  }

  /** A section that is not there, for what has values when it is unset. */
  emptySection(key: string): ConfigSection {
    return new ConfigSection(this.source, [...this.path, key], {});
  }

  /** 1-based line of a value of the section. */
  lineOf(path: Path): number {
    return this.source.yaml.lineOf([...this.path, ...path]);
  }

  has(key: string): boolean {
    return this.value[key] !== undefined && this.value[key] !== null;
  }

  keys(): string[] {
    return Object.keys(this.value);
  }

  /** @param offset character of a text that is at fault */
  error(key: PropertyKey | Path, problem: string, remedy: string, offset?: number): void {
    this.#report('error', key, problem, remedy, offset);
  }

  warning(key: PropertyKey | Path, problem: string, remedy: string, offset?: number): void {
    this.#report('warning', key, problem, remedy, offset);
  }

  /** Scalars as Python's `str` prints them. */
  text(key: string): string | null {
    const value = this.#take(key);
    return value === undefined || value === null ? null : this.#scalar([key], value);
  }

  required(key: string, remedy: string): string {
    if (!this.has(key)) this.error(key, 'is missing', remedy);
    return this.text(key) ?? '';
  }

  flag(key: string, unset: boolean): boolean {
    const value = this.#take(key);
    if (value === undefined || value === null) return unset;
    if (typeof value === 'boolean') return value;
    this.error(key, `must be true or false, is ${kindOf(value)}`, 'write true or false');
    return unset;
  }

  /** @returns a whole number, or null */
  count(key: string, least = 1): number | null {
    const value = this.#take(key);
    if (value === undefined || value === null) return null;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
    this.error(key, `must be a whole number from ${least} on, is ${kindOf(value)}`, 'write a number such as 5');
    return null;
  }

  texts(key: string): string[] {
    const value = this.#take(key);
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value.flatMap((item, index) => this.#scalar([key, index], item) ?? []);
    this.error(key, `must be a list, is ${kindOf(value)}`, 'write one item a line, each after "- "');
    return [];
  }

  section(key: string): ConfigSection | null {
    const value = this.#take(key);
    if (value === undefined || value === null) return null;
    if (isMapping(value)) return new ConfigSection(this.source, [...this.path, key], value);
    this.error(key, `must be a mapping, is ${kindOf(value)}`, 'write fields as name: value');
    return null;
  }

  sections(key: string): ConfigSection[] {
    const value = this.#take(key);
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.error(key, `must be a list, is ${kindOf(value)}`, 'write one mapping an item');
      return [];
    }
    return value.flatMap((item: unknown, index) => {
      if (isMapping(item)) return [new ConfigSection(this.source, [...this.path, key, index], item)];
      this.error([key, index], `must be a mapping, is ${kindOf(item)}`, 'write fields as name: value');
      return [];
    });
  }

  /** Every entry as text. Nothing is read yet when the value is no text. */
  entries(): [string, string][] {
    return this.keys().flatMap((key) => {
      const value = this.#take(key);
      const text = value === null ? 'None' : this.#scalar([key], value);
      return text === null ? [] : [[key, text] as [string, string]];
    });
  }

  /** The value itself, for what has no type of its own. */
  raw(key: string): unknown {
    return this.#take(key);
  }

  /** Warns of every field that was not read. */
  passOver(): void {
    const names = [...this.#read].filter((name) => !this.has(name));
    for (const key of this.keys()) {
      if (this.#read.has(key)) continue;
      const near = closest(key, names)[0] ?? names.find((name) => key.endsWith(`_${name}`));
      this.warning(key, 'is not a field of this file and is passed over', near ? `write ${near}` : 'remove it');
    }
  }

  /** Warns of fields that mean something elsewhere. @param reason what becomes of them */
  unused(fields: Readonly<Record<string, string>>): void {
    for (const [key, reason] of Object.entries(fields)) {
      const value = this.#take(key);
      const empty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
      if (!empty) this.warning(key, 'is passed over', reason);
    }
  }

  #take(key: string): unknown {
    this.#read.add(key);
    return Object.hasOwn(this.value, key) ? this.value[key] : undefined;
  }

  #scalar(path: Path, value: unknown): string | null {
    if (typeof value === 'string') return value;
    if (typeof value === 'boolean') return value ? 'True' : 'False';
    const source = this.source.yaml.sourceOf([...this.path, ...path]);
    if (typeof value === 'number') return source?.includes('.') ? floatRepr(value) : String(value);
    if (typeof value === 'bigint') return String(value);
    if (value instanceof Date && source !== null) return source;
    this.error(path, `must be a text, is ${kindOf(value)}`, 'write a text; quote it if need be');
    return null;
  }

  #report(
    severity: ConfigFault['severity'],
    key: PropertyKey | Path,
    problem: string,
    remedy: string,
    offset?: number,
  ): void {
    const { file, yaml, faults } = this.source;
    const path = [...this.path, ...(Array.isArray(key) ? key : [key as PropertyKey])];
    const line = offset === undefined ? yaml.lineOf(path) : yaml.lineInside(path, offset);
    faults.push({ severity, file, line, field: fieldName(path), problem, remedy });
  }
}
