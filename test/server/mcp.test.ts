import { afterEach, describe, expect, it } from 'vitest';
import type { ServerLimits } from '../../src/server/limits.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { dial, eventually, Harness } from './harness.js';
import { OpenEnvPeer } from './openenv-peer.js';

describe('MCP over POST', () => {
  let harness: Harness;
  afterEach(() => harness.stop());
  const start = async (limits: Partial<ServerLimits> = {}) => {
    harness = await Harness.start('memory', { limits });
  };
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await harness.app.request('/mcp', { method: 'POST', body: text, headers });
    return { response, answer: response.status === 202 ? null : await response.json() };
  };
  const rpc = async (method: string, params?: unknown, headers?: Record<string, string>) =>
    (await post({ jsonrpc: '2.0', id: 1, method, ...(params !== undefined && { params }) }, headers)).answer;
  const create = async (): Promise<string> => (await rpc('openenv/session/create')).result.session_id;

  it('gives the place of a session to another when it lies idle without an episode [B1]', async () => {
    await start({ maxSessions: 2 });
    const playing = await create();
    await rpc('tools/call', { session_id: playing, name: 'start_episode', arguments: {} });
    const idle = await create();
    expect((await rpc('openenv/session/create')).error.message).toContain('2 sessions');
    for (const session of harness.app.context.sessions) session.detachedAtMs -= 60_000;
    const next = await create();
    const known = async (id: string) => 'result' in (await rpc('tools/list', { session_id: id }));
    expect([await known(playing), await known(idle), await known(next)]).toEqual([true, false, true]);
  });

  it.each([
    ['{', -32700],
    ['', -32700],
    ['{}', -32600],
    ['[]', -32600],
    ['5', -32600],
    ['{"jsonrpc":"2.0","method":5,"id":1}', -32600],
    ['{"jsonrpc":"2.0","method":"dance","id":1}', -32601],
    ['{"jsonrpc":"2.0","method":"tools/list","params":[],"id":1}', -32602],
    ['{"jsonrpc":"2.0","method":"tools/call","params":{},"id":1}', -32602],
    ['{"jsonrpc":"2.0","method":"tools/call","params":{"name":"dance"},"id":1}', -32602],
    ['{"jsonrpc":"2.0","method":"tools/call","params":{"name":"bash","arguments":5},"id":1}', -32602],
    ['{"jsonrpc":"2.0","method":"tools/list","params":{"session_id":"none"},"id":1}', -32602],
    ['{"jsonrpc":"2.0","method":"openenv/session/close","params":{},"id":1}', -32602],
    ['{"jsonrpc":"2.0","method":"openenv/session/close","params":{"session_id":"none"},"id":1}', -32602],
  ])('answers %s with status 200 and error %d', async (body, code) => {
    await start();
    const { response, answer } = await post(body);
    expect(response.status).toBe(200);
    expect(answer).toMatchObject({ jsonrpc: '2.0', error: { code, message: expect.any(String), data: null } });
  });

  it('lists tools with schemas and without the reserved names', async () => {
    await start();
    const { tools } = (await rpc('tools/list')).result;
    for (const { inputSchema, description } of tools) {
      expect([inputSchema.type, typeof description]).toEqual(['object', 'string']);
    }
    const names = tools.map(({ name }: { name: string }) => name);
    for (const reserved of ['reset', 'step', 'state', 'close']) expect(names).not.toContain(reserved);
  });

  it('keeps an episode between the calls of a session', async () => {
    await start();
    const session_id = await create();
    const started = await rpc('tools/call', { name: 'start_episode', arguments: { seed: 3 }, session_id });
    expect(started.result).toMatchObject({ isError: false, structuredContent: { observation: { info: { seed: 3 } } } });
    const call = await rpc('tools/call', { name: 'bash', arguments: { command: 'ls' }, session_id });
    expect(call.result).toMatchObject({ content: [{ type: 'text', text: 'ls' }], data: 'ls' });
    const last = await rpc('tools/call', { name: 'submit', arguments: {}, session_id });
    expect(last.result.structuredContent).toMatchObject({ reward: 1, done: true });
    expect((await rpc('openenv/session/close', { session_id })).result).toEqual({ session_id, closed: true });
    expect(harness.catalogue.journal.open).toBe(0);
  });

  it('starts the default episode at the first tool of a session', async () => {
    await start();
    const session_id = await create();
    expect((await rpc('tools/call', { name: 'bash', arguments: { command: 'x' }, session_id })).result.data).toBe('x');
  });

  it('leaves nothing of a call without a session', async () => {
    await start();
    expect((await rpc('tools/call', { name: 'bash', arguments: { command: 'x' } })).result.data).toBe('x');
    expect([harness.catalogue.journal.open, harness.app.context.sessions.size]).toEqual([0, 0]);
  });

  it('tells a client what was wrong with its arguments in the result', async () => {
    await start();
    const answer = await rpc('tools/call', { name: 'open', arguments: {} });
    expect(answer.result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('path') }] });
  });

  it('serves a client of the protocol proper, whose session travels in a header', async () => {
    await start();
    const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
    const { response, answer } = await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
    expect(answer.result).toMatchObject({ protocolVersion: '2025-03-26', capabilities: { tools: {} } });
    const headers = { 'mcp-session-id': response.headers.get('mcp-session-id')! };
    const ready = await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
    expect(ready.response.status).toBe(202);
    await rpc('tools/call', { name: 'start_episode', arguments: {} }, headers);
    expect((await rpc('tools/call', { name: 'bash', arguments: { command: 'y' } }, headers)).result.data).toBe('y');
    expect((await rpc('ping', {}, headers)).result).toEqual({});
    expect((await harness.app.request('/mcp', { method: 'DELETE', headers })).status).toBe(204);
    expect(harness.catalogue.journal.open).toBe(0);
    expect((await harness.app.request('/mcp')).status).toBe(405);
  });

  it('has the task of the address as its default', async () => {
    harness = await Harness.start('memory', { catalogue: new EchoCatalogue(['bench/echo-v1', 'bench/other-v1']) });
    const params = { name: 'start_episode', arguments: {} };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    const response = await harness.app.request('/env/bench/other/mcp', { method: 'POST', body });
    expect((await response.json()).result.structuredContent.observation.info.task).toBe('bench/other-v1');
    expect((await rpc('tools/call', params)).result).toMatchObject({ isError: true });
  });

  it('ends a session that nobody uses', async () => {
    await start({ mcpIdleMs: 20 });
    const session_id = await create();
    await rpc('tools/call', { name: 'bash', arguments: { command: 'x' }, session_id });
    await eventually(() => harness.app.context.sessions.size === 0);
    expect(harness.catalogue.journal.open).toBe(0);
  });

  it('tells that it is full', async () => {
    await start({ maxSessions: 1 });
    await create();
    expect(await rpc('openenv/session/create')).toMatchObject({
      error: { code: -32000, data: { active_sessions: 1, max_sessions: 1 } },
    });
  });
});

