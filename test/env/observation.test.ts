import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartialOutput } from '../../src/env/episode/partial-output.js';
import { decodeOutput, trimCutEnd, trimCutStart } from '../../src/env/observation/decode-output.js';
import { filterOutput } from '../../src/env/observation/filter-output.js';
import {
  commandText,
  evaluatedText,
  outputText,
  runningText,
  validText,
} from '../../src/env/observation/observation.js';
import { floatsRepr } from '../../src/python/python-repr.js';
import { pythonStrip } from '../../src/python/python-strip.js';
import type { CommandResult, CommandStatus } from '../../src/sandbox/sandbox.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const whole = (output: Uint8Array | string) => ({
  output: typeof output === 'string' ? bytes(output) : output,
  omittedBytes: 0,
  omittedAt: null,
  logPath: null,
});

function python(program: string, input: string): string {
  return execFileSync('python3', ['-c', program], { input, encoding: 'utf8', maxBuffer: 1 << 24 });
}

describe('filterOutput [E4]', () => {
  it.each([
    ['a\n\n\nb\n', 'a\nb'],
    ['x\ry\rz\n', 'x\ny\nz'],
    ['x\r\n\r\ny', 'x\ny'],
    ['', ''],
    ['\n', ''],
    ['50%|x|[y]\n', ''],
    ['1 2 3 ', '1 2 3 '],
    ['  \na', '  \na'],
    ['a\vb\fc\x1cd\x1de\x1ef\x85g\u2028h\u2029i', 'a\nb\nc\nd\ne\nf\ng\nh\ni'],
    ['Epoch 1:  50%|#####     | 5/10 [00:01<00:01]', ''],
    ['50% done', '50% done'],
    ['50%|###| 5/10', '50%|###| 5/10'],
    ['5:', '5:'],
  ])('makes %j into %j', (text, expected) => expect(filterOutput(text)).toBe(expected));

  it('gives markers in the output no meaning [B5]', () => {
    const text = '///PROCESS-DONE:0:PROCESS-DONE///\n<<SUBMISSION||\nx\n||SUBMISSION>>';
    expect(filterOutput(text)).toBe(text);
  });

  it('drops the lines that the regular expression of MLGym matches, and no others', () => {
    const letters = fc.constantFrom('5', '%', '|', '[', ']', ' ', 'a', ':', '٣');
    const lines = fc.sample(fc.array(letters, { minLength: 1, maxLength: 14 }), { numRuns: 2000, seed: 3 });
    const texts = lines.map((line) => line.join(''));
    const program = `import json,re,sys
pattern = re.compile(r'(?:.*?:\\s*)?(\\d+%\\|.*?\\|.*\\[.*?\\])')
print(json.dumps([bool(pattern.search(text)) for text in json.load(sys.stdin)]))`;
    expect(texts.map((text) => filterOutput(text) === '')).toEqual(JSON.parse(python(program, JSON.stringify(texts))));
  });

  it('reads a line of a million bars at once', () => {
    expect(filterOutput('1%|'.repeat(1_000_000))).toHaveLength(3_000_000);
  });
});

describe('decodeOutput [E4]', () => {
  it.each([
    [[0x63, 0x61, 0x66, 0xc3, 0xa9, 0x20, 0xff, 0xfe], 'café \\xff\\xfe'],
    [[0xe2, 0x82], '\\xe2\\x82'],
    [[0xed, 0xa0, 0x80, 0x41], '\\xed\\xa0\\x80A'],
    [[0xf4, 0x90, 0x80, 0x80], '\\xf4\\x90\\x80\\x80'],
    [[0xef, 0xbb, 0xbf, 0x41], '\ufeffA'],
  ])('decodes %j', (data, text) => expect(decodeOutput(Uint8Array.from(data))).toBe(text));

  it('shows bytes as Python does with backslashreplace', () => {
    const interesting = [
      0x41, 0x80, 0xa0, 0xbf, 0xc0, 0xc3, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0x9f, 0x90,
    ];
    const samples = fc.sample(fc.array(fc.constantFrom(...interesting), { maxLength: 12 }), { numRuns: 1500, seed: 5 });
    const program = `import json,sys
print(json.dumps([bytes(data).decode('utf-8', 'backslashreplace') for data in json.load(sys.stdin)]))`;
    const expected = JSON.parse(python(program, JSON.stringify(samples)));
    expect(samples.map((data) => decodeOutput(Uint8Array.from(data)))).toEqual(expected);
  });

  it('cuts no character in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (text, at) => {
        const data = bytes(text);
        const cut = at % (data.length + 1);
        expect(decodeOutput(trimCutEnd(data.subarray(0, cut)))).not.toContain('\\x');
        expect(decodeOutput(trimCutStart(data.subarray(cut)))).not.toContain('\\x');
      }),
    );
  });
});

