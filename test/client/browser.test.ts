import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Client from '../../src/client/index.js';
import { PROJECT_ROOT } from '../../src/config.js';
import { SocketServer } from './socket-server.js';

const TOKEN = 'correct-horse-battery';
// No bundler: the compiler's own output, and the two packages that the protocol uses, as they are installed.
const PAGE = `<!doctype html><script type="importmap">{"imports": {
  "zod": "/node_modules/zod/index.js", "msgpackr": "/node_modules/msgpackr/index.js"}}</script>
  <script type="module">import * as gymsmith from '/client/index.js'; window.gymsmith = gymsmith;</script>`;

let browser: Browser;
let compiled: string;
let site: Server;
let server: SocketServer;
let requested: string[] = [];

/** Opens a page of an origin on this machine: localhost and 127.0.0.1 are two. */
async function openPage(host: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`http://${host}:${(site.address() as AddressInfo).port}/`);
  return page;
}

async function serveFile(url: string): Promise<{ type: string; body: string | Buffer }> {
  if (url === '/') return { type: 'text/html', body: PAGE };
  const root = url.startsWith('/node_modules/') ? PROJECT_ROOT : compiled;
  return { type: 'text/javascript', body: await readFile(path.join(root, path.normalize(url))) };
}

beforeAll(async () => {
  compiled = await mkdtemp(path.join(tmpdir(), 'gymsmith-browser-'));
  const tsc = path.join(PROJECT_ROOT, 'node_modules', '.bin', 'tsc');
  const entry = path.join(PROJECT_ROOT, 'src', 'client', 'index.ts');
  const flags = '--target ES2023 --module NodeNext --moduleResolution NodeNext --lib ES2023,DOM,DOM.AsyncIterable';
  const compile = [...flags.split(' '), '--types', 'node', '--strict', '--skipLibCheck', '--outDir', compiled, entry];
  await promisify(execFile)(tsc, ['--ignoreConfig', '--rootDir', path.join(PROJECT_ROOT, 'src'), ...compile], {
    cwd: PROJECT_ROOT,
  });
  site = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://site').pathname;
    requested.push(url);
    serveFile(url).then(
      ({ type, body }) => response.writeHead(200, { 'content-type': type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  site.listen(0, '0.0.0.0');
  await once(site, 'listening');
  const { port } = site.address() as AddressInfo;
  server = await SocketServer.listen({ token: TOKEN, origins: [`http://127.0.0.1:${port}`] });
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  site?.closeAllConnections();
  site?.close();
  await rm(compiled, { recursive: true, force: true });
});

describe.each(['json', 'msgpack'] as const)('the client in a browser, over %s', (encoding) => {
  it('plays an episode with a token, streams bytes, reconnects [C5]', async () => {
    requested = [];
    const page = await openPage('127.0.0.1');
    const play = async ({ url, token, encoding }: { url: string; token: string; encoding: 'json' | 'msgpack' }) => {
      const { EnvClient } = (globalThis as unknown as { gymsmith: typeof Client }).gymsmith;
      const states: string[] = [];
      const client = await EnvClient.connect(url, { token, encoding, onState: (state) => states.push(state) });
      const episode = await client.reset('toy/echo-v1', { seed: 1 });
      let bytes = 0;
      let areBytes = true;
      await episode.step('stream-text 1000', {
        onOutput: (chunk) => {
          bytes += chunk.length;
          areBytes &&= chunk instanceof Uint8Array;
        },
      });
      await episode.step('echo before');
      const stepping = episode.step('gate');
      return { client, episode, states, bytes, areBytes, stepping };
    };
    const handle = await page.evaluateHandle(play, { url: server.url, token: TOKEN, encoding });
    server.drop();
    server.local.gym.open();
    const result = await handle.evaluate(async ({ client, episode, states, bytes, areBytes, stepping }) => {
      const { observation } = await stepping;
      const last = await episode.submit();
      await client.close();
      return { states, bytes, areBytes, text: observation.text, reward: last.reward };
    });
    const expected = Buffer.byteLength(Array.from({ length: 1000 }, (_, i) => `line ${i} é\n`).join(''));
    expect(result).toEqual({
      states: ['open', 'reconnecting', 'open', 'closed'],
      bytes: expected,
      areBytes: true,
      text: 'the gate opened',
      reward: 4,
    });
    expect(server.local.gym.live.size).toBe(0);
    expect(requested.filter((url) => url.includes('/ws/'))).toEqual([]);
    await page.close();
  });
});

it('refuses a page of another origin, and a wrong token, and tells the page that it failed [B1]', async () => {
  const connect = async ({ url, token }: { url: string; token: string }) => {
    const { ClientError, EnvClient } = (globalThis as unknown as { gymsmith: typeof Client }).gymsmith;
    try {
      await EnvClient.connect(url, { token });
      return 'connected';
    } catch (error) {
      return error instanceof ClientError ? error.code : String(error);
    }
  };
  const foreign = await openPage('localhost');
  expect(await foreign.evaluate(connect, { url: server.url, token: TOKEN })).toBe('connection_failed');
  const known = await openPage('127.0.0.1');
  expect(await known.evaluate(connect, { url: server.url, token: 'wrong' })).toBe('connection_failed');
  expect(await known.evaluate(connect, { url: server.url, token: TOKEN })).toBe('connected');
  await foreign.close();
  await known.close();
});
