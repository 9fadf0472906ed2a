import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LabelOptions, type LabelProgress, labelFiles } from '../../src/rollout/labels/label-files.js';
import type { KeptLabels, LabelCache, LabelledFile, UnreadableFile } from '../../src/rollout/labels/labelled-file.js';
import { readLabels } from '../../src/rollout/labels/read-labels.js';
import { StudentTokenizer } from '../../src/rollout/tokens/student-tokenizer.js';
import { TrajectoryText } from '../../src/rollout/trajectory-text.js';
import { SAMPLE_CONFIG, sampleRun, sampleStep } from './sample-run.js';
import { writeTinyTokenizer } from './tiny-tokenizer.js';

const FACTS = { config: SAMPLE_CONFIG, model: { name: 'gpt', settings: {} } };

class MemoryCache implements LabelCache {
  readonly kept = new Map<string, KeptLabels>();
  puts = 0;

  labels(id: string, key: string): KeptLabels | undefined {
    return this.kept.get(`${id} ${key}`);
  }

  putLabels(entries: readonly { id: string; key: string; kept: KeptLabels }[]): void {
    this.puts++;
    for (const { id, key, kept } of entries) this.kept.set(`${id} ${key}`, kept);
  }
}

describe('labels of many files', () => {
  let directory: string;
  let tokenizer: StudentTokenizer;
  let files: string[];
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-labels-'));
    await writeTinyTokenizer(directory);
    tokenizer = await StudentTokenizer.open(directory);
    files = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const file = path.join(directory, `${index}.traj`);
        const steps = Array.from({ length: (index * 7) % 11 }, () => sampleStep(`echo ${index}\n`));
        await writeFile(file, Buffer.concat(new TrajectoryText().of(sampleRun({ steps }), FACTS)));
        return file;
      }),
    );
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function labelled(options: Partial<LabelOptions> = {}): Promise<(LabelledFile | UnreadableFile)[]> {
    const requests = files.map((file) => ({ id: path.basename(file), file }));
    const items = [];
    for await (const item of labelFiles(requests, { tokenizer, threads: 2, ...options })) items.push(item);
    return items;
  }

  it('come in the order of the files, the same as of each file alone [T3 T6]', async () => {
    const seen: LabelProgress[] = [];
    const items = await labelled({ onProgress: (progress) => seen.push(progress) });
    const alone = await Promise.all(files.map((file) => readLabels(file, tokenizer)));
    expect(items).toEqual(
      alone.map((kept, index) => ({ id: `${index}.traj`, file: files[index], ...(kept as KeptLabels), fault: null })),
    );
    expect(seen.map(({ done }) => done)).toEqual(files.map((_, index) => index + 1));
    expect(seen.at(-1)).toMatchObject({ of: 40, known: 0, unreadable: 0, filesPerSecond: expect.any(Number) });
  });

  it('are a fault of one file where it is damaged, cut, missing or a directory [B1]', async () => {
    await writeFile(files[3]!, '{"trajectory": [');
    await writeFile(files[5]!, '[1, 2]');
    await writeFile(files[7]!, '');
    await rm(files[9]!);
    await rm(files[11]!);
    await mkdir(files[11]!);
    await writeFile(files[13]!, `${'['.repeat(200_000)}`);
    const items = await labelled();
    const faulty = items.filter(({ fault }) => fault !== null);
    expect(faulty.map(({ file }) => file)).toEqual([3, 5, 7, 9, 11, 13].map((index) => files[index]));
    for (const { file, fault } of faulty) expect(fault).toContain(file);
    expect(items).toHaveLength(40);
  });

  it('are read once: what is kept is taken while file and tokenizer are the same [T6]', async () => {
    const cache = new MemoryCache();
    const progress: LabelProgress[] = [];
    const options = { cacheOf: () => cache, onProgress: (now: LabelProgress) => progress.push(now) };
    const first = await labelled(options);
    expect([cache.kept.size, cache.puts]).toEqual([40, 1]);
    expect(await labelled(options)).toEqual(first);
    expect(progress.at(-1)).toMatchObject({ known: 40, bytes: 0 });
    await utimes(files[2]!, 1, 1);
    await writeFile(files[4]!, 'x');
    const third = await labelled(options);
    expect(progress.at(-1)).toMatchObject({ known: 38, unreadable: 1 });
    expect(third.filter((_, index) => index !== 4)).toEqual(first.filter((_, index) => index !== 4));
    await labelled({ ...options, tokenizer: await StudentTokenizer.open(null) });
    expect(progress.at(-1)).toMatchObject({ known: 0 });
  });

  it('end with the reason of a signal, and keep what is known by then [T6]', async () => {
    const cache = new MemoryCache();
    const ending = new AbortController();
    const reason = new Error('enough');
    const onProgress = ({ done }: LabelProgress) => {
      if (done === 5) ending.abort(reason);
    };
    await expect(labelled({ cacheOf: () => cache, signal: ending.signal, onProgress })).rejects.toBe(reason);
    expect(cache.kept.size).toBeGreaterThanOrEqual(5);
    await expect(labelled({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('leave no thread behind when nobody wants the rest, or a cache fails [T6]', async () => {
    const requests = files.map((file) => ({ id: file, file }));
    for await (const item of labelFiles(requests, { tokenizer, threads: 2 })) {
      expect(item.id).toBe(files[0]);
      break;
    }
    const broken: LabelCache = {
      labels: () => undefined,
      putLabels: () => {
        throw new Error('full');
      },
    };
    await expect(labelled({ cacheOf: () => broken })).rejects.toThrow('full');
  });

  it('are not found by threads that cannot be started, and no file is blamed [B1]', async () => {
    const lost = await StudentTokenizer.open(directory);
    Object.assign(lost, { parts: { ...lost.parts, tables: null, file: path.join(directory, 'gone.json') } });
    await expect(labelled({ tokenizer: lost })).rejects.toThrow(/^No thread can be started.*gone\.json/);
  });
});
