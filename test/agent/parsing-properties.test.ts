import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createParser, type TextParserName } from '../../src/agent/parsing/create-parser.js';
import { OutputFault } from '../../src/agent/parsing/output-fault.js';
import { countPythonLines } from '../../src/python/python-lines.js';
import { shellQuote } from '../../src/python/python-quote.js';
import { pythonStrip } from '../../src/python/python-strip.js';

const PARSERS = [
  'mlgym_thought_action',
  'thought_action',
  'edit_format',
  'action',
  'xml_thought_action',
  'identity',
  'json',
  'action_only',
  'single_bash_code_block',
  'all_bash_code_blocks',
  'xml_function_calling',
] as const satisfies readonly TextParserName[];

const path = { name: 'path', type: 'string', description: '', required: false };
const COMMANDS = [
  { name: 'ls', docstring: null, signature: 'ls <path>', endName: null, arguments: [path] },
  { name: 'edit', docstring: null, signature: 'edit <path>\nend', endName: 'end', arguments: [path] },
];

const pieces = fc.constantFrom(
  ...['```', '``', '`', '\n', '\n\n', ' ', '\t', '\r', '\u2028', '\x85', '\ufeff', 'bash', 'ls', 'a'],
  ...['<command>', '</command>', '<function=ls>\n', '</function>', '<parameter=path>', '</parameter>', '```bash\n'],
  ...['{"thought":"a","command":', '{"name":"ls"', ',"arguments":', '{"path":"x"}', '}', '{', '[', '"', '\\', '\ud800'],
);
const texts = fc.array(pieces, { maxLength: 24 }).map((all) => all.join(''));

/** What tempts a pattern to try again from every place. */
const GARBAGE = [
  ...['`', '```', '\n```', '```\n', '```x ', '\n``` ', `\n\`\`\`${' '.repeat(999)}x`, '```bash\n', '\n```bash\n'],
  ...[' ', '\n', '\u2028', '<command>', '</command>', '<function=', '<function=a>\n', '<function=a>\n<parameter='],
  ...['[', '{"a":', '"\\', '1'],
];

describe.each(PARSERS)('%s [E1]', (name) => {
  const parser = createParser(name, COMMANDS);

  it('gives an answer to every text', () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
        const parsed = parser.parse(text);
        const words = parsed instanceof OutputFault ? [parsed.reason] : [parsed.thought, parsed.action];
        expect(words.every((word) => typeof word === 'string')).toBe(true);
        if (parsed instanceof OutputFault) expect(parsed.reason).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });

  it('reads a megabyte of anything without going back and forth in it', () => {
    for (const piece of GARBAGE) {
      const text = piece.repeat(Math.ceil(2 ** 20 / piece.length));
      for (const all of [text, `${text}\n\`\`\``, `a${text}a`, `<function=a>\n${text}</function>`]) {
        const parsed = parser.parse(all);
        expect(parsed instanceof OutputFault || parsed.action.length <= all.length).toBe(true);
      }
    }
  });
});

describe("Python's texts [E1]", () => {
  it('strips, counts lines and quotes as Python does', () => {
    const characters = fc.constantFrom(
      ...' \t\n\r\v\f\x1c\x1f\x85\xa0\u2028\u200b\u3000\ufeff',
      "'",
      '"',
      'a',
      '$',
      'é',
    );
    const samples = fc.sample(fc.array(characters, { maxLength: 8 }), { numRuns: 3000, seed: 5 });
    const all = samples.map((sample) => sample.join(''));
    const program = `import json, shlex, sys
print(json.dumps([[text.strip(), len(text.splitlines()), shlex.quote(text)] for text in json.load(sys.stdin)]))`;
    const wanted = execFileSync('python3', ['-c', program], { input: JSON.stringify(all), encoding: 'utf8' });
    const found = all.map((text) => [pythonStrip(text), countPythonLines(text), shellQuote(text)]);
    expect(found).toEqual(JSON.parse(wanted));
  });

  it('strips texts with long runs of spaces inside', () => {
    const spaces = ' '.repeat(2 ** 20);
    expect(pythonStrip(` a${spaces}b `)).toBe(`a${spaces}b`);
  });
});