describe('pythonStrip', () => {
  it('takes off what Python takes off', () => {
    expect(pythonStrip(' \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2003a b\x1c ')).toBe('a b');
  });
});

describe('outputText', () => {
  it('says how much is left out where, and leaves no half characters at the cut', () => {
    const kept = { output: bytes('héé'), omittedBytes: 1000, omittedAt: 2, logPath: '/tmp/log' };
    expect(outputText(kept)).toBe('h\n[1000 bytes of output are left out here; the whole output is in /tmp/log]\né');
    expect(outputText({ ...kept, logPath: null, omittedAt: 0, output: bytes('x') })).toBe(
      '[1000 bytes of output are left out here]\nx',
    );
  });
});

describe('commandText [E4]', () => {
  const result = (status: CommandStatus, output: string) => ({ ...whole(output), status }) as CommandResult;
  it.each<[CommandStatus, string, string]>([
    ['exited', 'a\n\n', 'a'],
    ['syntax_error', '/bin/bash: line 1: x\n', '/bin/bash: line 1: x'],
    ['timed_out', 'part\n', 'part\nEXECUTION TIMED OUT BECAUSE THE COMMAND WAS RUNNING FOR MORE THAN 25 SECONDS.'],
    ['timed_out', '', '\nEXECUTION TIMED OUT BECAUSE THE COMMAND WAS RUNNING FOR MORE THAN 25 SECONDS.'],
    [
      'no_output_timeout',
      '',
      '\nEXECUTION TIMED OUT BECAUSE NO OUTPUT WAS PRODUCED FOR MORE THAN 3600 SECONDS.\nPLEASE REFINE YOUR RUNNING COMMAND SO IT WILL PRODUCE OUTPUT IN THE SPECIFIED TIME FRAME.',
    ],
    ['interrupt_failed', '', '\nEXECUTION TIMED OUT AND INTERRUPT FAILED. RESTARTING PROCESS.'],
    ['shell_exited', '', '\nCOMMAND FAILED TO EXECUTE. RESTARTING PROCESS.'],
    ['interrupted', 'a', 'a\nEXECUTION INTERRUPTED.'],
  ])('tells %s', (status, output, text) => expect(commandText(result(status, output), 25)).toBe(text));

  it('shows output before the hint that more comes', () => {
    expect(runningText(whole('epoch 1\n'))).toMatch(/^epoch 1\nThe command is still running\./);
    expect(runningText(whole(''))).toMatch(/^The command is still running\./);
  });
});

describe('validText [E4]', () => {
  it('is worded as MLGym words it', () => {
    expect(
      validText('/home/agent/workspace/target.py', floatsRepr({ Score: 1.0226699113845825 }), "{'Score': 2}"),
    ).toBe(
      "Your code produced a valid submission artefact at /home/agent/workspace/target.py.\nBaseline Score: {'Score': 1.0226699113845825}\nEvaluation Score: {'Score': 2}",
    );
    expect(validText('', null, '{}')).toBe(
      'Your code produced a valid submission artefact at .\nBaseline Score: NA (no baseline was there)\nEvaluation Score: {}',
    );
  });

  it('keeps what a command showed only where MLGym is not to be copied', () => {
    expect(evaluatedText('submit', 'epoch 1', 'Exited (submit)', 'fixed')).toBe('epoch 1\nExited (submit)');
    expect(evaluatedText('submit', 'epoch 1', 'Exited (submit)', 'mlgym')).toBe('Exited (submit)');
    expect(evaluatedText('submit', '', 'Exited (submit)', 'fixed')).toBe('Exited (submit)');
    expect(evaluatedText('shell_lost', 'gone', 'Exited (shell_lost)', 'mlgym')).toBe('gone');
  });
});

describe('PartialOutput', () => {
  it('keeps what the sandbox keeps for the result', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 40 }), { maxLength: 30 }),
        fc.nat(30),
        fc.nat(30),
        (chunks, head, tail) => {
          const window = new PartialOutput({ head, tail });
          let offset = 0;
          for (const chunk of chunks.map(bytes)) {
            window.push(chunk, offset);
            offset += chunk.length;
          }
          const all = Buffer.from(bytes(chunks.join('')));
          const { output, omittedBytes, omittedAt } = window.kept();
          const fits = all.length <= head + tail;
          const expected = fits ? all : Buffer.concat([all.subarray(0, head), all.subarray(all.length - tail)]);
          expect(Buffer.from(output)).toEqual(expected);
          expect(omittedBytes).toBe(all.length - expected.length);
          expect(omittedAt).toBe(fits ? null : head);
        },
      ),
    );
  });

  it('shows a lost chunk as a cut', () => {
    const window = new PartialOutput({ head: 10, tail: 10 });
    window.push(bytes('abc'), 0);
    window.push(bytes('xyz'), 100);
    expect(window.kept()).toMatchObject({ omittedBytes: 97, omittedAt: 3 });
  });
});
