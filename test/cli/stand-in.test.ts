import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModel } from '../../src/agent/models/create-model.js';
import { PROJECT_ROOT } from '../../src/config.js';
import { PromptSet } from '../../src/synth/teacher/prompts/prompt-set.js';
import { FAULT_NAMES } from '../../src/testing/chat-endpoint/faulty-policy.js';
import { HUB_FAULTS } from '../../src/testing/hub-stand-in/hub-fault.js';
import { runCli, startCli } from './run-cli.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-stand-in-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function script(content: unknown): Promise<string> {
  const file = path.join(directory, 'script.json');
  await writeFile(file, JSON.stringify(content));
  return file;
}

/** Starts a stand-in on a free port, asks it, stops it. @returns the answers and what it printed */
async function asked(args: readonly string[], questions: readonly string[], key?: string) {
  const child = startCli(['stand-in', 'model', '--port', '0', ...args]);
  const lines: string[] = [];
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
  await once(reader, 'line');
  const baseUrl = /http\S+/.exec(lines[0]!)![0];
  const model = await createModel('stand-in', { baseUrl, apiKey: key });
  const answers: string[] = [];
  for (const content of questions) answers.push((await model.query({ messages: [{ role: 'user', content }] })).text);
  child.kill('SIGTERM');
  const [code] = (await once(child, 'close')) as [number | null];
  return { answers, lines, code };
}

