import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { HubStandIn } from '../../src/testing/hub-stand-in/hub-stand-in.js';
import { trainEnvironment } from '../python/train-environment.js';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../python/hub_writes.py', import.meta.url));
const TOKEN = 'hf_writes';

it("the Hub's stand-in takes what Python's own client writes, whole and in parts [T5] [B3]", async () => {
  const { python } = await trainEnvironment();
  const home = await mkdtemp(path.join(tmpdir(), 'gymsmith-hub-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const accounts = [
    { token: TOKEN, user: 'ada', role: 'write' },
    { token: 'hf_reads', user: 'ada', role: 'read' },
  ] as const;
  for (const partBytes of [4096, 2 ** 24]) {
    const hub = await HubStandIn.listen({ accounts, partBytes });
    onTestFinished(() => hub.close());
    const own = { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN, READER: 'hf_reads', HF_HUB_DISABLE_XET: '1', no_proxy: '*' };
    const env = {
      ...process.env,
      ...own,
      HF_HOME: path.join(home, String(partBytes)),
      HF_HUB_DISABLE_PROGRESS_BARS: '1',
    };
    const { stdout } = await run(python, [SCRIPT], { env, maxBuffer: 2 ** 24 });
    const large = Buffer.concat(
      Array.from({ length: 40 }, () => Buffer.from(Array.from({ length: 256 }, (_, at) => at))),
    );
    expect(JSON.parse(stdout)).toEqual({
      name: 'ada',
      url: `${hub.url}/datasets/ada/plums`,
      again: 409,
      private: true,
      head: true,
      stale: 412,
      files: ['.gitattributes', 'README.md', 'data/0.parquet', 'data/1.parquet'],
      lfs: [createHash('sha256').update(large).digest('hex'), large.length],
      downloaded: true,
      branches: ['main', 'next'],
      on_next: true,
      on_main: false,
      next_gone: true,
      titles: ['Second', 'First', 'initial commit'],
      read_token: 403,
      elsewhere: 403,
      now_private: false,
      repo_gone: true,
    });
    expect(hub.uploads.map(({ part }) => part)).toEqual(partBytes === 4096 ? [1, 2, 3] : [null]);
  }
}, 600_000);
