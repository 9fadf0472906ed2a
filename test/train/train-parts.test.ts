import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { linesOf } from '../../src/train/lines-of.js';
import { memoryEstimate } from '../../src/train/memory-estimate.js';
import { modelShape, parametersOf } from '../../src/train/model-shape.js';
import { openDataset } from '../../src/train/open-dataset.js';
import { parseTrainEvent, type TrainEvent } from '../../src/train/train-event.js';
import { learningRate, TrainSettings } from '../../src/train/train-settings.js';
import { TrainState } from '../../src/train/train-state.js';
import { runCli } from '../cli/run-cli.js';

const run = promisify(execFile);
const GB = 1e9;

function settings(given: Partial<TrainSettings>): TrainSettings {
  return TrainSettings.parse({ dataset: '.', model: '.', ...given });
}

function stepEvent(step: number, loss: number): TrainEvent {
  const rest = { epoch: 1, learning_rate: 1, grad_norm: 1, accuracy: 0, tokens: step, tokens_per_second: 1 };
  return { event: 'step', step, of: 10, loss, ...rest, seconds: 1, seconds_left: 1, memory_bytes: 0 };
}

describe('settings of a training [D1]', () => {
  it("are the recipe's where nothing is said", () => {
    const { epochs, batch, weight_decay, warmup, schedule, max_tokens } = settings({});
    expect({ epochs, batch, weight_decay, warmup, schedule, max_tokens }).toEqual({
      epochs: 2,
      batch: 128,
      weight_decay: 1e-4,
      warmup: 0.1,
      schedule: 'cosine',
      max_tokens: 32_768,
    });
    expect(learningRate(settings({}))).toBe(2e-5);
    expect(learningRate(settings({ method: 'lora' }))).toBe(2e-4);
  });
});

describe('memory of a training [D1]', () => {
  it('counts the parameters of Qwen3 as its cards do', async () => {
    const [small, large] = [await modelShape('Qwen/Qwen3-4B', false), await modelShape('Qwen/Qwen3-8B', false)];
    expect(parametersOf(small!).all / 1e9).toBeCloseTo(4.02, 2);
    expect(parametersOf(large!).all / 1e9).toBeCloseTo(8.19, 2);
  });

  it('says which GPU is enough: adapters of 4B and 8B on one of 48 GB, all of 8B on four of 80 and not on two', async () => {
    const [small, large] = [(await modelShape('Qwen/Qwen3-4B', false))!, (await modelShape('Qwen/Qwen3-8B', false))!];
    expect(memoryEstimate(small, settings({ method: 'lora' }), 1).bytes).toBeLessThan(40 * GB);
    expect(memoryEstimate(large, settings({ method: 'lora' }), 1).bytes).toBeLessThan(48 * GB);
    expect(memoryEstimate(small, settings({}), 1).bytes).toBeGreaterThan(80 * GB);
    expect(memoryEstimate(large, settings({}), 2).bytes).toBeGreaterThan(80 * GB);
    expect(memoryEstimate(large, settings({}), 4).bytes).toBeLessThan(80 * GB);
  });
});

it('tells a Python without the libraries what to install [D1] [B1]', async () => {
  const program =
    'import sys; sys.path.insert(0, sys.argv[1]); from faults import fault_of; ' +
    'fault = fault_of(ModuleNotFoundError("No module", name="torch")); print(fault.kind, fault)';
  const recipe = path.join(PROJECT_ROOT, 'docker', 'train');
  const { stdout } = await run('/usr/bin/python3', ['-IBc', program, recipe]);
  expect(stdout).toMatch(/^settings this Python has no module torch\. pip install -r \S+requirements\.txt -c \S+/);
});

describe('what a recipe says [D1]', () => {
  it('comes in whole lines, wherever its bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(20)), (texts, cuts) => {
        const lines = texts.map((text) => text.replaceAll('\n', ' '));
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const seen: string[] = [];
        const take = linesOf((line) => seen.push(line));
        let from = 0;
        for (const cut of cuts) {
          take(bytes.subarray(from, from + cut));
          from += cut;
        }
        take(bytes.subarray(from));
        expect(seen).toEqual(lines);
      }),
    );
  });

  it('is an event or nothing', () => {
    expect(parseTrainEvent('{"event": "checkpoint", "step": 5, "path": "checkpoints/checkpoint-5"}')?.event).toBe(
      'checkpoint',
    );
    expect(parseTrainEvent('{"event": "checkpoint", "step"')).toBeNull();
    expect(parseTrainEvent('{"event": "unheard"}')).toBeNull();
    expect(parseTrainEvent('Loading weights')).toBeNull();
  });

  it('counts once when it comes twice', () => {
    const state = new TrainState();
    for (const event of [stepEvent(1, 3), stepEvent(2, 2), stepEvent(2, 2), stepEvent(1, 3)]) state.add(event);
    expect(state.steps.map(({ step }) => step)).toEqual([1, 2]);
    expect(state.last?.loss).toBe(2);
  });
});

describe('gymsmith train says what is wrong before it begins [D1] [B1]', () => {
  let root: string;
  const at = (name: string) => path.join(root, name);
  const rows = '{"id":"a"}\n';

  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'gymsmith-train-parts-'));
    const sha256 = createHash('sha256').update(rows).digest('hex');
    const file = { path: 'train.jsonl', split: 'train', format: 'jsonl', rows: 1000, bytes: rows.length, sha256 };
    const tokenizer = { sha256: null, exact: true };
    await writeFile(at('train.jsonl'), rows);
    const manifest = { files: [file], tokenizer, tokens: 10, settings: { truncate_tokens: 32_768 } };
    await writeFile(at('manifest.json'), JSON.stringify(manifest));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('takes a dataset whose files are what the manifest says, and no other', async () => {
    expect((await openDataset(root)).rows).toEqual({ train: 1000, test: 0 });
    await writeFile(at('train.jsonl'), '{"id":"b"}\n');
    await expect(openDataset(root)).rejects.toThrow('its hash differs');
    await writeFile(at('train.jsonl'), rows);
  });

  it.each([
    [[], 2, 'No dataset is named'],
    [['.'], 2, 'No model is named'],
    [['nowhere', '--model', 'Qwen/Qwen3-4B'], 2, 'nowhere is no directory'],
    [['ROOT', '--model', 'Qwen/Qwen3-4B', '--cpu', '--processes', '3'], 2, 'cannot be shared by 3 processes'],
    [['ROOT', '--model', 'ROOT', '--cpu'], 1, 'holds no model'],
    [['ROOT', '--model', 'Qwen/Qwen3-4B', '--cpu', '--force', '--image', 'gymsmith/nothing'], 1, 'There is no image'],
    [
      ['ROOT', '--model', 'Qwen/Qwen3-4B', '--cpu', '--force', '--place', 'python', '--python', '/no/python'],
      1,
      'cannot be started',
    ],
  ])('%j', async (args, code, text) => {
    const given = args.map((word) => (word === 'ROOT' ? root : word));
    const ran = await runCli(['train', ...given, '--out', at('out')]);
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(text)]);
  });

  it('plans on a machine without GPUs, with the arithmetic of its memory', async () => {
    const args = ['train', root, '--model', 'Qwen/Qwen3-8B', '--gpus', '8', '--dry-run', '--out', at('planned')];
    const ran = await runCli(args);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain('16 bytes x 8.19e9 / 8');
    expect(ran.stdout).toContain('steps    16: 2 epochs, 128 rows a step');
  });
});
