import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPack } from '../../src/env/packs/pack.js';
import { writeTask } from '../../src/env/packs/write-pack.js';
import { pythonFormat } from '../../src/python/python-format.js';
import type { Candidate } from '../../src/synth/candidate.js';
import { draftEnvId, draftOfCandidate } from '../../src/synth/generation/draft-of-candidate.js';
import { formatSafe, plainText } from '../../src/synth/generation/task-description.js';
import { readYaml } from '../../src/yaml/yaml.js';
import { RealGym } from '../env/real-gym.js';
import { inDirectory, settingsOf } from './pipeline-harness.js';
import { BETTER, type Kind, newCandidate, PROPOSALS, withAttempt, withData } from './sound-tasks.js';

const settings = settingsOf({ verification: { baseline_timeout_s: 60, evaluation_timeout_s: 60 } });

/** Writes the first attempt of a sound candidate as a draft below a directory. */
async function drafted(kind: Kind, root: string): Promise<{ candidate: Candidate; pack: string }> {
  const directory = path.join(root, 'candidate');
  const plain = newCandidate(kind);
  const grounded = kind === 'predictions' ? await withData(plain, path.join(root, 'cache')) : plain;
  const candidate = await withAttempt(grounded, directory);
  const pack = path.join(root, 'drafts');
  await writeTask(pack, await draftOfCandidate(candidate, 0, { settings, directory }));
  return { candidate, pack };
}

/** Submissions that are none, by kind. */
const INVALID: Record<Kind, string> = {
  predictions: 'echo id,body_mass_g > submission.csv',
  program: 'echo "def move(mine, theirs): return 7" > player.py',
  artifact: `echo '{"weights": "many"}' > policy.json`,
};

