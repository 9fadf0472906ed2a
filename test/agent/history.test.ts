import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryProcessorSpec } from '../../src/agent/config/agent-config.js';
import { createHistoryProcessor } from '../../src/agent/history/create-history-processor.js';
import type { HistoryItem } from '../../src/agent/history/history-item.js';
import type { ChatMessage } from '../../src/agent/models/model.js';

const agent = 'primary_0';
const system: HistoryItem = { role: 'system', content: 'You are.', agent };
const user = (content: string): HistoryItem => ({ role: 'user', content, agent });
const said = (content: string): HistoryItem => ({ role: 'assistant', content, thought: '', action: content, agent });
const demo: HistoryItem = { role: 'user', content: '[File: /a (1 lines total)]\n1:x\n', agent, is_demo: true };
const called = (id: string): HistoryItem => ({
  role: 'assistant',
  content: '',
  agent,
  tool_calls: [{ id, name: 'bash', arguments: '{}' }],
});
const answer = (id: string, content: string): HistoryItem => ({ role: 'tool', content, agent, tool_call_id: id });

/** A history of n prompts and the answers between them. */
function play(n: number, tools: boolean): HistoryItem[] {
  const items = [system, demo, user('prompt 0')];
  for (let at = 1; at < n; at++) {
    items.push(
      ...(tools ? [called(`c${at}`), answer(`c${at}`, `prompt ${at}`)] : [said(`do ${at}`), user(`prompt ${at}`)]),
    );
  }
  return items;
}

function view(specs: readonly HistoryProcessorSpec[], items: readonly HistoryItem[]): ChatMessage[] {
  return createHistoryProcessor(specs)(items);
}

/** What stands of each observation: its number, or that it was cut. */
function kept(messages: readonly ChatMessage[]): string {
  return messages
    .slice(2)
    .filter(({ role }) => role !== 'assistant')
    .map(
      ({ content }) => /^prompt (\d+)$/.exec(content)?.[1] ?? (content === 'Old output omitted (1 lines)' ? '-' : '?'),
    )
    .join(' ');
}

describe('what a model sees [E1]', () => {
  it('is role and content of everything, in order', () => {
    const items = [system, demo, user('task'), { ...said('ls'), reasoning: 'hm' }, user('a\nb')];
    expect(view([{ type: 'full' }], items)).toEqual([
      { role: 'system', content: 'You are.' },
      { role: 'user', content: demo.content },
      { role: 'user', content: 'task' },
      { role: 'assistant', content: 'ls' },
      { role: 'user', content: 'a\nb' },
    ]);
    expect(view([], items)).toEqual(view([{ type: 'full' }], items));
  });

  it.each([
    [1, 1, '0'],
    [2, 1, '0 1'],
    [3, 1, '0 - 2'],
    [6, 5, '0 1 2 3 4 5'],
    [7, 5, '0 - 2 3 4 5 6'],
    [10, 5, '0 - - - - 5 6 7 8 9'],
    [10, 2, '0 - - - - - - - 8 9'],
    [10, 100, '0 1 2 3 4 5 6 7 8 9'],
  ])('of %i observations the first and the last %i stay: %s', (count, n, expected) => {
    for (const tools of [false, true]) {
      expect(kept(view([{ type: 'last_observations', n }], play(count, tools)))).toBe(expected);
    }
  });

  it.each([
    [3, '0 1 2'],
    [7, '0 - 2 3 4 5 6'],
    [8, '0 - - - - - 6 7'],
    [11, '0 - - - - - 6 7 8 9 10'],
    [12, '0 - - - - - - - - - 10 11'],
  ])('with polling the cut of %i observations moves in steps: %s', (count, expected) => {
    expect(kept(view([{ type: 'last_observations', n: 2, polling: 4 }], play(count, true)))).toBe(expected);
  });

  it('counts the lines of the whole message as Python does', () => {
    const items = [user('task'), user('a\r\nb\vc\x85d\n(Current Step: 1)\nbash-$'), user('last')];
    expect(view([{ type: 'last_observations', n: 1 }], items)[1]?.content).toBe('Old output omitted (6 lines)');
  });

  it('leaves out what patterns match, but not in the last items', () => {
    const items = [user('a<diff>\nx\n</diff>b'), said('<diff></diff>'), user('<diff>y</diff>')];
    const seen = view([{ type: 'remove_regex', patterns: ['<diff>.*</diff>', 'b$'], keepLast: 1 }], items);
    expect(seen.map(({ content }) => content)).toEqual(['a', '', '<diff>y</diff>']);
  });

  it.each([
    { type: 'last_observations', n: 0 },
    { type: 'last_observations', n: 5, polling: 0 },
    { type: 'append_only', keep: 0, every: 1 },
    { type: 'append_only', keep: 1, every: 0.5 },
  ] as const)('refuses %j', (spec) => {
    expect(() => createHistoryProcessor([spec])).toThrow(RangeError);
  });
});

