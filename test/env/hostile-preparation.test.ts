import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { downloadRepo } from '../../src/env/supplies/hub/hub-download.js';
import { HubStore } from '../../src/env/supplies/hub/hub-store.js';
import { byLine } from '../../src/env/supplies/output-lines.js';
import { inPreparationSandbox, type PreparationPlace } from '../../src/env/supplies/preparation-sandbox.js';
import { makePython } from '../../src/env/supplies/python/make-python.js';
import { PythonStore } from '../../src/env/supplies/python/python-store.js';
import { DockerBackend } from '../../src/sandbox/docker/docker-sandbox.js';
import { LocalBackend } from '../../src/sandbox/local/local-sandbox.js';
import { toyTask } from './toy-task.js';

const SILENT = { onPart: () => {}, onNote: () => {}, onBytes: () => {} };
/** Nothing answers there. */
const NO_INDEX = { PIP_INDEX_URL: 'http://127.0.0.1:9/', PIP_RETRIES: '0' };

let directory: string;
beforeAll(async () => {
  // The path of a socket is short.
  directory = await mkdtemp('/tmp/gs-prep-');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe.each(['local', 'docker'] as const)('a preparation whose earlier try was hostile, %s [B5]', (name) => {
  let place: PreparationPlace;
  let close: () => Promise<void>;
  let root: string;
  beforeAll(async () => {
    root = path.join(directory, name);
    await mkdir(path.join(root, 'run'), { recursive: true, mode: 0o700 });
    const runDir = path.join(root, 'run');
    const config = readConfig();
    const backend =
      name === 'docker' ? new DockerBackend({ runDir }) : new LocalBackend({ rootfs: config.rootfs, runDir });
    place = { backend, owner: 'test', network: { ...config.network, pip: NO_INDEX } };
    close = () => backend.close();
  });
  afterAll(() => close?.());

  it('does not write through links that it left, to files of this machine', async () => {
    const victim = path.join(root, 'victim');
    await writeFile(victim, 'as it was');
    const requirements = path.join(root, 'requirements.txt');
    await writeFile(requirements, 'evil');
    const store = new PythonStore(path.join(root, 'state'), async () => 'image');
    const making = path.join(store.directory, '.making-k');
    for (const below of ['env', 'work']) {
      await mkdir(path.join(making, below), { recursive: true });
      await symlink(victim, path.join(making, below, '.seen-from-inside'));
    }
    await symlink(victim, path.join(making, 'work', 'requirements.txt'));
    const file = { path: 'requirements.txt', hostPath: requirements, mode: 0o644, sizeBytes: 4 };
    const job = { task: await toyTask(), requirements: file, key: 'k', store, place, listener: SILENT };
    await expect(makePython(job)).rejects.toMatchObject({ name: 'SupplyFault' });
    expect(await readFile(victim, 'utf8')).toBe('as it was');
    expect(await store.find('k')).toBeNull();
  });

  it('sees nothing of this machine but what it is given, and no secret', async () => {
    const given = path.join(root, 'given');
    const task = await toyTask();
    const facts = { task, network: 'open', mounts: [], writable: [{ hostPath: given, path: '/mnt/work' }] } as const;
    const secret = 'hf_0123456789';
    process.env.HF_TOKEN = secret;
    try {
      const seen = await inPreparationSandbox(place, { ...facts, timeoutMs: 60_000 }, (sandbox) =>
        sandbox.run(
          `id -un; env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; for f in /mnt/prepare/x /mnt/x /usr/x; do touch $f && echo WRITTEN; done 2>/dev/null; ls -d ${directory} ${readConfig().stateDir} 2>/dev/null; echo mine > /mnt/work/mine`,
          { commandId: 'look', timeoutMs: 30_000, keepBytes: { head: 2 ** 20, tail: 0 } },
        ),
      );
      const text = new TextDecoder().decode(seen.output);
      expect(text).toMatch(/^agent\n/);
      expect(text).not.toMatch(/hf_|HF_TOKEN|API_KEY|GYMSMITH_TOKEN/);
      expect(text).not.toContain('WRITTEN');
      expect(text).not.toContain(`\n${directory}`);
      expect(await readdir(given)).toEqual(['mine']);
    } finally {
      delete process.env.HF_TOKEN;
    }
  });
});

describe('a hostile Hub [B5]', () => {
  const SHA = '0'.repeat(40);
  let stop: () => Promise<void> = async () => {};
  afterEach(() => stop());

  /** Answers with a repository of these facts; `file` sends the contents of its files. */
  async function hub(facts: { name?: string; tree?: unknown }, file: RequestListener): Promise<string> {
    const server = createServer((request, response) => {
      response.on('error', () => {});
      const url = request.url ?? '';
      if (url.includes('/tree/')) response.end(JSON.stringify(facts.tree ?? []));
      else if (url.includes('/api/')) response.end(JSON.stringify({ id: facts.name ?? 'a/b', sha: SHA, tags: [] }));
      else file(request, response);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    stop = async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    };
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function download(hubUrl: string, repo = 'a/b'): Promise<string[]> {
    const state = await mkdtemp(path.join(directory, 'hub-'));
    const need = { type: 'model', repo, aliases: [], revision: 'main', configurations: [], files: [] } as const;
    const access = { hubUrl, accessToken: undefined, fetch, retryMs: 1 };
    const common = { need, store: new HubStore(state), access, maxBytes: 2 ** 20, listener: SILENT };
    await expect(downloadRepo(common)).rejects.toMatchObject({ name: 'SupplyFault' });
    expect(await common.store.find(need)).toBeNull();
    return readdir(state, { recursive: true });
  }
  const entry = (name: string, size: unknown = 3) => ({ type: 'file', oid: '1'.repeat(40), size, path: name });

  it.each(['../../x', '/etc/x', 'a/../../../x', 'a//b', './a', 'a/..', 'x\0y'])(
    'cannot name a file outside of its place: %j',
    async (name) => {
      const left = await download(await hub({ tree: [entry(name)] }, (_, response) => response.end('abc')));
      expect(left).toEqual([]);
    },
  );

  it.each(['a/../b', "a/b'; touch x; '", 'a:b', '', 'a/b/c'])('cannot go by a name that is none: %j', async (name) => {
    expect(await download(await hub({ name, tree: [entry('x')] }, (_, response) => response.end('abc')))).toEqual([]);
  });

  it.each(['3', -1, 1.5, 2 ** 60, null])('cannot give a file the size %j', async (size) => {
    expect(await download(await hub({ tree: [entry('x', size)] }, (_, response) => response.end('abc')))).toEqual([]);
  });

  it('cannot send without end, nor something else than it lists', async () => {
    let sent = 0;
    const endless = await hub({ tree: [entry('x', 2 ** 19)] }, (_, response) => {
      const more = () => {
        for (let open = true; open && !response.destroyed; sent += 2 ** 16)
          open = response.write(Buffer.alloc(2 ** 16));
        response.once('drain', more);
      };
      more();
    });
    const left = await download(endless);
    expect(left.filter((file) => file.endsWith('/x'))).toEqual([]);
    // Five tries, each of a file and what is on its way.
    expect(sent).toBeLessThan(5 * 2 ** 25);
    await stop();
    const other = await hub({ tree: [entry('x')] }, (_, response) => response.end('abc'));
    expect((await download(other)).filter((file) => file.endsWith('/x'))).toEqual([]);
  });

  it('does not get a token for another host by way of a redirect', async () => {
    const seen: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('abc');
    });
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const hubUrl = await hub({ tree: [entry('x')] }, (request, response) => {
      const { port } = other.address() as AddressInfo;
      response.writeHead(302, { location: `http://localhost:${port}${request.url}` }).end();
    });
    const state = await mkdtemp(path.join(directory, 'hub-'));
    const need = { type: 'model', repo: 'a/b', aliases: [], revision: 'main', configurations: [], files: [] } as const;
    const access = { hubUrl, accessToken: 'hf_secret', fetch, retryMs: 1 };
    const common = { need, store: new HubStore(state), access, maxBytes: 2 ** 20, listener: SILENT };
    await downloadRepo(common).catch(() => {});
    other.closeAllConnections();
    await new Promise((closed) => other.close(closed));
    expect(seen.filter((authorization) => authorization !== undefined)).toEqual([]);
  });
});

it('what a preparation prints without ever breaking a line is not kept whole [B4]', () => {
  const heard: string[] = [];
  const take = byLine((line) => heard.push(line));
  for (let piece = 0; piece < 10_000; piece++) take('x'.repeat(1000));
  take('\ny\nz');
  expect(heard.map(({ length }) => length)).toEqual([65_536, 1]);
});
