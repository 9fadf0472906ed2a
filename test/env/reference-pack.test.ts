import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { loadPack, type Pack } from '../../src/env/packs/pack.js';
import { ENTRYPOINTS } from '../../src/env/task.js';

const ROOT = path.join(PROJECT_ROOT, 'packs', 'reference');

async function solution(id: string): Promise<{ task: string; actions: string[] }> {
  return JSON.parse(await readFile(path.join(ROOT, 'solutions', `${id}.json`), 'utf8'));
}

describe('the reference pack', () => {
  let pack: Pack;

  beforeAll(async () => {
    pack = await loadPack(ROOT);
  });

  it('loads without a fault [E2]', () => {
    expect(pack.faults).toEqual([]);
    expect(pack.tasks.length).toBeGreaterThanOrEqual(7);
  });

  it('covers the four entrypoints and both directions [E4]', () => {
    expect(new Set(pack.tasks.map((task) => task.entrypoint))).toEqual(new Set(ENTRYPOINTS));
    expect(new Set(pack.tasks.map((task) => task.sidecar.metric.direction))).toEqual(new Set(['maximize', 'minimize']));
  });

  it('declares the same measured baseline in the sidecar and in the configuration [E8]', () => {
    for (const { envId, baselineScores, sidecar } of pack.tasks) {
      expect(sidecar.baseline?.runs, envId).toBeGreaterThanOrEqual(3);
      expect(baselineScores?.[sidecar.metric.name], envId).toBe(sidecar.baseline?.score);
    }
  });

  it('hides something in every task, and gives none of it to the agent [B5]', () => {
    for (const { envId, starterFiles, hiddenFiles, sidecar } of pack.tasks) {
      expect(sidecar.evaluation.mode, envId).toBe('sealed');
      expect(
        hiddenFiles.map((file) => file.path),
        envId,
      ).toEqual(sidecar.hidden_files);
      expect(hiddenFiles.length, envId).toBeGreaterThan(0);
      const hidden = new Set(sidecar.hidden_files);
      expect(
        starterFiles.filter((file) => hidden.has(file.path)),
        envId,
      ).toEqual([]);
    }
  });

  it('runs the evaluators of submitted code as root, so that they can take the hidden files from it [B5]', () => {
    const submitsCode = pack.tasks.filter((task) =>
      task.sidecar.submission?.paths.some((name) => name.endsWith('.py')),
    );
    expect(submitsCode.length).toBeGreaterThanOrEqual(3);
    for (const { envId, sidecar } of submitsCode) expect(sidecar.evaluation.run_as, envId).toBe('root');
  });

  it('has a recorded solution for every task, which ends with a submission [E2]', async () => {
    for (const { id, envId } of pack.tasks) {
      const { task, actions } = await solution(id);
      expect(task).toBe(envId);
      expect(actions.at(-1)).toBe('submit');
      expect(actions).toContain('validate');
    }
  });
});