describe('closed windows [E1]', () => {
  const window = (file: string, ...lines: string[]) => `[File: ${file} (9 lines total)]\n${lines.join('\n')}\n(2 more)`;
  const contents = (...items: HistoryItem[]) => view([{ type: 'closed_window' }], items).map(({ content }) => content);

  it('keeps only the last window of a file', () => {
    expect(contents(user(window('/a', '1:x', '2:y')), user(window('/b c', '1:z')), user(window('/a', '3:w')))).toEqual([
      '[File: /a (9 lines total)]\nOutdated window with 2 lines omitted...\n(2 more)',
      window('/b c', '1:z'),
      window('/a', '3:w'),
    ]);
  });

  it('takes everything from the first numbered line to the last', () => {
    const older = user(`${window('/a', '1:x')}\nnote\n12: at noon\nend`);
    expect(contents(older, user(window('/a', '1:x')))[0]).toBe(
      '[File: /a (9 lines total)]\nOutdated window with 2 lines omitted...\nend',
    );
  });

  it('drops a message of the user with numbered lines and no header, and never the answer to a call', () => {
    expect(
      contents(user('1:x'), said('1:x'), { ...user('1:x'), is_demo: true }, called('a'), answer('a', '1:x')),
    ).toEqual(['1:x', '1:x', '', '1:x']);
  });

  it.each([
    ['[File: '.repeat(150_000), null],
    [`[File:${' '.repeat(2 ** 20)}`, null],
    [`[File: ${'(1 lines total) '.repeat(65_536)}`, null],
    [`[File: x (${'1'.repeat(2 ** 20)}`, null],
    [`[File: ${' (1'.repeat(350_000)}`, null],
    ['[File: \n'.repeat(130_000), null],
    ['[File: [File: /a (1 lines total)]', '[File: /a'],
    ['[File: /a  (1 lines total)]', '/a '],
    ['[File:\n/a\n(1 lines total)]', '/a'],
    ['[File: x [File: \n/a (1 lines total)]', '/a'],
    ['[File:  (1 lines total)]', ''],
    ['[File: (1 lines total)]', null],
  ])('finds the header of %j', (header, file) => {
    const newer = file === null ? 'nothing' : `[File: ${file} (1 lines total)]\n1:x`;
    const seen = contents(user(`1:y\n${header}`), user(newer));
    if (file === null) expect(seen).toEqual(['nothing']);
    else expect(seen[0]).toBe(`Outdated window with 1 lines omitted...\n${header}`);
  });
});

describe('the append-only view [E1]', () => {
  it.each([
    [6, '0 1 2 3 4 5'],
    [7, '0 - - - 4 5 6'],
    [9, '0 - - - 4 5 6 7 8'],
    [10, '0 - - - - - - 7 8 9'],
  ])('of %i observations shows %s', (count, expected) => {
    expect(kept(view([{ type: 'append_only', keep: 3, every: 3 }], play(count, false)))).toBe(expected);
  });

  it('begins with the whole prompt before it, except when a batch is cut, and stays bounded', () => {
    const counts = fc.record({ keep: fc.integer({ min: 1, max: 6 }), every: fc.integer({ min: 1, max: 6 }) });
    fc.assert(
      fc.property(counts, fc.boolean(), ({ keep, every }, tools) => {
        const process = createHistoryProcessor([{ type: 'append_only', keep, every }]);
        let before: ChatMessage[] = [];
        for (let count = 1; count < 40; count++) {
          const prompt = process(play(count, tools));
          const whole =
            kept(prompt)
              .split(' ')
              .filter((word) => word !== '-').length - 1;
          expect(whole).toBeLessThan(keep + every);
          expect(whole).toBeGreaterThanOrEqual(Math.min(keep, count - 1));
          const cut = count - 1 > keep && (count - 1 - keep) % every === 0;
          if (!cut) expect(prompt.slice(0, before.length)).toEqual(before);
          before = prompt;
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('every view of every history [E1]', () => {
  const items = fc.array(
    fc.oneof(
      fc.constant(system),
      fc.constant(demo),
      fc.constantFrom('a', '[File: /x (2 lines total)]\n1:a\n', '1:b\n', '').map(user),
      fc.constantFrom('', 'ls').map(said),
      fc.constantFrom('a', 'b').map(called),
      fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('out', '1:x')).map(([id, out]) => answer(id, out)),
      fc.constant<HistoryItem>({
        ...called('a'),
        reasoning: 'hm',
        tool_calls: ['a', 'b'].map((id) => ({ id, name: 'bash', arguments: '{}' })),
      }),
    ),
    { maxLength: 14 },
  );
  const specs = fc.array(
    fc.constantFrom<HistoryProcessorSpec>(
      { type: 'full' },
      { type: 'last_observations', n: 1 },
      { type: 'closed_window' },
      { type: 'remove_regex', patterns: ['a.'], keepLast: 1 },
      { type: 'append_only', keep: 1, every: 2 },
    ),
    { maxLength: 3 },
  );

  it('answers each call once, right behind it, and leaves the history as it is', () => {
    fc.assert(
      fc.property(items, specs, (history, list) => {
        const copy = structuredClone(history);
        const messages = view(list, history);
        expect(history).toEqual(copy);
        let open = new Set<string>();
        for (const message of messages) {
          if (message.role === 'tool') expect(open.delete(message.toolCallId)).toBe(true);
          else {
            expect([...open]).toEqual([]);
            const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
            open = new Set(calls.map(({ id }) => id));
          }
        }
        expect([...open]).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('carries calls, answers and the thinking beside a call', () => {
    const messages = view(
      [{ type: 'last_observations', n: 1 }],
      [
        user('task'),
        { ...called('a'), reasoning: 'hm' },
        answer('a', 'one'),
        called('b'),
        answer('b', 'two'),
        called('c'),
      ],
    );
    const calls = (id: string) => [{ id, name: 'bash', arguments: '{}' }];
    expect(messages).toEqual([
      { role: 'user', content: 'task' },
      { role: 'assistant', content: '', toolCalls: calls('a'), reasoning: 'hm' },
      { role: 'tool', content: 'Old output omitted (1 lines)', toolCallId: 'a' },
      { role: 'assistant', content: '', toolCalls: calls('b') },
      { role: 'tool', content: 'two', toolCallId: 'b' },
      { role: 'assistant', content: '' },
    ]);
  });
});
