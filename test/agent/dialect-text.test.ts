import { describe, expect, it } from 'vitest';
import type { BlockRules } from '../../src/agent/config/agent-config.js';
import { askForAction } from '../../src/agent/dialects/ask-for-action.js';
import { createDialect } from '../../src/agent/dialects/create-dialect.js';
import type { DialectConfig } from '../../src/agent/dialects/dialect.js';
import type { ChatMessage } from '../../src/agent/models/model.js';
import { createParser } from '../../src/agent/parsing/create-parser.js';
import { OutputFault } from '../../src/agent/parsing/output-fault.js';
import { NO_TEXTS, reply } from './replies.js';

const CONFIG: DialectConfig = { source: 'mlgym', parser: 'mlgym_thought_action', commands: [], blocked: null };
const CHAT: readonly ChatMessage[] = [{ role: 'user', content: 'task' }];
const FORMAT_TEXT = createParser('mlgym_thought_action', []).formatErrorTemplate;

const fenced = (action: string) => `hm\n\`\`\`\n${action}\n\`\`\``;

/** Plays one round with a model that answers in order. */
async function round(outputs: readonly string[], config = CONFIG, texts = NO_TEXTS) {
  const chats: (readonly ChatMessage[])[] = [];
  const rejected: string[] = [];
  const answer = await askForAction(createDialect(config, texts), config.source, CHAT, {
    ask: async (messages) => {
      const text = outputs[chats.push(messages) - 1];
      if (text === undefined) throw new Error('no more outputs');
      return reply(text);
    },
    onRejected: ({ kind, code }, attempt) => rejected.push(`${attempt} ${kind} ${code}`),
  });
  return { answer, chats, rejected };
}

describe('a round of questions [E1]', () => {
  it('is one question when the first output can be used', async () => {
    const { answer, chats, rejected } = await round([fenced('ls')]);
    expect(answer.turn).toEqual({ thought: 'hm\n', action: 'ls\n', sent: null, call: null });
    expect(answer).toMatchObject({ gaveUp: false, reply: { text: fenced('ls') } });
    expect(chats).toEqual([CHAT]);
    expect(rejected).toEqual([]);
  });

  it('asks again with the last output and what was wrong with it, not with those before it', async () => {
    const { answer, chats, rejected } = await round(['a', 'b', fenced('ls')]);
    const again = (output: string) => [
      ...CHAT,
      { role: 'assistant', content: output },
      { role: 'user', content: FORMAT_TEXT },
    ];
    expect(chats).toEqual([CHAT, again('a'), again('b')]);
    expect(rejected).toEqual(['1 format missing', '2 format missing']);
    expect(answer).toMatchObject({ gaveUp: false, turn: { action: 'ls\n' } });
  });

  it.each(['mlgym', 'swe-agent-0', 'gymsmith'] as const)(
    'reads three outputs of an agent of %s, and keeps a fourth that is not read',
    async (source) => {
      const { answer, chats, rejected } = await round(['a', 'b', 'c', fenced('ls')], { ...CONFIG, source });
      expect(answer.turn).toEqual({
        thought: 'Exit due to format error',
        action: 'exit_format',
        sent: null,
        call: null,
      });
      expect(answer).toMatchObject({ gaveUp: true, reply: { text: fenced('ls') } });
      expect(chats).toHaveLength(4);
      expect(rejected).toEqual(['1 format missing', '2 format missing', '3 format missing']);
    },
  );

  it('pays for three outputs of an agent of SWE-agent 1', async () => {
    const { answer, chats } = await round(['a', 'b', 'c'], { ...CONFIG, source: 'swe-agent-1' });
    expect(answer).toMatchObject({ gaveUp: true, reply: { text: 'c' }, turn: { action: 'exit_format' } });
    expect(chats).toHaveLength(3);
  });

  it('lets through what the model throws', async () => {
    await expect(round(['a'])).rejects.toThrow('no more outputs');
  });

  it("uses the agent's own words for a wrong form", async () => {
    const formatError = ({ error_code = '', exception_message = '' }) => `${error_code}: ${exception_message}`;
    const { chats } = await round(['a', fenced('ls')], CONFIG, { ...NO_TEXTS, formatError });
    expect(chats[1]?.[2]?.content).toBe('missing: there is no block between two lines of backticks');
  });

  it.each([
    ['```\n```', 'format blank'],
    [fenced(' \t'), 'format blank'],
    ['', 'empty missing'],
    ['\n', 'empty missing'],
    [`${fenced('ls')}\n${fenced('pwd')}`, 'format multiple'],
  ])('asks again for %j: %s', async (output, fault) => {
    const { rejected, chats } = await round([output, fenced('ls')]);
    expect(rejected).toEqual([`1 ${fault}`]);
    expect(chats[1]?.slice(1)).toEqual([
      { role: 'assistant', content: output },
      { role: 'user', content: FORMAT_TEXT },
    ]);
  });

  it('tells a refusal from an output in a wrong form', () => {
    const fault = createDialect(CONFIG, NO_TEXTS).parse(reply('', { refusal: 'I will not.' }));
    expect(fault).toMatchObject({ kind: 'refusal', code: 'missing' });
  });
});

