import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Proposal } from '../../src/synth/candidate.js';
import { readAnswerFiles } from '../../src/synth/teacher/answers/answer-files.js';
import { isRefusal } from '../../src/synth/teacher/answers/is-refusal.js';
import { jsonInText } from '../../src/synth/teacher/answers/json-in-text.js';
import { removedFiles } from '../../src/synth/teacher/answers/removed-files.js';
import { responseFormat } from '../../src/synth/teacher/answers/response-format.js';
import { strictSchemaFault } from '../../src/testing/chat-endpoint/strict-schema-fault.js';

const first = (text: string): unknown => [...jsonInText(text)][0];
const F = '```';

describe('JSON in what a model wrote', () => {
  it.each<[string, string, unknown]>([
    ['alone', '{"a": 1}', { a: 1 }],
    ['between fences', `Here it is:\n${F}json\n{"a": 1}\n${F}\nI hope that helps {really}.`, { a: 1 }],
    ['after prose with brackets', 'As [asked], with {care}: {"a": [1, 2]} - done.', { a: [1, 2] }],
    ['with trailing commas', '{"a": [1, 2,], "b": {"c": 1,},}', { a: [1, 2], b: { c: 1 } }],
    ['with comments', '{"a": 1, // one\n /* two */ "b": "http://x/*y*/"}', { a: 1, b: 'http://x/*y*/' }],
    ['with line breaks in texts', '{"a": "one\ntwo\tthree"}', { a: 'one\ntwo\tthree' }],
    ['with brackets and fences in texts', `{"a": "}${F}]{", "b": "\\"}"}`, { a: `}${F}]{`, b: '"}' }],
    ['after thinking', '<think>Maybe {"a": 0}?</think>\n{"a": 1}', { a: 1 }],
    ['after a mark of byte order', '\ufeff{"a": 1}', { a: 1 }],
  ])('is found %s [B2]', (_name, text, value) => {
    expect(first(text)).toEqual(value);
  });

  it.each(['', 'no', '{', '{"a": 1', '[1, 2', '<think>{"a": 1', '}{'])('is none in %j [B2]', (text) => {
    expect([...jsonInText(text)]).toEqual([]);
  });

  it('is read again as it was written, whatever stands around it [B2]', () => {
    const prose = fc.stringMatching(/^[ a-zA-Z.,:!\n]{0,80}$/);
    const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
    fc.assert(
      fc.property(prose, value, prose, fc.boolean(), fc.constantFrom(0, 2), (before, json, after, isFenced, indent) => {
        const text = JSON.stringify(json, null, indent);
        const shown = isFenced ? `\n${F}json\n${text}\n${F}\n` : text;
        expect(first(`${before}${shown}${after}`)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is none where it is nested deeper than whoever writes it down again can follow, or runs on and on [B2]', () => {
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    expect([...jsonInText(deep)]).toEqual([]);
    expect([...jsonInText(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)]).toEqual([]);
    expect([...jsonInText(`{"a": "${'x'.repeat(5_000_000)}"}`)]).toEqual([]);
    expect(first('[[[[[[[[1]]]]]]]]')).toEqual([[[[[[[[1]]]]]]]]);
  });

  it('never throws and comes to an end [B2]', () => {
    const hostile = fc.array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', '/*', '//', '\n', '1', 'a', '```'), {
      maxLength: 400,
    });
    fc.assert(fc.property(hostile, (parts) => [...jsonInText(parts.join(''))].length <= 65));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Array.isArray([...jsonInText(text)])));
    expect([...jsonInText('['.repeat(200_000))]).toEqual([]);
    for (const part of ['{"a":', '/*', '"', '{"', '//', ',}']) expect([...jsonInText(part.repeat(10_000))]).toEqual([]);
  });
});

const files = (text: string) => {
  const read = readAnswerFiles(text);
  return 'files' in read ? Object.fromEntries(read.files.map((file) => [file.path, file.text])) : read.problems;
};

describe('files in what a model wrote', () => {
  it.each<[string, string]>([
    ['plain', `FILE: a.py\n${F}python\nx = 1\n${F}`],
    ['as a heading', `### FILE: \`a.py\`\n\n${F}python\nx = 1\n${F}`],
    ['bold', `**FILE: a.py**\n${F}\nx = 1\n${F}`],
    ['bold in part', `**FILE:** \`a.py\`\n${F}\nx = 1\n${F}`],
    ['as a list item', `1. File: a.py (new)\n   ${F}py\n   x = 1\n   ${F}`],
    ['with another word', `Filename: "a.py"\n~~~python\nx = 1\n~~~`],
    ['with a colon after it', `FILE: ./a.py:\n${F}\nx = 1\n${F}`],
    ['in the info of the block', `${F}python file=a.py\nx = 1\n${F}`],
    ['in a comment of the block', `${F}python\n# FILE: a.py\nx = 1\n${F}`],
    ['with line ends of Windows', `FILE: a.py\r\n${F}python\r\nx = 1\r\n${F}\r\n`],
    ['after thinking', `<think>FILE: b.py\n${F}\n${F}</think>FILE: a.py\n${F}\nx = 1\n${F}`],
    ['twice, where the later one counts', `FILE: a.py\n${F}\nold\n${F}\nFILE: a.py\n${F}\nx = 1\n${F}`],
  ])('are read when the name stands %s [B2]', (_name, text) => {
    expect(files(text)).toEqual({ 'a.py': 'x = 1\n' });
  });

  it('keep blocks within a block, and fences that are shorter than their own [B2]', () => {
    const inner = `"""\n${F}python\ncode\n${F}\n"""`;
    expect(files(`FILE: a.py\n${F}\n${inner}\n${F}`)).toEqual({ 'a.py': `${inner}\n` });
    const half = `say '''\n${F}\n'''\nFILE: b.py`;
    expect(files(`FILE: r.md\n${F}${F[0]}\n${half}\n${F}${F[0]}`)).toEqual({ 'r.md': `${half}\n` });
  });

  it('are read although the whole answer stands between fences, or a sketch before them has no end [B2]', () => {
    const two = `FILE: a.py\n${F}python\nx\n${F}\n\nFILE: b.py\n${F}python\ny\n${F}`;
    const expected = { 'a.py': 'x\n', 'b.py': 'y\n' };
    expect(files(`${F}\n${two}\n${F}`)).toEqual(expected);
    expect(files(`First a sketch:\n${F}\nx?\n\n${two}`)).toEqual(expected);
  });

  it('may go: by a line of their own, also without any other file [B2] [S6]', () => {
    const read = readAnswerFiles(
      `- DELETE: \`copy.json\`\n**DELETE:** b/c.py\n\nFILE: a.py\n${F}\nDELETE: inside.py\n${F}`,
    );
    expect('files' in read && removedFiles(read.notes)).toEqual(['copy.json', 'b/c.py']);
    expect(readAnswerFiles('DELETE: only.py')).toEqual({ files: [], notes: 'DELETE: only.py' });
    expect(readAnswerFiles('I would DELETE: everything here.')).toHaveProperty('problems');
  });

  it('leave everything else to the notes [B2]', () => {
    const read = readAnswerFiles(`Why:\n${F}\nsketch\n${F}\nFILE: d/a.py\n${F}\n${F}\nFile: none follows.\nEnd.`);
    expect(read).toEqual({
      files: [{ path: 'd/a.py', text: '' }],
      notes: `Why:\n${F}\nsketch\n${F}\nFile: none follows.\nEnd.`,
    });
  });

  it.each<[string, string, RegExp]>([
    ['no file', 'I would write a.py.', /no block/],
    ['a file without end', `FILE: a.py\n${F}\nx = 1`, /a\.py: its block has no end/],
    ['a file that ends in the next', `FILE: a.py\n${F}\nx\nFILE: b.py\n${F}\ny\n${F}`, /a\.py: its block has no end/],
    ['an absolute path', `FILE: /etc/passwd\n${F}\n${F}`, /"\/etc\/passwd" is no path/],
    ['a path that leaves', `FILE: ../a.py\n${F}\n${F}`, /is no path/],
    ['a path that leaves later', `FILE: a/../../b.py\n${F}\n${F}`, /is no path/],
    ['a path of Windows', `FILE: C:\\a.py\n${F}\n${F}`, /is no path/],
    ['a path like an option', `FILE: -rf\n${F}\n${F}`, /is no path/],
    ['a hidden path', `FILE: .git/config\n${F}\n${F}`, /is no path/],
    ['a file that is a directory', `FILE: a\n${F}\n${F}\nFILE: a/b\n${F}\n${F}`, /a is a file and also/],
    ['a long file', `FILE: a\n${F}\n${'x'.repeat(300_000)}\n${F}`, /262144 are the most/],
    ['a NUL', `FILE: a\n${F}\nx\0\n${F}`, /NUL/],
    ['too many', Array.from({ length: 41 }, (_, i) => `FILE: f${i}\n${F}\n${F}`).join('\n'), /40 are the most/],
  ])('are refused for %s [B1][B2]', (_name, text, problem) => {
    expect(String(files(text))).toMatch(problem);
  });

  const path = fc
    .array(fc.stringMatching(/^[a-z_][\w-]{0,8}(?:\.py|\.json)?$/), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join('/'));
  const line = fc.stringMatching(/^[ \w"'#=+(){}`~-]{0,20}$/);

  it('are read again as they were written, in fences that are long enough [B2]', () => {
    const file = fc.record({ path, lines: fc.array(line, { maxLength: 8 }) });
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: ({ path }) => path, minLength: 1, maxLength: 4 }), (given) => {
        fc.pre(!given.some((one) => given.some((other) => other.path.startsWith(`${one.path}/`))));
        const fence = '`'.repeat(24);
        const text = given.map(({ path, lines }) => `FILE: ${path}\n${[fence, ...lines, fence].join('\n')}`).join('\n');
        const texts = given.map(({ path, lines }) => [path, lines.map((one) => `${one}\n`).join('')]);
        expect(files(text)).toEqual(Object.fromEntries(texts));
      }),
    );
  });

  it('never throw, and never have a path that leaves [B1][B2]', () => {
    const part = fc.oneof(
      fc.constantFrom(
        'FILE: a.py',
        'FILE: ../b',
        '```',
        '```py',
        '````',
        '~~~',
        '# FILE: c',
        '<think>',
        '</think>',
        '',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(part), (lines) => {
        const read = readAnswerFiles(lines.join('\n'));
        if ('files' in read) for (const { path } of read.files) expect(path).not.toMatch(/^\/|(?:^|\/)\.|\\/);
        else expect(read.problems.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('refusals', () => {
  it.each(["I'm sorry, but I can't help with that.", 'I cannot assist with this request.', 'I must decline.'])(
    'are told by their words: %s [B2]',
    (text) => expect(isRefusal(text)).toBe(true),
  );

  it.each(['', '{"a": "I am sorry"}', `I cannot say it shorter: ${'word '.repeat(200)}`, 'Here you are.'])(
    'are not seen where there is another answer: %s [B2]',
    (text) => expect(isRefusal(text)).toBe(false),
  );
});

describe('forms of answers', () => {
  it('keep the rules of endpoints that enforce a schema, and say the rest in words [S2]', () => {
    const format = responseFormat('proposal', Proposal);
    expect(format?.isStrict).toBe(true);
    expect(strictSchemaFault(format?.schema)).toBe(null);
    expect(JSON.stringify(format?.schema)).not.toMatch(/"(?:minLength|pattern|minimum|maxItems|default)":/);
    expect(format?.schema).toMatchObject({
      required: expect.arrayContaining(['gpus', 'dataset']),
      properties: { slug: { type: 'string', description: expect.stringContaining('maxLength 60') } },
    });
  });

  it.each<[string, z.ZodType]>([
    ['a record', z.object({ a: z.record(z.string(), z.number()) })],
    ['a field that may be missing', z.object({ a: z.string().optional() })],
    ['anything', z.object({ a: z.unknown() })],
    ['a tuple', z.object({ a: z.tuple([z.string(), z.number()]) })],
    ['open fields', z.looseObject({ a: z.string() })],
  ])('are asked for without being enforced where they hold %s [S2]', (_name, schema) => {
    expect(responseFormat('x', schema)?.isStrict).toBe(false);
  });

  it.each<[string, z.ZodType]>([
    ['no object', z.array(z.string())],
    ['more than JSON schema can say', z.object({ a: z.custom(() => true), b: z.date() })],
  ])('are left to the words for what is %s [S2]', (_name, schema) => {
    expect(responseFormat('x', schema)).toBe(null);
  });

  it('hold for choices among objects [S2]', () => {
    const one = z.strictObject({ k: z.literal('a'), x: z.int() });
    const schema = z.object({ a: z.discriminatedUnion('k', [one, z.strictObject({ k: z.literal('b') })]).nullable() });
    const format = responseFormat('x', schema);
    expect([format?.isStrict, strictSchemaFault(format?.schema)]).toEqual([true, null]);
    expect(JSON.stringify(format?.schema)).toContain('"enum":["a"]');
  });

  it('hold for objects within themselves [S2]', () => {
    const Tree = z.strictObject({
      name: z.string(),
      get children() {
        return z.array(Tree).describe('below it').max(3);
      },
    });
    const format = responseFormat('x', z.strictObject({ tree: Tree.describe('a tree') }));
    expect([format?.isStrict, strictSchemaFault(format?.schema)]).toEqual([true, null]);
    expect(JSON.stringify(format?.schema)).toMatch(/\{"\$ref":"[^"]+"\}/);
  });
});
