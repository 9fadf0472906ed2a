import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModel } from '../../src/agent/models/create-model.js';
import { HumanModel } from '../../src/agent/models/human-model.js';
import type { ChatMessage, Model, ToolDefinition } from '../../src/agent/models/model.js';
import { readModelSettings } from '../../src/agent/models/read-model-settings.js';
import { ScriptedModel } from '../../src/agent/models/scripted-model.js';
import { PROJECT_ROOT } from '../../src/config.js';
import { ChatEndpoint } from '../../src/testing/index.js';

const HELLO: readonly ChatMessage[] = [{ role: 'user', content: 'hello' }];
const TOOLS: ToolDefinition[] = [
  { name: 'bash', description: '', parameters: { type: 'object', properties: { command: { type: 'string' } } } },
  { name: 'submit', description: '', parameters: { type: 'object', properties: {} } },
];
const FENCE = '```';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'models-scripted-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, content: unknown): Promise<string> {
  const where = path.join(directory, name);
  await writeFile(where, typeof content === 'string' ? content : JSON.stringify(content));
  return where;
}

function say(model: Model, tools?: ToolDefinition[]) {
  return model.query({ messages: HELLO, tools });
}

describe('scripted models', () => {
  it('say what they are told, with costs of their own, and end with an error of their own [B2]', async () => {
    const model = new ScriptedModel(['one', { toolCalls: [{ name: 'bash', arguments: '{}' }], costUsd: 0.5 }]);
    let heard = '';
    const onText = (delta: string) => {
      heard += delta;
    };
    expect(await model.query({ messages: HELLO, onText })).toMatchObject({
      text: 'one',
      finishReason: 'stop',
      costUsd: 0,
      attempts: 1,
    });
    expect(heard).toBe('one');
    expect(await say(model)).toMatchObject({
      text: '',
      toolCalls: [{ id: 'call_1_0' }],
      finishReason: 'tool_calls',
      costUsd: 0.5,
    });
    await expect(say(model)).rejects.toMatchObject({
      code: 'exhausted',
      message: 'The script of script has only 2 answers.',
    });
    expect(model.requests.length).toBe(3);
  });

  it('may be functions of what they are asked, and are aborted as others are [D2]', async () => {
    const model = new ScriptedModel(({ messages }, call) => `${messages[0]?.content} ${call}`);
    expect([(await say(model)).text, (await say(model)).text]).toEqual(['hello 0', 'hello 1']);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(model.query({ messages: HELLO, signal })).rejects.toThrow('enough');
  });

  it('are read from files written by hand [D2]', async () => {
    const script = {
      name: 'mine',
      replies: [
        'plain',
        {
          text: 'call',
          reasoning: 'hm',
          tool_calls: [
            { name: 'bash', arguments: { command: 'ls' } },
            { id: 'z', name: 'x', arguments: '{' },
          ],
        },
        { refusal: 'no', finish_reason: 'content_filter', cost_usd: 2 },
        { error: 'context_window' },
      ],
    };
    const model = await createModel(`script:${await file('script.json', script)}`);
    expect(model.name).toBe('mine');
    expect((await say(model)).text).toBe('plain');
    const calls = [
      { id: 'call_1_0', name: 'bash', arguments: '{"command":"ls"}' },
      { id: 'z', name: 'x', arguments: '{' },
    ];
    expect(await say(model)).toMatchObject({ text: 'call', reasoning: 'hm', toolCalls: calls });
    expect(await say(model)).toMatchObject({ refusal: 'no', finishReason: 'content_filter', costUsd: 2 });
    await expect(say(model)).rejects.toMatchObject({ code: 'context_window' });
    await expect(say(model)).rejects.toMatchObject({ code: 'exhausted' });
    const short = await createModel(`script:${await file('short.json', ['only'])}`);
    expect((await say(short)).text).toBe('only');
  });

  it('play recorded actions in the dialect that is asked for [F5]', async () => {
    const where = await file('actions.json', { task: 'a/b-v1', actions: ['ls', 'edit 1:1\nx\nend_of_edit', 'submit'] });
    const [text, tools] = [await createModel(`script:${where}`), await createModel(`script:${where}`)];
    expect((await say(text)).text).toMatch(new RegExp(`\n${FENCE}\nls\n${FENCE}\n$`));
    expect((await say(tools, TOOLS)).toolCalls).toMatchObject([{ name: 'bash', arguments: '{"command":"ls"}' }]);
    expect((await say(tools, TOOLS)).toolCalls).toMatchObject([
      { name: 'bash', arguments: '{"command":"edit 1:1\\nx\\nend_of_edit"}' },
    ]);
    expect((await say(tools, TOOLS)).toolCalls).toMatchObject([{ name: 'submit', arguments: '{}' }]);
    await expect(say(tools, TOOLS)).rejects.toMatchObject({ code: 'exhausted' });
  });

  it.each([
    ['{', /script\.json cannot be read as JSON/],
    [{ replies: [] }, /is no script of a model:\n {2}replies: /],
    [{ replies: [{ txt: 'x' }] }, /is no script of a model:\n {2}replies\.0: /],
  ])('are refused with their faults: %j [B1]', async (content, message) => {
    await expect(createModel(`script:${await file('script.json', content)}`)).rejects.toThrow(message);
  });
});

