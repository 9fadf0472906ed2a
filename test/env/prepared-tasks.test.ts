import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HubStandIn } from '../../src/testing/hub-stand-in/hub-stand-in.js';
import { writeFiles } from './pack-fixture.js';
import { type BackendName, RealGym } from './real-gym.js';
import { accessTo, Heard } from './supplies-fixture.js';

const EVALUATE = `
import argparse, json
import pandas as pd
from datasets import load_dataset
parser = argparse.ArgumentParser()
parser.add_argument('--submission_file')
weights = load_dataset('acme/Pears', split='test')['weight']
secret = open('/home/agent/workspace/factor.txt').read()
guess = pd.read_csv(parser.parse_args().submission_file)['weight']
print(json.dumps({'error': float(secret) * sum(abs(a - b) for a, b in zip(guess, weights))}))
`;
const BASELINE = `
from datasets import load_dataset
pears = load_dataset('pears')
longer = pears.map(lambda row: {'twice': 2 * row['length']})
longer['test'].rename_column('twice', 'guess').select_columns('guess').to_csv('guess.csv', index=False)
open('submission.csv', 'w').write('weight\\n' + '\\n'.join('5' for _ in pears['test']))
`;

/** A task whose scripts load a data set of the Hub and a model's file, in a Python environment of its own. */
function pack(root: string): Promise<string> {
  const files = {
    'configs/tasks/pears.yaml': `id: pears
name: Pears
description: Weigh {dataset_docs}
dataset_configs: [datasets/pears.yaml]
training_timeout: 300
requirements_path: data/pears/requirements.txt
use_generic_conda: false
starter_code: [data/pears/baseline.py, data/pears/evaluate.py, data/pears/factor.txt]
baseline_paths: [baseline.py]
evaluation_paths: [evaluate.py]
secret_files: [data/pears/factor.txt]
`,
    'configs/datasets/pears.yaml':
      'name: pears\ndescription: lengths and weights\ndata_path: acme/Pears\nis_local: false\n',
    'data/pears/requirements.txt': 'datasets==4.8.5\n',
    'data/pears/baseline.py': BASELINE,
    'data/pears/evaluate.py': EVALUATE,
    'data/pears/factor.txt': '10',
    'gymsmith/pears.json': JSON.stringify({
      version: 1,
      env_id: 'fruit/pears-v1',
      metric: { name: 'error', direction: 'minimize' },
      hub: [
        { repo: 'acme/Pears', aliases: ['pears'] },
        { repo: 'acme/words', type: 'model' },
      ],
    }),
  };
  return writeFiles(files, root);
}

async function startHub(): Promise<HubStandIn> {
  const hub = await HubStandIn.listen();
  const card =
    '---\nconfigs:\n- config_name: whole\n  default: true\n  data_files:\n  - split: train\n    path: a/train.csv\n  - split: test\n    path: a/test.csv\n- config_name: other\n  data_files: b/*\n---\n';
  const files = { 'README.md': card, 'a/train.csv': 'length,weight\n1,2\n3,6\n', 'a/test.csv': 'length,weight\n2,4\n' };
  hub.add({ type: 'dataset', id: 'acme/Pears' }, { files: { ...files, 'b/all.csv': 'x\n1\n' }, lfs: ['a/train.csv'] });
  hub.add({ type: 'model', id: 'acme/words' }, { files: { 'vocab.txt': 'pear\n' } });
  return hub;
}

describe('a task that needs what is not in its pack [E4]', () => {
  let directory: string;
  let root: string;
  let stateDir: string;
  const gyms = new Map<BackendName, RealGym>();

  beforeAll(async () => {
    directory = await mkdtemp('/tmp/gs-prepared-');
    root = await pack(path.join(directory, 'pack'));
    stateDir = path.join(directory, 'state');
  });

  afterAll(async () => {
    for (const gym of gyms.values()) await gym.close();
    await rm(directory, { recursive: true, force: true });
  });

  const gymOf = async (name: BackendName): Promise<RealGym> => {
    const gym = gyms.get(name) ?? (await RealGym.open(root, name, stateDir));
    gyms.set(name, gym);
    return gym;
  };

  it('says what is missing, where it is looked for, and how to get it [B1]', async () => {
    const gym = await gymOf('local');
    await expect(gym.begin('fruit/pears')).rejects.toMatchObject({
      code: 'task_broken',
      message: expect.stringMatching(
        /needs the Python environment of its requirements, which was not prepared \(it is looked for in .*\/python\/python-[0-9a-f]+\)\. Prepare it once, with network: gymsmith tasks prepare fruit\/pears-v1 --pack /,
      ),
    });
  });

  it.each(['local', 'docker'] as const)(
    'is prepared once with the real libraries, %s',
    { timeout: 400_000 },
    async (name) => {
      const gym = await gymOf(name);
      const hub = await startHub();
      try {
        const listener = new Heard();
        const options = { stateDir, hub: accessTo(hub), listener };
        const parts = await gym.prepare('fruit/pears', options);
        expect(parts.map(({ what }) => what)).toEqual([
          'requirements of fruit/pears-v1',
          'dataset acme/Pears',
          'model acme/words',
        ]);
        expect(parts[1]?.detail).toContain('for datasets 4.8.5: whole (train 2, test 1)');
        const requests = hub.requests.length;
        expect((await gym.prepare('fruit/pears', options)).every(({ wasThere }) => wasThere)).toBe(true);
        expect(hub.requests).toHaveLength(requests);
      } finally {
        await hub.close();
      }
      const python = (await readdir(path.join(stateDir, 'python'))).filter((entry) => entry.startsWith('python-'));
      const record = JSON.parse(await readFile(path.join(stateDir, 'python', python[0] ?? '', 'record.json'), 'utf8'));
      expect(record.packages).toContain('datasets==4.8.5');
    },
  );

  it.each(['local', 'docker'] as const)('is played without network, %s', { timeout: 300_000 }, async (name) => {
    const gym = await gymOf(name);
    const episode = await gym.begin('fruit/pears');
    const text = async (action: string) => (await episode.step(action)).observation.text;
    expect(await text('which python; ls; touch /mnt/python/x /mnt/hub/datasets--acme--Pears/hub/x')).toBe(
      "/mnt/python/bin/python\nbaseline.py\nevaluate.py\ntouch: cannot touch '/mnt/python/x': Read-only file system\ntouch: cannot touch '/mnt/hub/datasets--acme--Pears/hub/x': Read-only file system",
    );
    expect(await text('find / -name factor.txt 2>/dev/null; python baseline.py && cat guess.csv submission.csv')).toBe(
      'guess\n4\nweight\n5',
    );
    const again = `from datasets import load_dataset as load
print(load('acme/Pears', 'whole', split='train[:1]')[0], [row['weight'] for row in load('pears', split='test', streaming=True)])
from huggingface_hub import hf_hub_download
print(open(hf_hub_download('acme/words', 'vocab.txt')).read(), end='')
for name in (('acme/Pears', 'other'), ('acme/plums',)):
    try: load(*name)
    except Exception as error: print(type(error).__name__)`;
    expect(await text(`python - << 'END'\n${again}\nEND`)).toBe(
      "{'length': 1, 'weight': 2} [4]\npear\nValueError\nConnectionError",
    );
    const { info } = await episode.step('validate');
    expect(info).toMatchObject({ score: 10, baseline: 10, metrics: { error: 10 } });
    expect((await episode.step('submit')).info).toMatchObject({ exit_status: 'submitted', score: 10 });
  });
});
