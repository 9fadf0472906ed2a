import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabelTraces } from '../../src/synth/gates/leakage/label-traces.js';
import { DEGRADED_SHARES, degradedAnswers, shuffledAnswers } from '../../src/synth/gates/tables/degrade.js';
import { columnOf, readTable, withColumn, writeTable } from '../../src/synth/gates/tables/table.js';
import { boundsOf, isBetter, isEqualScore, meanAndStd } from '../../src/synth/verification/metric-scale.js';

/** Labels of a few classes, in an order without a pattern. */
function labelsOf(count: number, classes: readonly string[]): string[] {
  return Array.from({ length: count }, (_, at) => classes[((at * at * 31 + at * 17) >> 2) % classes.length] ?? '');
}

const ids = (count: number) => Array.from({ length: count }, (_, at) => `row-${at}`);

describe('answers that are made worse', () => {
  const answers = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 8, maxLength: 200 });

  it('differ from the truth in ever more rows, from none to all of them [S7]', () => {
    fc.assert(
      fc.property(answers, fc.string(), (values, seed) => {
        const levels = degradedAnswers(values, seed);
        const touched = (level: number) => levels[level]!.flatMap((value, row) => (value === values[row] ? [] : [row]));
        expect(levels).toHaveLength(DEGRADED_SHARES.length);
        expect(levels[0]).toEqual(values);
        for (let level = 1; level < levels.length; level++) {
          for (const row of touched(level - 1)) expect(levels[level]![row]).toBe(levels[level - 1]![row]);
          if (new Set(values).size > 1) expect(touched(level).length).toBeGreaterThan(touched(level - 1).length);
          expect(levels[level]!.every((value) => (values as string[]).includes(value))).toBe(true);
        }
        expect(degradedAnswers(values, seed)).toEqual(levels);
      }),
    );
  });

  it('are the same answers when they are only shuffled [S7]', () => {
    fc.assert(
      fc.property(answers, fc.string(), (values, seed) => {
        expect(shuffledAnswers(values, seed).sort()).toEqual([...values].sort());
        expect(shuffledAnswers(values, seed)).toEqual(shuffledAnswers(values, seed));
      }),
    );
  });
});

describe('traces of labels', () => {
  const values = labelsOf(120, ['cat', 'dog', 'eel']);
  const traces = new LabelTraces(ids(120), values);

  it.each([
    ['a list', `TRUTH = ${JSON.stringify(values)}`],
    ['a part of a list, over lines', values.slice(40, 100).join(',\n  ')],
    [
      'lines of a table',
      ids(120)
        .map((id, at) => `${id},${values[at]}`)
        .join('\n'),
    ],
    [
      'a dictionary in another order',
      JSON.stringify(
        Object.fromEntries(
          ids(120)
            .map((id, at) => [id, values[at]])
            .reverse(),
        ),
      ),
    ],
    ['words in capitals', values.join(' ').toUpperCase()],
  ])('are found in %s [S7]', (_what, text) => {
    expect(traces.find(`import csv\n${text}\nprint("done")`)).not.toBeNull();
  });

  it.each([
    ['the names of the classes', "expected one of 'cat', 'dog', 'eel'; the ids are row-0 to row-119"],
    [
      'a constant prediction',
      ids(120)
        .map((id) => `${id},cat`)
        .join('\n'),
    ],
    ['another list of the same labels', labelsOf(300, ['eel', 'dog', 'cat']).reverse().join(' ')],
    ['two answers', `row-3 is ${values[3]}, row-7 is ${values[7]}`],
    ['nothing', ''],
  ])('are not found in %s [S7]', (_what, text) => {
    expect(traces.find(text)).toBeNull();
  });

  it('are found among numbers however they are rounded and among letters without spaces [S7]', () => {
    const numbers = Array.from({ length: 50 }, (_, at) => String(Math.sin(at) * 1000));
    const rounded = numbers.map((value) => Number(value).toPrecision(8)).join(', ');
    expect(new LabelTraces(ids(50), numbers).find(rounded)).not.toBeNull();
    const bits = labelsOf(200, ['0', '1']);
    expect(new LabelTraces(ids(200), bits).find(`x = "${bits.slice(20, 150).join('')}"`)).not.toBeNull();
    expect(new LabelTraces(ids(200), bits).find(`x = "${'01'.repeat(60)}"`)).toBeNull();
  });

  it('are none where all answers are equal [S7]', () => {
    expect(new LabelTraces(ids(30), Array(30).fill('cat')).find('cat '.repeat(100))).toBeNull();
  });

  it('are never found in words that are not among the answers [S7]', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[f-z]{4,9}$/)), (words) => {
        expect(traces.find(words.join(' '))).toBeNull();
      }),
    );
  });
});

describe('a table', () => {
  it('is read as it was written, whatever its cells hold', async () => {
    const cell = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\ufeff', ''));
    const directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-table-'));
    const file = path.join(directory, 'table.csv');
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.nat().map(String), cell), { minLength: 1 }), async (rows) => {
          const table = { columns: ['id', 'answer'], rows };
          await writeFile(file, writeTable(table));
          expect(await readTable(file)).toEqual(table);
          const other = withColumn(
            table,
            'answer',
            rows.map(() => 'x'),
          );
          expect(columnOf(other, 'answer')).toEqual(rows.map(() => 'x'));
          expect(columnOf(other, 'id')).toEqual(rows.map(([id]) => id));
          expect(columnOf(table, 'none')).toBeNull();
        }),
      );
      await expect(readTable(path.join(directory, 'none.csv'))).rejects.toThrow('ENOENT');
      await writeFile(file, 'id,answer\n1,"never closed\n');
      await expect(readTable(file)).rejects.toThrow(/quote/i);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe('scores', () => {
  it('are better only beyond their margin and beyond rounding [S7]', () => {
    const up = { direction: 'maximize' } as const;
    const down = { direction: 'minimize' } as const;
    expect([isBetter(up, 2, 1), isBetter(down, 2, 1), isBetter(down, 1, 2)]).toEqual([true, false, true]);
    expect([isBetter(up, 1.05, 1, 0.1), isBetter(up, 1.2, 1, 0.1)]).toEqual([false, true]);
    expect(isBetter(up, 0.1 + 0.2, 0.3)).toBe(false);
    expect(isEqualScore(1e12, 1e12 + 1)).toBe(true);
  });

  it('have bounds by the direction of their metric, and a deviation of 0 when they are equal [E8]', () => {
    const metric = { name: 'f1', lower: 0, upper: null, explanation: '' };
    expect(boundsOf({ ...metric, direction: 'maximize' })).toEqual({ best: null, worst: 0 });
    expect(boundsOf({ ...metric, direction: 'minimize' })).toEqual({ best: 0, worst: null });
    expect(meanAndStd([0.1, 0.1, 0.1])).toEqual({ mean: 0.1, std: 0 });
    expect(meanAndStd([1, 3])).toEqual({ mean: 2, std: Math.SQRT2 });
  });
});