describe('replayed models', () => {
  it('say again what was said, demonstrations apart, and submit where the recording ends [E5]', async () => {
    const history = [
      { role: 'system', content: 'S', agent: 'primary_0' },
      { role: 'assistant', content: 'demo', agent: 'primary_0', is_demo: true },
      { role: 'user', content: 'U', agent: 'primary_0' },
      { role: 'assistant', content: 'first', thought: '', action: 'x', agent: 'primary_0' },
      { role: 'user', content: 'U', agent: 'primary_0' },
      { role: 'assistant', content: 'second', tool_calls: [{ id: 'c', name: 'bash', arguments: '{}' }] },
    ];
    const model = await createModel(
      `replay:${await file('a.traj', { environment: 'mlgym_main', trajectory: [], history, info: {} })}`,
    );
    expect(model.name).toBe('replay');
    expect((await say(model)).text).toBe('first');
    expect(await say(model)).toMatchObject({ text: 'second', toolCalls: [{ id: 'c' }] });
    for (let i = 0; i < 3; i++) expect((await say(model)).text).toBe(`${FENCE}\nsubmit\n${FENCE}`);
  });

  it('are refused with the name of the file that is no recording [B1]', async () => {
    await expect(createModel(`replay:${await file('b.traj', { trajectory: [] })}`)).rejects.toThrow(
      /b\.traj is no trajectory:\n {2}history: /,
    );
    await expect(createModel('replay:/nowhere/c.traj')).rejects.toThrow(
      /\/nowhere\/c\.traj cannot be read as JSON: ENOENT/,
    );
  });
});

it('submit-baseline runs the baseline and submits, in any number of episodes and either dialect [E2]', async () => {
  for (const spec of ['submit-baseline', 'submit_baseline']) {
    const model = await createModel(spec);
    const first = await say(model);
    expect(first.text).toContain(`${FENCE}\npython baseline.py\n${FENCE}`);
    expect((await say(model)).text).toBe(first.text);
    const messages: ChatMessage[] = [...HELLO, { role: 'assistant', content: first.text }, ...HELLO];
    expect((await model.query({ messages })).text).toContain(`${FENCE}\nsubmit\n${FENCE}`);
    expect((await say(model, TOOLS)).toolCalls).toMatchObject([
      { name: 'bash', arguments: '{"command":"python baseline.py"}' },
    ]);
  }
});

