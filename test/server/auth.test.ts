import { afterEach, describe, expect, it } from 'vitest';
import { checkExposure } from '../../src/server/auth.js';
import { dial, Harness } from './harness.js';

const TOKEN = 'correct horse battery';

describe('tokens', () => {
  let harness: Harness;
  afterEach(() => harness.stop());
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await harness.app.request(path, { headers })).status;
  const basic = (credentials: string) => ({ authorization: `Basic ${Buffer.from(credentials).toString('base64')}` });

  it('guard everything but the health probe [B1]', async () => {
    harness = await Harness.start('memory', { token: TOKEN });
    expect(await status('/health')).toBe(200);
    expect(await status('/env/bench/echo/health')).toBe(200);
    expect(await status('/v1/episodes/health')).toBe(401);
    for (const path of [
      '/',
      '/v1/tasks',
      '/schema',
      '/metrics',
      '/openapi.json',
      '/docs',
      '/ws',
      '/v1/ws',
      '/nowhere',
    ]) {
      expect(await status(path)).toBe(401);
    }
    const response = await harness.app.request('/v1/tasks');
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await response.json()).toMatchObject({ error: { code: 'unauthorized', retryable: false } });
  });

  it('are taken from a header, the user info of the address, or the query', async () => {
    harness = await Harness.start('memory', { token: TOKEN });
    expect(await status('/v1/tasks', { authorization: `Bearer ${TOKEN}` })).toBe(200);
    expect(await status('/v1/tasks', { authorization: `bearer ${TOKEN}` })).toBe(200);
    expect(await status('/v1/tasks', basic(`any:${TOKEN}`))).toBe(200);
    expect(await status('/v1/tasks', basic(`${TOKEN}:`))).toBe(200);
    expect(await status(`/v1/tasks?token=${encodeURIComponent(TOKEN)}`)).toBe(200);
  });

  it('are compared whole', async () => {
    harness = await Harness.start('memory', { token: TOKEN });
    for (const wrong of [`${TOKEN}x`, TOKEN.slice(1), '', TOKEN.toUpperCase()]) {
      expect(await status('/v1/tasks', { authorization: `Bearer ${wrong}` })).toBe(401);
      expect(await status('/v1/tasks', basic(`any:${wrong}`))).toBe(401);
      expect(await status(`/v1/tasks?token=${encodeURIComponent(wrong)}`)).toBe(401);
    }
    expect(await status('/v1/tasks', { authorization: 'Bearer' })).toBe(401);
    expect(await status('/v1/tasks', { authorization: 'Basic !!!' })).toBe(401);
  });

  it('guard sockets before they open, and open them by header, address or subprotocol', async () => {
    harness = await Harness.start('socket', { token: TOKEN });
    const url = harness.listening!.url;
    for (const path of ['/ws', '/v1/ws', '/mcp', '/env/bench/echo/ws']) {
      await expect(dial(`${url}${path}`)).rejects.toThrow('401');
      const channel = await dial(`${url}${path}`, [], { headers: { authorization: `Bearer ${TOKEN}` } });
      channel.close();
    }
    const userInfo = url.replace('//', `//any:${encodeURIComponent(TOKEN)}@`);
    (await dial(`${userInfo}/ws`)).close();
    const secret = `gymsmith.token.${Buffer.from(TOKEN).toString('base64url')}`;
    (await dial(`${url}/v1/ws`, ['gymsmith.v1.json', secret])).close();
  });
});

describe('origins', () => {
  let harness: Harness;
  afterEach(() => harness.stop());
  const status = async (headers: Record<string, string>, url = 'http://localhost:8765/v1/tasks') =>
    (await harness.app.request(url, { headers })).status;

  it('of other pages are refused, with or without a token', async () => {
    for (const token of [undefined, TOKEN]) {
      harness = await Harness.start('memory', { token });
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      expect(await status({ ...headers, origin: 'https://elsewhere.example' })).toBe(403);
      expect(await status({ ...headers, origin: 'null' })).toBe(403);
      expect(await status({ ...headers, origin: 'http://localhost:8765' })).toBe(200);
      expect(await status(headers)).toBe(200);
      await harness.stop();
    }
  });

  it('that the configuration names are let in and may read answers', async () => {
    const origin = 'https://board.example';
    harness = await Harness.start('memory', { origins: [origin] });
    const response = await harness.app.request('http://localhost:8765/v1/tasks', { headers: { origin } });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    const other = await harness.app.request('http://localhost:8765/v1/tasks', {
      headers: { origin: 'https://x.example' },
    });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('of names that were made to point at this machine are refused', async () => {
    harness = await Harness.start('memory');
    const url = 'http://rebound.example:8765/v1/tasks';
    expect(await status({ origin: 'http://rebound.example:8765', host: 'rebound.example:8765' }, url)).toBe(403);
    // A page that asks its own origin with GET says nothing of it.
    expect(await status({ host: 'rebound.example:8765' }, url)).toBe(403);
    for (const host of ['127.0.0.1:8765', '[::1]:8765', 'localhost', '127.0.0.2:1']) {
      expect(await status({ host })).toBe(200);
    }
    await harness.stop();
    harness = await Harness.start('memory', { origins: ['http://gym.example:8765'] });
    expect(await status({ host: 'gym.example:8765' })).toBe(200);
    await harness.stop();
    harness = await Harness.start('memory', { token: TOKEN });
    expect(await status({ host: 'rebound.example:8765', authorization: `Bearer ${TOKEN}` })).toBe(200);
  });

  it('are checked before a socket opens', async () => {
    harness = await Harness.start('socket');
    const { url } = harness.listening!;
    await expect(dial(`${url}/v1/ws`, [], { origin: 'https://elsewhere.example' })).rejects.toThrow('403');
    (await dial(`${url}/v1/ws`, [], { origin: url })).close();
  });
});

describe('exposure', () => {
  it('beyond this machine needs a token or an explicit word', () => {
    expect(() => checkExposure('0.0.0.0', undefined, false)).toThrow('GYMSMITH_TOKEN');
    expect(() => checkExposure('::', undefined, false)).toThrow('GYMSMITH_TOKEN');
    expect(() => checkExposure('gym.example', undefined, false)).toThrow('GYMSMITH_TOKEN');
    for (const host of ['127.0.0.1', '127.0.0.2', 'localhost', '::1']) checkExposure(host, undefined, false);
    checkExposure('0.0.0.0', TOKEN, false);
    checkExposure('0.0.0.0', undefined, true);
  });
});
