import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { parseTrainEvent, type TrainEvent, type TrainStep } from '../../src/train/train-event.js';
import { TrainRecord } from '../../src/train/train-record.js';
import { type CliRun, runCli, startCli } from '../cli/run-cli.js';
import { type SmallStudent, smallStudent } from './small-student.js';

const run = promisify(execFile);
const CHECK = fileURLToPath(new URL('./check_student.py', import.meta.url));
const RECIPE = path.join(PROJECT_ROOT, 'docker', 'train');
const MINUTES = 60_000;
const STEPS = 80;

let root: string;
let student: SmallStudent;
const at = (name: string) => path.join(root, name);

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gymsmith-train-'));
  student = await smallStudent(root);
}, 10 * MINUTES);
afterAll(() => rm(root, { recursive: true, force: true }));

function words(out: string, ...more: string[]): string[] {
  const fixed = [
    '--model',
    student.model,
    '--out',
    at(out),
    '--cpu',
    '--batch',
    '6',
    '--learning-rate',
    '0.01',
    '--json',
  ];
  return ['train', student.dataset, ...fixed, ...more];
}

const withPython = () => ['--place', 'python', '--python', student.environment.python];
const withDocker = () => ['--image', 'gymsmith/cpu', '--environment', student.environment.root];

function eventsOf(text: string): TrainEvent[] {
  return text.split('\n').flatMap((line) => parseTrainEvent(line) ?? []);
}

function stepsOf(out: string): TrainStep[] {
  const events = eventsOf(readFileSync(path.join(at(out), 'metrics.jsonl'), 'utf8'));
  return events.filter((event): event is TrainStep => event.event === 'step');
}

/** Begins a training, waits for an event of it, and does something to it. */
async function until(args: string[], event: TrainEvent['event'], then: (pid: number) => void): Promise<CliRun> {
  const child = startCli(args, { env: student.env });
  child.stdin.end();
  const ran: CliRun = { code: null, stdout: '', stderr: '' };
  let isDone = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ran.stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ran.stdout += text;
    if (isDone || !eventsOf(ran.stdout).some((seen) => seen.event === event)) return;
    isDone = true;
    then(child.pid!);
  });
  ran.code = await new Promise((resolve) => child.once('close', resolve));
  expect(isDone, ran.stderr).toBe(true);
  return ran;
}

/** @returns processes of a recipe that works in a directory */
function recipesIn(out: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return command.includes('train.py') && command.includes(path.join(at(out), '.recipe.json')) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

async function containersOfTraining(): Promise<string[]> {
  const { stdout } = await run('docker', ['ps', '-aq', '--filter', 'label=org.gymsmith.owner=train']);
  return stdout.split('\n').filter(Boolean);
}

async function check(model: string): Promise<Record<string, unknown>> {
  const args = [CHECK, RECIPE, student.dataset, model, student.model];
  const { stdout } = await run(student.environment.python, args, { env: { ...process.env, ...student.env } });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

describe('a student trained on a real export [D1] [T5]', () => {
  it(
    'learns it by heart, though its process was killed: goes on at the checkpoint, makes each step once, and loads elsewhere [B4]',
    async () => {
      const args = words(
        'full',
        '--max-steps',
        String(STEPS),
        '--checkpoint-steps',
        '5',
        '--eval-steps',
        '20',
        ...withPython(),
      );
      const killed = await until(args, 'checkpoint', () => {
        for (const pid of recipesIn('full')) process.kill(pid, 'SIGKILL');
      });
      expect(killed.code).toBe(1);
      expect(killed.stderr).toContain('was killed');
      const again = await runCli(args, { env: student.env });
      expect(again.code, again.stderr).toBe(0);
      const [begin] = eventsOf(again.stdout);
      const resumed = begin?.event === 'begin' ? begin.resumed_from : 0;
      expect(resumed).toBeGreaterThanOrEqual(5);
      expect(resumed).toBeLessThan(STEPS);
      const steps = stepsOf('full');
      expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
      const losses = steps.map(({ loss }) => loss ?? Number.NaN);
      const fifth = STEPS / 5;
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      // A tokenizer of single bytes has 264 words: chance is a loss of 5.6.
      expect(losses[0]).toBeGreaterThan(4.5);
      expect(mean(losses.slice(-fifth))).toBeLessThan(1.8);
      expect(mean(losses.slice(-fifth))).toBeLessThan(mean(losses.slice(0, fifth)) / 2);

      const record = TrainRecord.parse(JSON.parse(readFileSync(path.join(at('full'), 'settings.json'), 'utf8')));
      expect(record.facts?.dataset.manifest_sha256).toBe(record.manifest_sha256);
      const { rows, held_out_rows, compared } = record.facts!.dataset;
      expect(Math.min(rows, held_out_rows)).toBeGreaterThan(0);
      expect(compared).toBe(rows + held_out_rows);
      expect(record.facts?.versions.trl).toBe('1.16.0');
      const found = await check(path.join(at('full'), 'model'));
      expect(found).toMatchObject({ rows: compared, dtype: 'torch.bfloat16', same_template: true });
      expect(found.spans).toBeGreaterThanOrEqual(compared);
      expect(found.answer).not.toBe('');
      expect(found.moved).toBeGreaterThan(0.01);
      for (const file of ['loss.svg', 'report.html', 'report.json'])
        expect(existsSync(path.join(at('full'), file))).toBe(true);
      expect(recipesIn('full')).toEqual([]);
    },
    10 * MINUTES,
  );

  it(
    'by adapters in a container without a network: it goes on when the command is killed, is taken up again, and is removed [B4]',
    async () => {
      const method = ['--method', 'lora', '--rank', '16', '--alpha', '32'];
      const args = words(
        'lora',
        '--max-steps',
        '30',
        '--checkpoint-steps',
        '10',
        '--eval-steps',
        '30',
        ...method,
        ...withDocker(),
      );
      await until(args, 'step', (pid) => process.kill(pid, 'SIGKILL'));
      expect(await containersOfTraining()).toHaveLength(1);
      const again = await runCli(args, { env: student.env });
      expect(again.code, again.stderr).toBe(0);
      expect(again.stderr).toContain('is taken up');
      expect(stepsOf('lora').map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
      expect(existsSync(path.join(at('lora'), 'adapter', 'adapter_model.safetensors'))).toBe(true);
      const [first, last] = [stepsOf('lora')[0]!, stepsOf('lora').at(-1)!];
      expect(last.loss).toBeLessThan(first.loss! - 0.3);
      expect(await check(path.join(at('lora'), 'model'))).toMatchObject({ same_template: true });
      expect(await containersOfTraining()).toEqual([]);
    },
    10 * MINUTES,
  );

  it(
    'is stopped by Ctrl-C with a checkpoint, and is not gone on with under other settings',
    async () => {
      const args = words('stopped', '--max-steps', '500', '--checkpoint-steps', '400', ...withPython());
      const stopped = await until(args, 'step', (pid) => process.kill(pid, 'SIGINT'));
      expect(stopped.code, stopped.stderr).toBe(130);
      const end = eventsOf(stopped.stdout).at(-1);
      expect(end).toMatchObject({ event: 'end', reason: 'stopped' });
      expect(readdirSync(path.join(at('stopped'), 'checkpoints'))).toHaveLength(1);
      const other = await runCli([...args, '--seed', '7'], { env: student.env });
      expect(other.code).toBe(1);
      expect(other.stderr).toContain('seed: 0, now 7');
      expect(recipesIn('stopped')).toEqual([]);
    },
    10 * MINUTES,
  );
});