describe('a person', () => {
  function terminal(endNames: Record<string, string> = { edit: 'end_of_edit' }) {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const model = new HumanModel({ input, output }, endNames);
    return { input, output, model };
  }

  it('types actions, of one line or of as many as the command has [E1]', async () => {
    const { input, output, model } = terminal();
    expect(model.answersWithAction).toBe(true);
    input.write('ls -a\nedit 1:1\n  x = 1\nend_of_edit \nstart_multiline_command\na\nb\nend_multiline_command\n\n');
    const prompt = [{ role: 'user' as const, content: 'what now\nbash-$' }];
    expect(await model.query({ messages: prompt })).toMatchObject({
      text: 'ls -a',
      costUsd: 0,
      usage: { inputTokens: 0 },
    });
    expect((await say(model)).text).toBe('edit 1:1\n  x = 1\nend_of_edit ');
    expect((await say(model)).text).toBe('a\nb');
    expect((await say(model)).text).toBe('');
    expect(String(output.read())).toMatch(/^what now\nbash-\$ hello \.\.\. \.\.\. /);
  });

  it('may leave, or be interrupted [E1]', async () => {
    const leaving = terminal();
    leaving.input.end('ls\n');
    expect((await say(leaving.model)).text).toBe('ls');
    await expect(say(leaving.model)).rejects.toMatchObject({ code: 'exhausted', message: 'The terminal was closed.' });
    const { model } = terminal();
    const controller = new AbortController();
    const asked = model.query({ messages: HELLO, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
  });
});

describe('createModel', () => {
  it('takes names of endpoints with and without their kind, colons in them included [D2]', async () => {
    await using endpoint = await ChatEndpoint.start((request) => request.model, {
      models: ['gpt-4o', 'qwen3:8b', 'org/m'].map((id) => ({ id })),
    });
    for (const [spec, name] of [
      ['gpt-4o', 'gpt-4o'],
      ['openai:gpt-4o', 'gpt-4o'],
      ['litellm:gpt-4o', 'gpt-4o'],
      ['qwen3:8b', 'qwen3:8b'],
      ['openai:org/m', 'org/m'],
    ] as const) {
      const model = await createModel(spec, { baseUrl: `${endpoint.url}/` });
      expect([model.name, (await say(model)).text]).toEqual([name, name]);
    }
  });

  it('learns how much a model reads from the table, the endpoint, or what it is told [D2]', async () => {
    const models = [
      { id: 'student', max_model_len: 32_768 },
      { id: 'gpt-4o', max_model_len: 5 },
    ];
    await using endpoint = await ChatEndpoint.start(['ok'], { models, key: 'sk-0123' });
    const windowOf = async (spec: string, settings = {}) =>
      (await createModel(spec, { baseUrl: endpoint.url, apiKey: 'sk-0123', ...settings })).contextTokens;
    expect(await windowOf('student')).toBe(32_768);
    expect(await windowOf('student', { maxTokens: 2768 })).toBe(30_000);
    expect(await windowOf('student', { contextTokens: 100 })).toBe(100);
    expect(await windowOf('gpt-4o')).toBe(128_000);
    expect(await windowOf('unknown')).toBeNull();
    expect(await windowOf('student', { apiKey: 'wrong' })).toBeNull();
    expect(await windowOf('student', { baseUrl: 'http://127.0.0.1:9/v1' })).toBeNull();
    await expect(windowOf('student', { maxTokens: 32_768 })).rejects.toThrow(
      '32768 for the answer alone leave no room',
    );
  });

  it('is set by a file beyond what flags say, header values apart in what is written down [D2]', async () => {
    const yaml = `stop: [END]
seed: 7
max_tokens_field: max_completion_tokens
extra_body: {top_k: 20, chat_template_kwargs: {enable_thinking: false}}
extra_headers: {x-api-key: secret-in-header}
send_reasoning: true
timeout_s: 90
idle_timeout_s: 0.5
retry: {max_attempts: 3, max_total_s: 60}
`;
    const { settings, record } = await readModelSettings(await file('settings.yaml', yaml));
    expect(settings).toEqual({
      stop: ['END'],
      seed: 7,
      maxTokensField: 'max_completion_tokens',
      extraBody: { top_k: 20, chat_template_kwargs: { enable_thinking: false } },
      extraHeaders: { 'x-api-key': 'secret-in-header' },
      sendsReasoning: true,
      timeoutMs: 90_000,
      idleTimeoutMs: 500,
      retry: { maxAttempts: 3, maxTotalMs: 60_000 },
    });
    expect(record).toMatchObject({ seed: 7, timeout_s: 90, extra_headers: ['x-api-key'] });
    expect(JSON.stringify(record)).not.toContain('secret-in-header');
    expect(await readModelSettings(await file('empty.yaml', ''))).toEqual({ settings: { retry: {} }, record: {} });
    await expect(
      readModelSettings(await file('wrong.yaml', 'seed: 1\ntop_k: 5\nretry:\n  max_attempts: 0\n')),
    ).rejects.toThrow(/wrong\.yaml:4: retry\.max_attempts: .*\n.*wrong\.yaml:1: the file: .*"top_k"/);
    await expect(readModelSettings('/nowhere.yaml')).rejects.toThrow(/\/nowhere\.yaml cannot be read/);
  });

  it('says what is missing [B1]', async () => {
    await expect(createModel('gpt-4o')).rejects.toThrow(/takes a key: set OPENAI_API_KEY, or name another endpoint/);
    await expect(createModel('m', { baseUrl: 'localhost:8000' })).rejects.toThrow(/localhost:8000 is no base URL/);
    await expect(createModel('m', { baseUrl: 'http://localhost:8000/v1/chat/completions' })).rejects.toThrow(
      'too far for a base URL: http://localhost:8000/v1 is what it takes',
    );
    const secret = createModel('m', { baseUrl: 'http://me:hunter22@localhost:8000/v1' });
    await expect(secret).rejects.toThrow(/^(?!.*hunter22).*put the key into OPENAI_API_KEY/);
    await expect(createModel('')).rejects.toThrow(/has no name/);
    await expect(createModel('openai:')).rejects.toThrow(/has no name/);
    await expect(createModel('script:')).rejects.toThrow(/names no file/);
  });

  it('reads every recorded solution of the reference pack [E2]', async () => {
    const solutions = path.join(PROJECT_ROOT, 'packs', 'reference', 'solutions');
    for (const name of await readdir(solutions)) {
      const model = await createModel(`script:${path.join(solutions, name)}`);
      expect((await say(model)).text).toContain(FENCE);
    }
  });
});