describe('an attempt as a draft', () => {
  it.each(['predictions', 'program', 'artifact'] as const)(
    'of a %s task loads without a fault and plays in a real sandbox [S4 S5]',
    async (kind) => {
      await inDirectory(async (root) => {
        const { candidate, pack } = await drafted(kind, root);
        const loaded = await loadPack(pack);
        expect(loaded.faults).toEqual([]);
        const [task] = loaded.tasks;
        expect(task?.envId).toBe(draftEnvId(candidate, 0));
        const hidden = task?.hiddenFiles.map((file) => file.path) ?? [];
        expect(hidden.length).toBeGreaterThan(0);
        const gym = await RealGym.open(pack);
        try {
          const episode = await gym.begin(task!.envId, { options: { compat: 'mlgym' } });
          const { observation } = await episode.step('find . -type f | sort');
          for (const name of hidden) expect(observation.text).not.toContain(path.basename(name));
          expect(observation.text).not.toContain('checks');
          await episode.step('SEED=3 python baseline.py');
          const first = await episode.step('validate');
          expect(first.info.valid).toBe(true);
          const baseline = first.info.score!;
          await episode.step(INVALID[kind]);
          expect((await episode.step('validate')).info).toMatchObject({ score: null });
          await episode.step('printf "print(1)" > evaluate.py; python baseline.py');
          expect((await episode.step('validate')).info.score).toBe(baseline);
          await episode.step(BETTER[kind]);
          const last = await episode.step('submit');
          const gain = last.info.score! - baseline;
          expect(candidate.proposal?.metric.direction === 'maximize' ? gain : -gain).toBeGreaterThan(0);
        } finally {
          await gym.close();
        }
      });
    },
  );

  it('is as MLGym would have it: helpers and data where its loader looks, one field for the documentation [S4 E4]', async () => {
    await inDirectory(async (root) => {
      const { candidate, pack } = await drafted('predictions', root);
      const id = `${candidate.id}-v1`;
      const task = readYaml(await readFile(path.join(pack, `configs/tasks/${id}.yaml`), 'utf8')).value;
      expect(task).toMatchObject({
        id,
        task_entrypoint: 'CSVSubmissionTasks',
        dataset_configs: [`datasets/${id}.yaml`],
        training_timeout: 60,
        baseline_paths: ['baseline.py'],
        evaluation_paths: ['evaluate.py'],
        evaluation_read_only: true,
        use_generic_conda: true,
        sample_submission: `data/${id}/sample_submission.csv`,
        secret_files: ['answers.csv'],
      });
      const { starter_code, description } = task as { starter_code: string[]; description: string };
      expect(starter_code.map((place) => path.basename(place)).sort()).toEqual([
        'answers.csv',
        'baseline.py',
        'evaluate.py',
        'sample_submission.csv',
      ]);
      const filled = execFileSync(
        '/usr/bin/python3',
        ['-c', 'import sys; sys.stdout.write(sys.stdin.read().format(dataset_docs="DOCS\\n\\n"))'],
        { input: description },
      ).toString();
      expect(filled).toContain('with {braces} and "quotes" in its words.\n\nDOCS\n\nbaseline.py is a first solution');
      for (const part of [
        'can be read there and not run',
        'changing evaluate.py changes nothing',
        'lower is better',
        '60 seconds',
        'no network',
      ])
        expect(filled).toContain(part);
      const dataset = readYaml(await readFile(path.join(pack, `configs/datasets/${id}.yaml`), 'utf8')).value;
      expect(dataset).toMatchObject({ data_path: `data/${id}/data`, is_local: true, name: 'penguins' });
    });
  });

  it('carries the proposal into the sidecar: metric, bounds, what is handed in, who evaluates [S4]', async () => {
    await inDirectory(async (root) => {
      const context = { settings, directory: path.join(root, 'candidate') };
      const program = await withAttempt(newCandidate('program'), context.directory);
      const draft = await draftOfCandidate(program, 0, context);
      expect(draft.sidecar).toMatchObject({
        env_id: 'draft/0007-1-pears-by-length-v1',
        metric: { name: 'points', direction: 'maximize', bounds: [0, 5] },
        hidden_files: ['hidden/opponents.py'],
        submission: { paths: ['player.py'], max_bytes: 4 * 2 ** 20 },
        evaluation: { mode: 'sealed', run_as: 'root', timeout_ms: 60_000 },
        resources: { image: 'gymsmith/cpu', gpus: 0 },
        network: 'none',
      });
      expect(draft.files.map((file) => file.path)).toEqual(expect.arrayContaining(['referee.py', 'runner.py']));
      expect(draft.files.some((file) => file.path.startsWith('checks/'))).toBe(false);
      const half = { ...program, proposal: { ...PROPOSALS.program, metric: PROPOSALS.predictions.metric } };
      expect((await draftOfCandidate(half, 0, context)).sidecar.metric.bounds).toBeNull();
    });
  });

  it('names the dataset of the Hub where nothing looked at it [S9]', async () => {
    await inDirectory(async (root) => {
      const context = { settings: settingsOf({ hub: { check: false } }), directory: root };
      const draft = await draftOfCandidate(await withAttempt(newCandidate('predictions'), root), 0, context);
      expect(draft.datasets).toMatchObject([{ data_path: 'orchard/pears', is_local: false, files: null }]);
      expect(draft.config.description).toContain('{dataset_docs}');
    });
  });
});

describe('words of a teacher', () => {
  it('come back from str.format as they were [S4]', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(pythonFormat(formatSafe(text), { dataset_docs: 'x' })).toBe(text);
      }),
    );
  });

  it('come back from a pack as they were, whatever characters they hold [S4]', async () => {
    await inDirectory(async (root) => {
      const directory = path.join(root, 'candidate');
      const sound = await withData(await withAttempt(newCandidate('predictions'), directory), path.join(root, 'cache'));
      const words = fc.oneof(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.string({ unit: fc.constantFrom('{', '}', '{dataset_docs}', '\n', ' ', '#', ':', '-', '"', "'", '|', 'a') }),
      );
      let number = 0;
      await fc.assert(
        fc.asyncProperty(words, words, async (description, documentation) => {
          const candidate = {
            ...sound,
            id: `${sound.id}-${number++}`,
            proposal: { ...sound.proposal!, description, name: description },
            grounding: { ...sound.grounding!, documentation },
          };
          const draft = await draftOfCandidate(candidate, 0, { settings, directory });
          const task = await writeTask(path.join(root, 'pack'), draft);
          const begin = `${plainText(description)}\n\nPENGUINS:\n${plainText(documentation)}\n\nbaseline.py is`;
          expect(task.description.slice(0, begin.length)).toBe(begin);
        }),
        { numRuns: 60 },
      );
    });
  });
});
