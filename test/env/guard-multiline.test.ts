import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardMultiline } from '../../src/env/episode/guard-multiline.js';
import { pythonStrip } from '../../src/python/python-strip.js';

/**
 * MLGym's rewriting as its specification puts it: of the remaining text the match that begins first is cut by as many
 * characters as stand before it, and gets the here-document on what is then its first line.
 */
function stated(action: string): string {
  const pairs = [
    ['edit', 'end_of_edit'],
    ['insert', 'end_of_insert'],
    ['submit', 'None'],
  ] as const;
  const pieces: string[] = [];
  let rest = action;
  for (;;) {
    if (pythonStrip(rest) === '') return pieces.join('\n');
    const first = pairs
      .flatMap(([name, end]) => {
        const match = new RegExp(`^\\s*${name}[^]*?\\n${end}\\s*$`, 'm').exec(rest);
        return match ? [{ at: match.index, text: match[0], mark: `<< '${end}'` }] : [];
      })
      .sort((a, b) => a.at - b.at)[0];
    if (!first) return [...pieces, rest].join('\n');
    const { at, text, mark } = first;
    if (pythonStrip(rest.slice(0, at)) !== '') pieces.push(rest.slice(0, at));
    const isWritten = pythonStrip(text.split('\n')[0]!).endsWith(mark);
    const [head, ...below] = text.slice(at).split('\n');
    pieces.push(isWritten ? text : [`${head} ${mark}`, ...below].join('\n'));
    rest = rest.slice(at + text.length);
  }
}

const mlgym = (action: string) => guardMultiline(action, 'mlgym');
const fixed = (action: string) => guardMultiline(action, 'fixed');

describe('guardMultiline, as MLGym [E4]', () => {
  it.each([
    ['edit 1:1\nx\nend_of_edit', "edit 1:1 << 'end_of_edit'\nx\nend_of_edit"],
    ['insert 3\n$a `b` \\c\t\nend_of_insert', "insert 3 << 'end_of_insert'\n$a `b` \\c\t\nend_of_insert"],
    ['\nedit 1:1\nx\nend_of_edit', " << 'end_of_edit'\nedit 1:1\nx\nend_of_edit"],
    ['  edit 1:1\nx\nend_of_edit', "  edit 1:1 << 'end_of_edit'\nx\nend_of_edit"],
    ['ls\nedit 1:1\nB\nend_of_edit', "ls\n\nt 1:1 << 'end_of_edit'\nB\nend_of_edit"],
    ['x=1\ninsert 1\ny\nend_of_insert', "x=1\n\nrt 1 << 'end_of_insert'\ny\nend_of_insert"],
    ['ls\n\nedit 1:1\nB\nend_of_edit', "ls\n\nit 1:1 << 'end_of_edit'\nB\nend_of_edit"],
    ["edit 1:1 << 'end_of_edit'\nx\nend_of_edit", "edit 1:1 << 'end_of_edit'\nx\nend_of_edit"],
    ['edit 1:1\nsubmit\nend_of_edit', "edit 1:1 << 'end_of_edit'\nsubmit\nend_of_edit"],
    ['edit 1:1\nend_of_edit_not\nend_of_edit', "edit 1:1 << 'end_of_edit'\nend_of_edit_not\nend_of_edit"],
    ['edit 1:1\nx\nend_of_edit\nls', "edit 1:1 << 'end_of_edit'\nx\nend_of_edit\n\nls"],
    ['edit 1:1\nx\n  end_of_edit', 'edit 1:1\nx\n  end_of_edit'],
    ['editor\nend_of_edit', "editor << 'end_of_edit'\nend_of_edit"],
    ['submit\nNone', "submit << 'None'\nNone"],
    ['echo a; ls', 'echo a; ls'],
    ['  \n ', ''],
  ])('rewrites %j', (action, expected) => expect(mlgym(action)).toBe(expected));

  it('lets the second of two edits be swallowed by the newline between them', () => {
    const twice = 'edit 1:1\na\nend_of_edit\nedit 2:2\nb\nend_of_edit';
    expect(mlgym(twice)).toBe("edit 1:1 << 'end_of_edit'\na\nend_of_edit\n << 'end_of_edit'\nedit 2:2\nb\nend_of_edit");
  });

  it('does with any lines what is stated of it', () => {
    const lines = [
      ...[
        'edit 1:2',
        '  edit 3:4',
        'editor',
        "edit 1:1 << 'end_of_edit'",
        'end_of_edit',
        'end_of_edit  ',
        ' end_of_edit',
      ],
      ...[
        'insert 3',
        '\tinsert',
        'end_of_insert',
        'submit',
        'submit now',
        'None',
        'end_of_edit_not',
        'ls -l',
        'x',
        '',
        '  ',
      ],
    ];
    const line = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...lines) }, fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (parts) => {
        const action = parts.join('\n');
        expect(mlgym(action)).toBe(stated(action));
      }),
      { numRuns: 3000 },
    );
  });

  it('leaves only a here-document of a command that stands behind a longer preamble', () => {
    expect(mlgym(`${'x'.repeat(60)}\nedit 1:1\nB\nend_of_edit`)).toBe(`${'x'.repeat(60)}\n\n << 'end_of_edit'`);
  });
});

describe('guardMultiline, fixed [E1]', () => {
  it.each([
    ['\nedit 1:1\nx\nend_of_edit', "\nedit 1:1 << 'end_of_edit'\nx\nend_of_edit"],
    ['ls\nedit 1:1\nB\nend_of_edit', "ls\nedit 1:1 << 'end_of_edit'\nB\nend_of_edit"],
    [
      'edit 1:1\na\nend_of_edit\nedit 2:2\nb\nend_of_edit  \nls',
      "edit 1:1 << 'end_of_edit'\na\nend_of_edit\nedit 2:2 << 'end_of_edit'\nb\nend_of_edit\nls",
    ],
    ['editor\nend_of_edit', 'editor\nend_of_edit'],
    ['submit\nNone', 'submit\nNone'],
    ['edit 1:1\nno end', 'edit 1:1\nno end'],
    ["edit 1:1 << 'end_of_edit'\nx\nend_of_edit", "edit 1:1 << 'end_of_edit'\nx\nend_of_edit"],
  ])('rewrites %j', (action, expected) => expect(fixed(action)).toBe(expected));

  it('changes nothing the second time', () => {
    const line = fc.constantFrom(
      'edit 1:2',
      ' insert 3',
      'end_of_edit',
      'end_of_insert ',
      'ls',
      '',
      '  ',
      'submit',
      'None',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const once = fixed(lines.join('\n'));
        expect(fixed(once)).toBe(once);
      }),
    );
  });

  it.each(['mlgym', 'fixed'] as const)('takes an action of a million lines in its stride, %s [B1]', (dialect) => {
    const many = ['\n'.repeat(400_000), 'edit 1:1\nend_of_edit\n'.repeat(200_000), 'edit\n'.repeat(200_000)].join(
      'x\n',
    );
    expect(guardMultiline(many, dialect).length).toBeGreaterThan(1_000_000);
  });
});
