import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatFault, formatNames, pythonFormat } from '../../src/python/python-format.js';

const values = { dataset_docs: 'DOCS {x} }}' };

function ours(template: string): string | null {
  try {
    return pythonFormat(template, values);
  } catch (error) {
    if (error instanceof FormatFault) return null;
    throw error;
  }
}

function python(templates: readonly string[]): (string | null)[] {
  const script = [
    'import json, sys',
    'def fill(text):',
    `    try: return text.format(dataset_docs=${JSON.stringify(values.dataset_docs)})`,
    '    except (KeyError, IndexError, ValueError, AttributeError, TypeError): return None',
    'print(json.dumps([fill(text) for text in json.load(sys.stdin)]))',
  ].join('\n');
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script], { input: JSON.stringify(templates) }).toString());
}

describe("a task's description", () => {
  it('is filled in once, as str.format does it [E4]', () => {
    const part = fc.constantFrom(
      '{',
      '}',
      '{{',
      '}}',
      '{dataset_docs}',
      '{docs}',
      '{}',
      '{0}',
      '{dataset_docs!s}',
      '{dataset_docs:}',
      'a',
      ' ',
      '\n',
      '{ dataset_docs }',
    );
    fc.assert(
      fc.property(fc.array(fc.array(part, { maxLength: 7 }), { minLength: 300, maxLength: 300 }), (lists) => {
        const templates = lists.map((parts) => parts.join(''));
        expect(templates.map(ours)).toEqual(python(templates));
      }),
      { numRuns: 5 },
    );
  });

  it('says where a fault is [B1]', () => {
    for (const [template, offset] of [
      ['ab {c}', 3],
      ['a } b', 2],
      ['{{ok}} {', 7],
    ] as const) {
      expect(() => pythonFormat(template, values)).toThrow(expect.objectContaining({ offset }));
    }
  });

  it('lists the names that a template asks for, with their places', () => {
    expect(formatNames('{a}{{b}} {c!s} {}')).toEqual([
      { name: 'a', offset: 0 },
      { name: 'c', offset: 9 },
      { name: '', offset: 15 },
    ]);
    expect(() => formatNames('{a} {')).toThrow(expect.objectContaining({ offset: 4 }));
  });
});