describe('MCP and WebSockets', () => {
  it('speaks JSON-RPC on a socket of its own, whose episode ends with it', async () => {
    const harness = await Harness.start('socket');
    const peer = new OpenEnvPeer(await dial(`${harness.listening!.url}/mcp`));
    const call = { name: 'bash', arguments: { command: 'x' } };
    const answer = await peer.ask({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: call });
    expect(answer).toMatchObject({ id: 1, result: { data: 'x' } });
    expect(await peer.ask('{')).toMatchObject({ error: { code: -32700 } });
    expect(harness.catalogue.journal.open).toBe(1);
    peer.drop();
    await eventually(() => harness.catalogue.journal.open === 0);
    await harness.stop();
  });

  it('lets one OpenEnv socket at a time attach to a session, which outlives it', async () => {
    const harness = await Harness.start('socket');
    const rpc = async (method: string, params: object = {}) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const response = await fetch(`${harness.listening!.url}/mcp`, { method: 'POST', body });
      return (await response.json()) as { result: Record<string, unknown> };
    };
    const session_id = (await rpc('openenv/session/create')).result.session_id as string;
    const peer = await harness.openEnv({ sessionId: session_id });
    await peer.reset();
    const refused = await harness.openEnv({ sessionId: session_id });
    expect((await refused.state()).data.message).toContain('already has an attached WebSocket');
    expect((await refused.closed).code).toBe(1000);
    const unknown = await harness.openEnv({ sessionId: 'none' });
    expect((await unknown.state()).data).toMatchObject({ code: 'SESSION_ERROR', message: 'Unknown session_id: none' });

    expect((await rpc('tools/call', { session_id, name: 'bash', arguments: { command: 'x' } })).result.data).toBe('x');
    peer.drop();
    await peer.closed;
    const again = await harness.openEnv({ sessionId: session_id });
    expect(await again.state()).toMatchObject({ data: { step_count: 1 } });
    expect((await rpc('openenv/session/close', { session_id })).result).toMatchObject({ closed: false, closing: true });
    again.drop();
    await eventually(() => harness.catalogue.journal.open === 0);
    await harness.stop();
  });
});
