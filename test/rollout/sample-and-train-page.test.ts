import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROJECT_ROOT } from '../../src/config.js';
import { DatasetRow } from '../../src/rollout/dataset/dataset-row.js';
import { DatasetSettings } from '../../src/rollout/dataset/dataset-settings.js';
import { DROPS } from '../../src/rollout/dataset/manifest.js';
import { SampleSettings } from '../../src/rollout/sampling/sample-settings.js';
import { memoryEstimate } from '../../src/train/memory-estimate.js';
import { TrainSettings } from '../../src/train/train-settings.js';

const PAGE = readFileSync(path.join(PROJECT_ROOT, 'docs', 'sample-and-train.md'), 'utf8');

/** Names in the first column of a table's rows. */
function namesOf(heading: string): string[] {
  const [, behind = ''] = PAGE.split(`\n${heading}\n`);
  const [table = ''] = behind.split('\n\n');
  const firsts = table.split('\n').map((line) => line.split('|')[1] ?? '');
  return firsts.flatMap((first) => [...first.matchAll(/`([\w.]+)`/g)].map(([, name]) => name!));
}

const QWEN = {
  vocab_size: 151_936,
  num_hidden_layers: 36,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  head_dim: 128,
};
const SHAPES = {
  '4B': { ...QWEN, hidden_size: 2560, intermediate_size: 9728, tie_word_embeddings: true },
  '8B': { ...QWEN, hidden_size: 4096, intermediate_size: 12_288, tie_word_embeddings: false },
};

describe('docs/sample-and-train.md', () => {
  it('shows files of settings as they are taken [T1] [T4]', () => {
    const [sample, dataset] = [...PAGE.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => parse(text!));
    expect(SampleSettings.parse(sample)).toMatchObject({ attempts: 256, players: [{ weight: 3 }, { name: 'qwen' }] });
    expect(DatasetSettings.parse(dataset)).toMatchObject({ per_task: 64, filter: { preset: 'success' } });
  });

  it('names every reason for which a trajectory is dropped, in their order, and every column of a row [T4] [T5]', () => {
    expect(namesOf('| reason | why it was dropped |')).toEqual([...DROPS]);
    expect(namesOf('| column | |').sort()).toEqual(Object.keys(DatasetRow.shape).sort());
  });

  it('names every setting of a training, and the memory that is reckoned [D1]', () => {
    const named = new Set(namesOf('| setting (`--config train.yaml`; flags win) | default | why |'));
    const apart = ['dataset', 'dataset_revision', 'model', 'revision', 'lora'];
    expect(Object.keys(TrainSettings.shape).filter((name) => !named.has(name))).toEqual(apart);
    for (const [size, shape] of Object.entries(SHAPES)) {
      for (const [words, method] of [
        ['adapters', 'lora'],
        ['full', 'full'],
      ] as const) {
        const settings = TrainSettings.parse({ dataset: '.', model: '.', method });
        const gigabytes = [1, 2, 4, 8].map((gpus) => Math.round(memoryEstimate(shape, settings, gpus).bytes / 1e9));
        expect(PAGE).toContain(`| Qwen3-${size}, ${words} | ${gigabytes[0]} GB | ${gigabytes.slice(1).join(' | ')} |`);
      }
    }
  });
});
