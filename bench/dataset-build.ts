import { execFile, spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type MeasuredBuild, measureBuild } from './dataset-child.js';
import type { Section } from './section.js';

const run = promisify(execFile);
const GENERATE = fileURLToPath(new URL('./dataset-generate.ts', import.meta.url));
const PEER = fileURLToPath(new URL('./peers/dataset_rows.py', import.meta.url));
const GENERATORS = 2;
const PEER_FILES = 300;
const MOST_MINUTES = 15;
const MOST_BYTES = 700e6;
/** What the targets are said of. */
const WHOLE = 34_000;

/** What the section is measured on. */
export interface DatasetBench {
  /** Directory of the student's tokenizer. */
  student: string;
  /** With `transformers`. */
  python: string;
  trajectories: number;
  /** Below it about 250 kB a trajectory are written, and removed at the end. */
  directory: string;
}

/** @returns what is measured unless the environment says otherwise */
export function datasetBench(env: NodeJS.ProcessEnv): DatasetBench {
  const { BENCH_STUDENT = '', BENCH_TRAIN_PYTHON = '', BENCH_DATASET_DIR, BENCH_TRAJECTORIES } = env;
  return {
    student: BENCH_STUDENT,
    python: BENCH_TRAIN_PYTHON,
    trajectories: Number(BENCH_TRAJECTORIES ?? WHOLE),
    directory: BENCH_DATASET_DIR ?? tmpdir(),
  };
}

/** What it takes to make a dataset of the size of the research's, beside what the machine takes to read and write as much. */
export async function datasetBuild({ student, python, trajectories, directory }: DatasetBench): Promise<Section> {
  const scratch = await mkdtemp(path.join(directory, 'gymsmith-bench-dataset-'));
  try {
    const source = path.join(scratch, 'trajectories');
    await Promise.all(Array.from({ length: GENERATORS }, (_, part) => generate(source, trajectories, part)));
    const sizes = await sizesOf(source);
    const state = path.join(scratch, 'state');
    const build = (out: string, ...more: string[]) =>
      measureBuild([source, '--out', path.join(scratch, out), '--tokenizer', student, ...more], state);
    const first = await build('out');
    const again = await build('again', '--preset', 'improves');
    const reading = await secondsOf(() => parseAll(source));
    const writing = await secondsOf(() => copyShards(path.join(scratch, 'out'), path.join(scratch, 'copy'), first));
    const peer = await runPeer(python, source, student, path.join(scratch, 'peer.jsonl'));
    return section({ first, again, reading, writing, peer }, sizes, trajectories);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Measured {
  first: MeasuredBuild;
  again: MeasuredBuild;
  reading: number;
  writing: number;
  /** Seconds for all trajectories, extrapolated. */
  peer: (trajectories: number) => number;
}

function section(
  { first, again, reading, writing, peer }: Measured,
  sizes: readonly number[],
  trajectories: number,
): Section {
  const { manifest } = first;
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const written = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const [median, most] = [sizes[Math.floor(sizes.length / 2)]!, sizes.at(-1)!];
  const seconds = (value: number) => value.toFixed(1);
  const rate = (value: number) => (trajectories / value).toFixed(0);
  const megabytes = (value: number) => `${(value / 1e6).toFixed(0)} MB`;
  const minutes = first.whole / 60;
  const row = (name: string, value: number, memory = '') => [name, seconds(value), rate(value), memory];
  return {
    title: 'Dataset: trajectories to rows',
    method:
      `\`gymsmith dataset build\` in a process of its own over ${trajectories} made-up trajectories of ${manifest.tasks.length} tasks ` +
      `(${(bytes / 1e9).toFixed(1)} GB, median ${(median / 1e3).toFixed(0)} kB, largest ${megabytes(most)}), with the tokenizer that Qwen to Qwen3 share: ` +
      `${manifest.rows} rows of ${(manifest.tokens / 1e6).toFixed(0)} million tokens, ${megabytes(written)} of Parquet and JSON lines. ` +
      `Memory: the most that the process with its threads held at any time. Beside it: reading every file and parsing it as JSON, writing as many ` +
      `bytes, and the loop in Python that one writes first (${PEER_FILES} files, extrapolated).`,
    header: ['what', 'seconds', 'trajectories/s', 'memory'],
    rows: [
      row('build, whole', first.whole, megabytes(first.peakBytes)),
      row('- labels and selection', first.labels),
      row('- rows, in both formats', first.shards),
      row('build again with another filter', again.whole, megabytes(again.peakBytes)),
      row('reading and JSON.parse alone, one thread', reading),
      row('writing as many bytes', writing),
      row('Python, json and transformers', peer(trajectories)),
    ],
    verdicts: [
      {
        target: `${WHOLE} trajectories in at most ${MOST_MINUTES} minutes on two processors`,
        measured: `${trajectories} in ${minutes.toFixed(1)} minutes`,
        met: minutes <= (MOST_MINUTES * trajectories) / WHOLE,
      },
      {
        target: `in less than ${megabytes(MOST_BYTES)} of memory`,
        measured: megabytes(Math.max(first.peakBytes, again.peakBytes)),
        met: Math.max(first.peakBytes, again.peakBytes) < MOST_BYTES,
      },
    ],
  };
}

async function generate(source: string, trajectories: number, part: number): Promise<void> {
  const args = ['--import', 'tsx', GENERATE, source, String(trajectories), String(part), String(GENERATORS)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the generator ended with ${code}`);
}

async function filesIn(source: string): Promise<string[]> {
  const names = await readdir(source, { recursive: true });
  return names.filter((name) => name.endsWith('.traj')).map((name) => path.join(source, name));
}

async function sizesOf(source: string): Promise<number[]> {
  const sizes: number[] = [];
  for (const file of await filesIn(source)) sizes.push((await stat(file)).size);
  return sizes.sort((a, b) => a - b);
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

async function parseAll(source: string): Promise<void> {
  for (const file of await filesIn(source)) {
    try {
      JSON.parse(await readFile(file, 'utf8'));
    } catch {
      // A few are cut, as a few always are.
    }
  }
}

async function copyShards(from: string, into: string, { manifest }: MeasuredBuild): Promise<void> {
  for (const { path: shard } of manifest.files) {
    await pipeline(createReadStream(path.join(from, shard)), createWriteStream(into, { flags: 'a', flush: true }));
  }
}

async function runPeer(
  python: string,
  source: string,
  student: string,
  into: string,
): Promise<(trajectories: number) => number> {
  const { stdout } = await run(python, [PEER, source, student, String(PEER_FILES), into]);
  const { seconds, files } = JSON.parse(stdout) as { seconds: number; files: number };
  return (trajectories) => (seconds / files) * trajectories;
}
