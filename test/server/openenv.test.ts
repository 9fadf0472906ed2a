import { afterEach, describe, expect, it } from 'vitest';
import type { AppOptions } from '../../src/server/app.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { eventually, Harness } from './harness.js';

describe.each(['memory', 'socket'] as const)('OpenEnv profile over %s', (transport) => {
  let harness: Harness;
  afterEach(() => harness.stop());
  const start = async (options: Partial<AppOptions> = {}) => {
    harness = await Harness.start(transport, options);
    return harness.openEnv();
  };

  it('plays an episode to its reward [R2]', async () => {
    const peer = await start();
    const first = await peer.reset({ seed: 7 });
    expect(first).toMatchObject({ type: 'observation', data: { reward: null, done: false } });
    expect(await peer.step({ command: 'hello' })).toMatchObject({
      data: { observation: { text: 'hello' }, done: false },
    });
    expect(await peer.step({ type: 'submit' })).toMatchObject({ data: { reward: 1, done: true } });
  });

  it('takes the action as the data itself, and knows no nested action', async () => {
    const peer = await start();
    await peer.reset();
    expect(await peer.step({ command: 'flat' })).toMatchObject({ data: { observation: { text: 'flat' } } });
    expect(await peer.step({ action: { command: 'nested' } })).toMatchObject({ data: { code: 'VALIDATION_ERROR' } });
  });

  it('sends no frame unasked and answers each message once', async () => {
    const peer = await start();
    await peer.reset();
    await peer.step({ command: 'emit 5000' });
    await peer.state();
    void harness.app.drain(1000);
    await peer.closed;
    expect(peer.frames).toHaveLength(3);
  });

  it('answers close with the end of the connection and nothing else', async () => {
    const peer = await start();
    await peer.reset();
    peer.sendRaw('{"type":"close"}');
    expect((await peer.closed).code).toBe(1000);
    expect(peer.frames).toHaveLength(1);
    await eventually(() => harness.catalogue.journal.open === 0);
  });

  it('answers pipelined messages in order', async () => {
    const peer = await start();
    await peer.reset();
    for (const command of ['sleep 0.02', 'two', 'three']) {
      peer.sendRaw(JSON.stringify({ type: 'step', data: { command } }));
    }
    const texts = [await peer.inbox.take(), await peer.inbox.take(), await peer.inbox.take()];
    expect(texts.map(({ data }) => data.observation?.text)).toEqual(['awake', 'two', 'three']);
  });

  it('puts reward and done beside the observation and never in it', async () => {
    const peer = await start();
    for (const answer of [await peer.reset(), await peer.step({ command: 'x' }), await peer.step({ type: 'submit' })]) {
      expect(Object.keys(answer.data).sort()).toEqual(['done', 'observation', 'reward']);
      expect(answer.data.observation).not.toHaveProperty('reward');
      expect(answer.data.observation).not.toHaveProperty('done');
      expect(answer.data.observation).toHaveProperty('info.episode_id');
    }
  });

  it('ignores unknown arguments of reset, and known names with foreign values', async () => {
    const peer = await start();
    const row = { prompt: [{ role: 'user' }], reward: 0.5, max_steps: 'many', answer: null, timeout_s: 3 };
    expect(await peer.reset(row)).toMatchObject({ type: 'observation' });
  });

  it('takes a null where data is left out', async () => {
    const peer = await start();
    expect(await peer.ask({ type: 'reset', data: null })).toMatchObject({ type: 'observation' });
    expect(await peer.ask({ type: 'reset' })).toMatchObject({ type: 'observation' });
  });

  it('takes NaN and infinities as Python writes them, outside strings only', async () => {
    const peer = await start();
    const frame = '{"type":"reset","data":{"a":NaN,"b":[-Infinity,Infinity],"task":"bench/echo-v1","c":"NaN"}}';
    expect(await peer.ask(frame)).toMatchObject({ type: 'observation' });
    const action = '{"type":"step","data":{"command":"say NaN \\"Infinity\\"","metadata":{"x":NaN}}}';
    expect(await peer.ask(action)).toMatchObject({ data: { observation: { text: 'say NaN "Infinity"' } } });
  });

  it.each([
    ['7', 7],
    ['18446744073709551615', 2048],
    ['-3', 3],
    ['2.0', 2],
    ['1e999', null],
    ['"7"', null],
    ['null', null],
  ])('takes seed %s as %s', async (seed, used) => {
    const peer = await start();
    const answer = await peer.ask(`{"type":"reset","data":{"seed":${seed}}}`);
    expect(answer).toMatchObject({ data: { observation: { info: { seed: used } } } });
  });

  it('answers what is not JSON, or no object, and goes on [B1]', async () => {
    const peer = await start();
    for (const frame of ['{', '', '[1,2]', 'null', '5', '"x"', '{"type":"reset","data":{"a":nan}}']) {
      expect(await peer.ask(frame)).toMatchObject({ type: 'error', data: { code: 'INVALID_JSON' } });
    }
    expect(await peer.reset()).toMatchObject({ type: 'observation' });
  });

  it('answers unknown types and wrong fields, and goes on [B1]', async () => {
    const peer = await start();
    expect(await peer.ask({ type: 'dance' })).toMatchObject({ data: { code: 'UNKNOWN_TYPE' } });
    expect(await peer.ask({})).toMatchObject({ data: { code: 'UNKNOWN_TYPE' } });
    expect(await peer.ask({ type: 'step' })).toMatchObject({
      data: { code: 'VALIDATION_ERROR', errors: [{ loc: ['data'] }] },
    });
    expect(await peer.ask({ type: 'reset', data: [] })).toMatchObject({ data: { code: 'VALIDATION_ERROR' } });
    await peer.reset();
    expect(await peer.step({})).toMatchObject({ data: { code: 'VALIDATION_ERROR', errors: [{ loc: ['command'] }] } });
    expect(await peer.step({ command: 5 })).toMatchObject({ data: { code: 'VALIDATION_ERROR' } });
    expect(await peer.step({ type: 'edit', text: 'x' })).toMatchObject({ data: { code: 'VALIDATION_ERROR' } });
    expect(await peer.step({ command: 'fine' })).toMatchObject({ type: 'observation' });
  });

  it('takes more fields in a message than it knows', async () => {
    const peer = await start();
    expect(await peer.ask({ type: 'state', id: 5, data: {} })).toMatchObject({ type: 'state' });
  });

  it('takes binary frames as UTF-8 and answers in text frames', async () => {
    const peer = await start();
    peer.sendRaw(Buffer.from('{"type":"reset"}'));
    expect(await peer.inbox.take()).toMatchObject({ type: 'observation' });
    expect(typeof peer.frames[0]).toBe('string');
  });

  it('tells a state with its two keys before and after the reset', async () => {
    const peer = await start();
    expect(await peer.state()).toEqual({ type: 'state', data: { episode_id: null, step_count: 0 } });
    await peer.reset({ episode_id: 'mine' });
    await peer.step({ command: 'x' });
    expect(await peer.state()).toMatchObject({ data: { episode_id: 'mine', step_count: 1 } });
  });

  it('answers a step before the reset and one after the end with an error, and stays open', async () => {
    const peer = await start();
    expect(await peer.step({ command: 'x' })).toMatchObject({
      data: { code: 'EXECUTION_ERROR', error: 'reset_needed' },
    });
    await peer.reset();
    await peer.step({ type: 'submit' });
    expect(await peer.step({ command: 'x' })).toMatchObject({
      data: { code: 'EXECUTION_ERROR', error: 'episode_over' },
    });
    expect(await peer.reset()).toMatchObject({ type: 'observation' });
  });

  it('tells nothing of a fault of the server but that there was one', async () => {
    const peer = await start();
    await peer.reset();
    const answer = await peer.step({ command: 'fail' });
    expect(answer).toMatchObject({ type: 'error', data: { code: 'EXECUTION_ERROR' } });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  it('replaces half of a surrogate pair, in what it sends and in what it gets', async () => {
    const peer = await start();
    await peer.reset();
    expect((await peer.step({ command: 'surrogate' })).data.observation?.text).toBe('half \ufffd of a pair');
    const answer = await peer.ask('{"type":"step","data":{"command":"x \\ud83d y"}}');
    expect(answer.data.observation?.text).toBe('x \ufffd y');
  });

  it('takes an action as large as a large file', async () => {
    const peer = await start();
    await peer.reset();
    const command = 'x'.repeat(7 * 2 ** 20);
    expect((await peer.step({ command })).data.observation?.text).toBe(command);
  });

  it('names the limit to a client that sends too large a frame, and closes with 1000 [B1]', async () => {
    const peer = await start({ limits: { maxFrameBytes: 1000 } });
    const answer = await peer.step({ command: 'x'.repeat(1500) });
    expect(answer).toMatchObject({ type: 'error', data: { code: 'SESSION_ERROR' } });
    expect(answer.data.message).toContain('1000');
    expect((await peer.closed).code).toBe(1000);
  });

  it('takes the task from the path, which wins over the arguments', async () => {
    await start({ catalogue: new EchoCatalogue(['bench/echo-v1', 'bench/other-v2']) });
    const peer = await harness.openEnv({ task: 'bench/other' });
    const answer = await peer.reset({ task: 'bench/echo-v1' });
    expect(answer).toMatchObject({ data: { observation: { info: { task: 'bench/other-v2' } } } });
  });

  it('takes the task from the arguments, or the default, or names some', async () => {
    const catalogue = new EchoCatalogue(['bench/echo-v1', 'bench/other-v2']);
    const peer = await start({ catalogue });
    const unnamed = await peer.reset();
    expect(unnamed).toMatchObject({ data: { code: 'EXECUTION_ERROR', error: 'unknown_task' } });
    expect(unnamed.data.message).toContain('bench/other-v2');
    expect(await peer.reset({ task: 'bench/other-v2' })).toMatchObject({ type: 'observation' });
    expect(await peer.reset({ task: 'nothing/like-it' })).toMatchObject({ data: { error: 'unknown_task' } });
    await harness.stop();
    const other = await start({ catalogue, defaultTask: 'bench/other-v2' });
    expect(await other.reset()).toMatchObject({ data: { observation: { info: { task: 'bench/other-v2' } } } });
  });

  it('knows the actions of tool clients', async () => {
    const peer = await start();
    const { observation } = (await peer.step({ type: 'list_tools' })).data;
    const tools = observation?.tools as { name: string; inputSchema: object }[];
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['bash', 'edit', 'validate', 'submit']));
    await peer.reset();
    const call = { type: 'call_tool', tool_name: 'bash', arguments: { command: 'ls' } };
    expect(await peer.step(call)).toMatchObject({
      data: { observation: { tool_name: 'bash', result: 'ls', error: null } },
    });
    expect(await peer.step({ ...call, arguments: '{"command":"pwd"}' })).toMatchObject({
      data: { observation: { result: 'pwd' } },
    });
    expect(await peer.step({ ...call, tool_name: 'dance' })).toMatchObject({
      data: { observation: { error: { error_type: 'tool_not_found' } } },
    });
    expect(await peer.step({ ...call, arguments: {} })).toMatchObject({
      data: { observation: { error: { error_type: 'invalid_args' } } },
    });
    expect(await peer.step({ type: 'call_tool', tool_name: 'submit' })).toMatchObject({
      data: { reward: 1, done: true },
    });
  });

  it('answers JSON-RPC in mcp messages', async () => {
    const peer = await start();
    const answer = await peer.ask({ type: 'mcp', data: { jsonrpc: '2.0', id: 1, method: 'tools/list' } });
    expect(answer).toMatchObject({
      type: 'mcp',
      data: { jsonrpc: '2.0', id: 1, result: { tools: expect.any(Array) } },
    });
    expect(await peer.ask({ type: 'mcp', data: {} })).toMatchObject({ type: 'mcp', data: { error: { code: -32600 } } });
  });

  it('lets go of a client that piles up messages', async () => {
    const peer = await start({ limits: { maxQueuedFrames: 4 } });
    await peer.reset();
    for (let count = 0; count < 8; count += 1) peer.sendRaw('{"type":"step","data":{"command":"block"}}');
    expect(await peer.inbox.take()).toMatchObject({ data: { code: 'SESSION_ERROR' } });
    expect((await peer.closed).code).toBe(1000);
    await eventually(() => harness.catalogue.journal.open === 0);
  });
});
