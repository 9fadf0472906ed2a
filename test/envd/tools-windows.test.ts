import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StartedEnvd, WORKSPACE } from './started-envd.js';

let envd: StartedEnvd;
beforeAll(async () => {
  envd = await StartedEnvd.start();
});
afterAll(() => envd.stop());

/** The viewer as the formulas of its specification have it; N lines, a window of W of them around C. */
class Viewer {
  private C: number;

  constructor(
    private lines: string[],
    private readonly W: number,
  ) {
    this.C = W / 2;
  }

  private constrained(C: number, W: number, N: number): number {
    const h = Math.floor(W / 2);
    return Math.max(Math.min(C, N - h), h);
  }

  private printed(lines: readonly string[], C: number, W: number): string {
    const N = lines.length;
    const above = Math.floor(Math.max(0, C - W / 2));
    const below = Math.round(Math.max(0, N - C - W / 2));
    const numbered = lines.map((line, index) => `${index + 1}:${line}`);
    const count = Math.floor(Math.max(C + W / 2, W / 2));
    const head = numbered.slice(0, count < 0 ? Math.max(0, N + count) : count);
    const shown = W === 0 ? [] : head.slice(-Math.abs(W));
    return [
      `[File: ${WORKSPACE}/w.py (${N} lines total)]`,
      ...(above > 0 ? [`(${above} more lines above)`] : []),
      ...shown,
      ...(below > 0 ? [`(${below} more lines below)`] : []),
    ].join('\n');
  }

  private show(C: number): string {
    this.C = this.constrained(C, this.W, this.lines.length);
    return this.printed(this.lines, this.C, this.W);
  }

  private at(line: number): number {
    return Math.floor(Math.max(line + this.W / 2 - Math.floor(this.W / 6), 1));
  }

  open(line?: number): string {
    if (line === undefined) return this.show(this.W / 2);
    const N = this.lines.length;
    if (line > N) return this.show(N);
    return this.show(line < 1 ? 1 : this.at(line));
  }

  goto(line: number): string | null {
    return line > this.lines.length ? null : this.show(this.at(line));
  }

  scroll(direction: number, overlap: number): string {
    return this.show(this.C + direction * (this.W - overlap));
  }

  /** The two windows of a change that is rejected. */
  private rejected(changed: string[], middle: number, size: number, oldMiddle: number, oldSize: number): string[] {
    return [
      this.printed(changed, this.constrained(middle, size, changed.length), size),
      this.printed(this.lines, this.constrained(oldMiddle, oldSize, this.lines.length), oldSize),
    ];
  }

  edit(start: number, end: number, text: string[], isBad: boolean): string[] {
    const s = start - 1;
    const L = text.length;
    const changed = [...this.lines.slice(0, s), ...text, ...this.lines.slice(end)];
    if (changed.length === 0) changed.push('');
    if (isBad) {
      const middle = Math.floor(L / 2) + s;
      return this.rejected(changed, middle, L + 10, Math.trunc((end - s + 1) / 2) + s, end - s + 10);
    }
    this.lines = changed;
    return [this.show(start - 1)];
  }

  insert(line: number, text: string[], isBad: boolean): string[] {
    const L = text.length;
    const changed = [...this.lines.slice(0, line), ...text, ...this.lines.slice(line)];
    if (changed.length === 0) changed.push('');
    if (isBad) return this.rejected(changed, line + Math.floor(L / 2), L + 10, line, 10);
    this.lines = changed;
    return [this.show(line + 1)];
  }
}

const RULE = '-'.repeat(49);
/** The windows in what a command shows: between the rules, or between warnings and the last line. */
function windowsIn(shown: string): string[] {
  const parts = shown.includes(RULE) ? shown.split(RULE) : [shown];
  const windows = parts.filter((part) => part.includes('[File: '));
  return windows.map((part) =>
    part
      .slice(part.indexOf('[File: '))
      .replace(/\n(?:File updated|WARNING: )[\s\S]*$/, '')
      .trimEnd(),
  );
}

const line = fc.nat(70);
const text = fc.record({ count: fc.integer({ min: 1, max: 9 }), isBad: fc.boolean() });
const command = fc.oneof(
  fc.record({ name: fc.constant('open' as const), line: fc.option(line, { nil: undefined }) }),
  fc.record({ name: fc.constant('goto' as const), line }),
  fc.record({ name: fc.constant('scroll' as const), direction: fc.constantFrom(1, -1) }),
  fc.record({ name: fc.constant('edit' as const), start: fc.integer({ min: 1, max: 70 }), end: line, text }),
  fc.record({ name: fc.constant('insert' as const), line, text }),
);

it('windows of any size over files of any length show what the formulas say [E1]', async () => {
  const size = fc.integer({ min: 1, max: 30 });
  const overlap = fc.integer({ min: 1, max: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(60),
      size,
      overlap,
      fc.array(command, { maxLength: 8 }),
      async (N, W, OVERLAP, commands) => {
        const lines = Array.from({ length: N }, (_, index) => `x${index} = 0`);
        await envd.write('w.py', lines.map((written) => `${written}\n`).join(''));
        const viewer = new Viewer(lines, W);
        const shown = async (name: string, args: readonly (string | number)[], stdin?: string) =>
          windowsIn(
            await envd.tool(name, args.map(String), { variables: { WINDOW: W, OVERLAP }, stdin: stdin ?? null }),
          );
        expect(await shown('open', ['w.py'])).toEqual([viewer.open()]);
        for (const step of commands) {
          if (step.name === 'open') {
            expect(await shown('open', ['w.py', step.line ?? ''])).toEqual([viewer.open(step.line)]);
          } else if (step.name === 'goto') {
            const expected = viewer.goto(step.line);
            expect(await shown('goto', [step.line])).toEqual(expected === null ? [] : [expected]);
          } else if (step.name === 'scroll') {
            const expected = viewer.scroll(step.direction, OVERLAP);
            expect(await shown(step.direction > 0 ? 'scroll_down' : 'scroll_up', [])).toEqual([expected]);
          } else {
            const { count, isBad } = step.text;
            const written = Array.from({ length: count }, () => (isBad ? 'x = = 1' : 'y = 1'));
            const stdin = written.map((one) => `${one}\n`).join('');
            const isEdit = step.name === 'edit';
            const range = isEdit ? `${step.start}:${step.end}` : step.line;
            const expected = isEdit
              ? viewer.edit(step.start, step.end, written, isBad)
              : viewer.insert(step.line, written, isBad);
            expect(await shown(step.name, [range], stdin)).toEqual(expected);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});
