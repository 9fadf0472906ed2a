import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { buildDataset } from '../../src/rollout/dataset/build/build-dataset.js';
import { DatasetSettings } from '../../src/rollout/dataset/dataset-settings.js';
import type { DatasetManifest } from '../../src/rollout/dataset/manifest.js';
import { pushDataset } from '../../src/rollout/dataset/push/push-dataset.js';
import { HubStandIn } from '../../src/testing/hub-stand-in/hub-stand-in.js';
import { writeTrajectories } from './played-trajectories.js';
import { type TrainEnvironment, trainEnvironment } from './train-environment.js';

const run = promisify(execFile);
const CHECK = fileURLToPath(new URL('./check_export.py', import.meta.url));
const TOKENIZER = fileURLToPath(new URL('./qwen_tokenizer.py', import.meta.url));
const MINUTES = 60_000;
const TOKEN = 'hf_secret_of_ada';

/** What the check looked at. */
interface Counts {
  formats: string[];
  splits: Record<string, number>;
  read: number;
  rows: number;
  spans: number;
  loss_tokens: number;
  turns_without_loss: number;
  merged: number;
  with_tools: number;
  with_calls: number;
  not_nfc: number;
  beyond_bmp: number;
  same_mask: number;
  same_without_blanks: number;
  from_hub?: number;
}

let root: string;
let environment: TrainEnvironment;
const place = (name: string) => path.join(root, name);

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gymsmith-export-'));
  environment = await trainEnvironment();
  await run(environment.python, [TOKENIZER, environment.downloads, place('tokenizer')]);
  await writeTrajectories(place('played'), 8, 20);
}, 10 * MINUTES);
afterAll(() => rm(root, { recursive: true, force: true }));

function build(name: string, settings: Partial<DatasetSettings>): Promise<DatasetManifest> {
  const filter = { preset: 'none', rejects: [] } as const;
  const all = { sources: [place('played')], filter, duplicates: 'keep', held_out: 0.25, tokenizer: place('tokenizer') };
  const options = { out: place(name), force: false, labelsDirectory: place('labels'), threads: 2 };
  return buildDataset(DatasetSettings.parse({ ...all, shard_rows: 50, ...settings }), {
    ...options,
    signal: new AbortController().signal,
  });
}

async function check(name: string, args: string[] = [], more: NodeJS.ProcessEnv = {}): Promise<Counts> {
  const env = { ...process.env, HF_HOME: place('cache'), HF_HUB_OFFLINE: '1', PYTHONDONTWRITEBYTECODE: '1', ...more };
  const { stdout } = await run(environment.python, [CHECK, place(name), place('tokenizer'), ...args], {
    env,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Counts;
}

describe('an export, read by the libraries that it is for [T3] [T5]', () => {
  it(
    'of whole episodes: rows, types, text, tokens and loss are what it says, on this machine and on the Hub',
    async () => {
      const manifest = await build('full', { view: 'full' });
      expect(manifest.rows).toBe(160);
      const hub = await HubStandIn.listen({ accounts: [{ token: TOKEN, user: 'ada', role: 'write' }] });
      try {
        await pushDataset({
          directory: place('full'),
          repo: 'ada/pears',
          isPublic: false,
          branch: 'main',
          message: 'Pears',
          maxCommitBytes: 100_000,
          overwrite: false,
          isDryRun: false,
          access: { hubUrl: hub.url, accessToken: TOKEN, fetch, retryMs: 10 },
          listener: { onPart: () => undefined, onNote: () => undefined, onBytes: () => undefined },
        });
        const reached = { HF_ENDPOINT: hub.url, HF_TOKEN: TOKEN, HF_HUB_OFFLINE: '', no_proxy: '*', NO_PROXY: '*' };
        const counts = await check('full', ['--hub', 'ada/pears'], reached);
        expect(counts).toMatchObject({
          formats: ['jsonl', 'parquet'],
          splits: { train: 120, test: 40 },
          read: 480,
          rows: 160,
          from_hub: 160,
          loss_tokens: manifest.loss_tokens,
        });
        for (const name of [
          'with_tools',
          'with_calls',
          'not_nfc',
          'beyond_bmp',
          'turns_without_loss',
          'merged',
          'same_without_blanks',
        ] as const) {
          expect(counts[name], name).toBeGreaterThan(0);
        }
        expect(counts.spans).toBeGreaterThan(500);
      } finally {
        await hub.close();
      }
    },
    5 * MINUTES,
  );

  it.each(['turns', 'final'] as const)(
    'of what the model saw (%s), cut short: the same holds',
    async (view) => {
      const manifest = await build(view, { view, truncate_tokens: 600 });
      const counts = await check(view);
      expect(counts).toMatchObject({ rows: manifest.rows, loss_tokens: manifest.loss_tokens });
      expect(counts.rows).toBeGreaterThan(view === 'turns' ? 200 : 100);
      if (view === 'turns') expect(counts.spans).toBe(counts.rows);
    },
    5 * MINUTES,
  );
});

describe('examples, on an export [T5]', () => {
  it.each(['read_dataset.py', 'read-dataset.ts'])(
    '%s',
    async (name) => {
      const directory = name.replace('.', '-');
      await build(directory, {});
      const file = path.join(PROJECT_ROOT, 'examples', name);
      const command = name.endsWith('.py') ? [environment.python] : [process.execPath, '--import', 'tsx'];
      const env = { ...process.env, HF_HOME: place('cache'), HF_HUB_OFFLINE: '1' };
      const { stdout } = await run(command[0]!, [...command.slice(1), file, place(directory)], {
        cwd: PROJECT_ROOT,
        env,
      });
      expect(stdout).toMatch(/^ok$/m);
    },
    2 * MINUTES,
  );
});