describe('actions that are refused [E1]', () => {
  const blocked: BlockRules = { names: ['vim', 'tail -f'], standalone: ['python', 'su'], errorTemplate: '' };
  const kindOf = (action: string, source: DialectConfig['source']) => {
    const turn = createDialect({ ...CONFIG, source, blocked }, NO_TEXTS).parse(reply(fenced(action)));
    return turn instanceof OutputFault ? turn.kind : 'sent';
  };

  it.each([
    ['vim x', 'blocked'],
    ['  vim', 'blocked'],
    ['tail -f log', 'blocked'],
    ['python', 'blocked'],
    ['python x.py', 'sent'],
    ['vimdiff a b', 'sent'],
    ['tail -n 3 log', 'sent'],
    ['echo vim', 'sent'],
    ['sudo ls', 'sent'],
  ])('%j is %s, but by an agent of MLGym it is sent', (action, kind) => {
    expect(kindOf(action, 'gymsmith')).toBe(kind);
    expect(kindOf(action, 'swe-agent-1')).toBe(kind);
    expect(kindOf(action, 'mlgym')).toBe('sent');
  });

  it('are asked for again with the words for them, and count as wrong forms do', async () => {
    const config: DialectConfig = { ...CONFIG, source: 'swe-agent-0', blocked };
    const { chats, rejected, answer } = await round([fenced('vim x'), 'a', fenced('su'), fenced('ls')], config);
    expect(chats.map((chat) => chat[2]?.content)).toEqual([undefined, 'not vim x', FORMAT_TEXT, 'not su']);
    expect(rejected).toEqual(['1 blocked blocked', '2 format missing', '3 blocked blocked']);
    expect(answer.turn.action).toBe('exit_format');
  });
});

describe('the history of a text agent [E1]', () => {
  const dialect = createDialect(CONFIG, NO_TEXTS);

  it('offers no tools', () => expect(dialect.tools).toEqual([]));

  it('keeps output, thought and action in the order of MLGym', () => {
    const answer = reply(fenced('ls'));
    const turn = dialect.parse(answer);
    if (turn instanceof OutputFault) throw new Error(turn.reason);
    const item = dialect.assistantItem('primary_0', answer, turn);
    expect(JSON.stringify(item)).toBe(
      JSON.stringify({ role: 'assistant', content: answer.text, thought: 'hm\n', action: 'ls\n', agent: 'primary_0' }),
    );
    expect(JSON.stringify(dialect.promptItem('primary_0', 'out', [item]))).toBe(
      '{"role":"user","content":"out","agent":"primary_0"}',
    );
    const thinking = dialect.assistantItem('primary_0', { ...answer, reasoning: 'hm' }, turn);
    expect(thinking.reasoning).toBe('hm');
  });
});
