import { describe, expect, it } from 'vitest';
import { glob } from '../../src/env/evaluation/glob.js';
import { submissionRule } from '../../src/env/evaluation/submission.js';
import { type Entrypoint, Sidecar, type TaskFile } from '../../src/env/task.js';

function rule(entrypoint: Entrypoint, paths: string[] | null = null) {
  const sidecar = Sidecar.parse({
    version: 1,
    env_id: 'a/b-v1',
    metric: { name: 'x', direction: 'maximize' },
    submission: paths && { paths },
  });
  const hidden: TaskFile = { path: 'labels.py', hostPath: '/x', mode: 0o644, sizeBytes: 1 };
  return submissionRule({ entrypoint, evaluationPath: 'evaluate.py', hiddenFiles: [hidden], sidecar });
}

describe('a pattern of files', () => {
  it.each([
    ['submission.csv', ['submission.csv', 'submission.csv/x'], ['a/submission.csv', 'submission_csv']],
    ['*.py', ['a.py', '.py'], ['src/a.py', 'a.pyc']],
    ['**/*.py', ['a.py', 'src/deep/a.py'], ['a.txt']],
    ['src/**', ['src/a', 'src/b/c'], ['src', 'srcs/a']],
    ['**', ['a', 'a/b/c'], []],
    ['a/**/z', ['a/z', 'a/b/c/z'], ['a/bz', 'z']],
    ['model', ['model', 'model/config.json'], ['model2', 'a/model']],
    ['c?t[1].bin', ['cat[1].bin'], ['cat1.bin', 'c/t[1].bin']],
    ['a\nb', ['a\nb'], ['a']],
  ])('%j takes what it should', (pattern, taken, left) => {
    const test = glob(pattern);
    expect(taken.filter((file) => !test(file))).toEqual([]);
    expect(left.filter((file) => test(file))).toEqual([]);
  });
});

describe('a submission', () => {
  it('is what the entrypoint implies where nothing is declared [E4]', () => {
    expect(rule('CSVSubmissionTasks').include).toEqual(['submission.csv']);
    expect(rule('PythonSubmissionTasks').accepts('src/strategy.py')).toBe(true);
    expect(rule('PythonSubmissionTasks').accepts('notes.txt')).toBe(false);
    for (const kind of ['ModelSubmissionTasks', 'LMSubmissionTasks'] as const) {
      expect(rule(kind).accepts('checkpoints/a.pkl')).toBe(true);
    }
  });

  it('never holds the evaluation script, hidden files, data or clutter [B5]', () => {
    for (const paths of [null, ['**'], ['evaluate.py', 'labels.py', 'data/x.csv', '.git/config']]) {
      const { accepts } = rule('ModelSubmissionTasks', paths);
      for (const path of ['evaluate.py', 'labels.py', 'data/x.csv', '.git/config', 'src/__pycache__/a.pyc']) {
        expect(accepts(path), path).toBe(false);
      }
    }
  });

  it('leaves out what is declared with an exclamation mark', () => {
    const { accepts, include } = rule('ModelSubmissionTasks', ['src/**', '!src/data/**', '!**/*.tmp']);
    expect(include).toEqual(['src/**']);
    expect(accepts('src/a.py')).toBe(true);
    expect(accepts('src/data/a.py')).toBe(false);
    expect(accepts('src/a.tmp')).toBe(false);
  });
});