describe('gymsmith stand-in model', () => {
  it('answers from a script, faults included, says what it was asked, and ends on a signal [D2]', async () => {
    const turns = [{ status: 429, headers: { 'retry-after-ms': '1' } }, 'one', { text: 'two', cut: 'within' }, 'three'];
    const file = await script({ turns, repeat: true });
    const { answers, lines, code } = await asked(
      ['--script', file, '--key', 'sk-by-hand'],
      ['a', 'b', 'c'],
      'sk-by-hand',
    );
    expect(answers).toEqual(['one', 'three', 'one']);
    expect(code).toBe(0);
    expect(lines.slice(1).map((line) => line.trim())).toEqual([
      expect.stringMatching(/^use it {5}--base-url http:\/\/127\.0\.0\.1:\d+\/v1 --model stand-in$/),
      'GET /v1/models  200 answered',
      'POST /v1/chat/completions  429 answered  1 messages, streamed',
      'POST /v1/chat/completions  200 answered  1 messages, streamed',
      'POST /v1/chat/completions  200 cut  1 messages, streamed',
      'POST /v1/chat/completions  200 answered  1 messages, streamed',
      'POST /v1/chat/completions  429 answered  1 messages, streamed',
      'POST /v1/chat/completions  200 answered  1 messages, streamed',
    ]);
  });

  it('plays the recorded solutions of a pack, with faults by rate [E2]', async () => {
    const pack = path.join(PROJECT_ROOT, 'packs', 'reference');
    const task =
      'Teach a backtracking solver where to branch, so that it needs few decisions for random 3-SAT formulas at the hardest ratio of clauses to variables.';
    const { answers } = await asked(
      ['--solutions', pack, '--fault', 'rate_limit=0.2', '--fault', 'cut_late=0.2', '--seed', '3'],
      [task, task],
    );
    expect(answers[0]).toContain('```\nls');
    expect(answers[1]).toBe(answers[0]);
  });

  it('is several models of different quality, each with limits of its own [T1] [F4]', async () => {
    const pack = path.join(PROJECT_ROOT, 'packs', 'reference');
    const flags = ['--model', 'strong', '--model', 'weak=baseline:1', '--requests-per-minute', '2'];
    const child = startCli(['stand-in', 'model', '--port', '0', '--solutions', pack, ...flags]);
    const lines: string[] = [];
    const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
    while (lines.length < 2) await once(reader, 'line');
    const url = /http\S+/.exec(lines[0]!)![0];
    expect(lines[1]).toContain('--model strong');
    const { data } = (await (await fetch(`${url}/models`)).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(['strong', 'weak']);
    const ask = (model: string) => {
      const messages = [{ role: 'user', content: 'Teach a backtracking solver where to branch, so that it needs few' }];
      return fetch(`${url}/chat/completions`, { method: 'POST', body: JSON.stringify({ model, messages }) });
    };
    const statuses = [];
    for (const model of ['strong', 'strong', 'strong', 'weak', 'other']) statuses.push((await ask(model)).status);
    expect(statuses).toEqual([400, 400, 429, 400, 404]);
    child.kill('SIGTERM');
    await once(child, 'close');
  });

  it('names every fault in its help [E2]', async () => {
    const { stdout } = await runCli(['stand-in', 'model', '--help']);
    expect(/^Faults: (.*)$/m.exec(stdout)?.[1]?.split(' ')).toEqual(FAULT_NAMES);
  });

  it('says what is wrong with its flags and files [B1]', async () => {
    const [none, both, fault, rate, broken, temper, unplayed] = await Promise.all([
      runCli(['stand-in', 'model']),
      runCli(['stand-in', 'model', '--script', 'x', '--solutions', 'y']),
      runCli(['stand-in', 'model', '--script', 'x', '--fault', 'flood=0.1']),
      runCli(['stand-in', 'model', '--script', 'x', '--fault', 'empty=2']),
      runCli(['stand-in', 'model', '--script', await script([{ txt: 'x' }])]),
      runCli(['stand-in', 'model', '--solutions', 'packs/reference', '--model', 'a=sings:1']),
      runCli(['stand-in', 'model', '--script', 'x', '--model', 'a']),
    ]);
    expect(temper.stderr).toContain('--model a=sings:1: sings:1 is none of solves, baseline, wanders, leaves');
    expect(unplayed.stderr).toContain('--model says how recorded solutions are played.');
    expect([temper.code, unplayed.code]).toEqual([2, 2]);
    expect([none.code, both.code, fault.code, rate.code, broken.code]).toEqual([2, 2, 2, 2, 1]);
    expect(none.stderr).toContain('--script or --solutions, one of them');
    expect(fault.stderr).toContain('There is no fault flood.\nThere are: rate_limit, ');
    expect(rate.stderr).toContain('It must look like rate_limit=0.1.');
    expect(broken.stderr).toMatch(/script\.json is no script of a stand-in: /);
  });
});

describe('gymsmith stand-in hub', () => {
  it('serves the datasets that ship, says what it was asked, and ends on a signal [S3]', async () => {
    const child = startCli(['stand-in', 'hub', '--port', '0', '--no-viewer']);
    const lines: string[] = [];
    const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
    while (lines.length < 3) await once(reader, 'line');
    const url = /http\S+/.exec(lines[0]!)![0];
    expect(lines[2]).toContain(`HF_ENDPOINT=${url}`);
    const found = await fetch(`${url}/api/datasets?search=penguins`);
    expect(await found.json()).toMatchObject([{ id: 'palmer-station/penguins' }]);
    expect((await fetch(`${url}/splits?dataset=palmer-station/penguins`)).status).toBe(404);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(0);
    expect(lines.slice(3).map((line) => line.trim())).toEqual([
      'GET /api/datasets?search=penguins  200',
      'GET /splits?dataset=palmer-station/penguins  404',
    ]);
  });

  it('says what is wrong with its flags and directories, and names every fault in its help [B1]', async () => {
    const [help, fault, none] = await Promise.all([
      runCli(['stand-in', 'hub', '--help']),
      runCli(['stand-in', 'hub', '--fault', 'flood=0.1']),
      runCli(['stand-in', 'hub', '--datasets', '/nowhere']),
    ]);
    expect(/^Faults: (.*)$/m.exec(help.stdout)?.[1]?.split(' ')).toEqual(Object.keys(HUB_FAULTS));
    expect([fault.code, none.code]).toEqual([2, 1]);
    expect(fault.stderr).toContain('There is no fault flood.\nThere are: rate_limit, ');
    expect(none.stderr).toContain('Name another directory: --datasets.');
  });
});

describe('gymsmith stand-in teacher', () => {
  it('proposes the tasks of recorded topics, and refuses topics that it does not know [S2]', async () => {
    const child = startCli(['stand-in', 'teacher', '--port', '0', '--topic', 'pole-balancing', '--no-json-schema']);
    const lines: string[] = [];
    const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
    await once(reader, 'line');
    const baseUrl = /http\S+/.exec(lines[0]!)![0];
    const model = await createModel('stand-in', { baseUrl, apiKey: 'any' });
    const prompt = await new PromptSet(null).fill('topics', {
      batch: 1,
      count: 1,
      cells: [],
      accepted: [],
      accepted_count: 0,
      shows_all: true,
      areas: [],
      rejected: [],
      environment: 'Python',
    });
    const messages = [
      { role: 'system' as const, content: prompt.system },
      { role: 'user' as const, content: prompt.user },
    ];
    const { text } = await model.query({ messages });
    expect(JSON.parse(text).topics).toMatchObject([{ area: 'reinforcement learning' }]);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(0);
    const run = await runCli(['stand-in', 'teacher', '--port', '0', '--topic', 'no-such-topic']);
    expect(run.stderr).toContain('There is no recorded topic no-such-topic.');
    expect(run.code).toBe(1);
  });
});
