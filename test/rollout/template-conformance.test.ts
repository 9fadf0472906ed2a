import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Chat } from '../../src/rollout/dataset/template/chat.js';
import { checkTemplate } from '../../src/rollout/dataset/template/check-template.js';
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

/** @returns the template of a model as the library ships it */
async function shipped(name: string): Promise<{ file: string; source: string }> {
  const { root } = await trainEnvironment();
  const lib = path.join(root, 'lib');
  const [python] = (await readdir(lib)).filter((entry) => entry.startsWith('python3'));
  const file = path.join(lib, python!, 'site-packages/trl/chat_templates', name);
  return { file, source: await readFile(file, 'utf8') };
}

test('the template that Qwen3 ships with is taken for ours, and one that writes something else is not', async () => {
  const chats: Chat[] = [
    {
      messages: [
        { role: 'system', content: 'You work.' },
        { role: 'user', content: 'Begin.' },
        { role: 'assistant', content: 'I look.\n', tool_calls: [{ name: 'bash', arguments: '{"command": "ls"}' }] },
        { role: 'tool', content: 'train.py' },
        { role: 'assistant', content: '\nDone.' },
      ],
      tools: [
        '{"type": "function", "function": {"name": "bash", "description": "Läuft <&>", "parameters": {"type": "object"}}}',
      ],
    },
  ];
  expect(checkTemplate(await shipped('qwen3.jinja'), chats)).toBeNull();
  const other = await shipped('qwen3_instruct_2507.jinja');
  expect(() => checkTemplate(other, chats)).toThrow(/is not qwen3's: a row differs from character \d+ on/);
  expect(checkTemplate({ file: 'a.jinja', source: '{% for %}' }, chats)).toContain('cannot be rendered here');
}, 600_000);
