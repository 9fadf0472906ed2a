import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderChat } from '../../src/rollout/dataset/template/render-chat.js';
import { trainEnvironment } from '../python/train-environment.js';
import { randomChat, randomPrompt } from './random-chat.js';

const run = promisify(execFile);
const RENDER = fileURLToPath(new URL('../python/render_chats.py', import.meta.url));
const CHATS = 4_000;

test('writes chats as the template that Qwen3 ships with, rendered by its own library [T3, T5]', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-chats-'));
  try {
    const samples = fc.sample(fc.tuple(randomChat, randomPrompt), { numRuns: CHATS, seed: 3 });
    const lines = samples.map(([chat, prompt]) =>
      JSON.stringify({ ...chat, prompt, text: renderChat(chat, prompt).text }),
    );
    const file = path.join(directory, 'chats.jsonl');
    await writeFile(file, `${lines.join('\n')}\n`);
    const { python } = await trainEnvironment();
    const { stdout } = await run(python, [RENDER, file], { maxBuffer: 2 ** 24 });
    expect(stdout.trim()).toBe(String(CHATS));
  } finally {
    await rm(directory, { recursive: true });
  }
}, 600_000);
