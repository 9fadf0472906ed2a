import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../src/synth/candidate.js';
import { listAttempt, readAttempt, writeAttempt } from '../../src/synth/generation/attempt-files.js';
import { checkFiles, tidyFiles } from '../../src/synth/generation/check-files.js';
import { generationStage } from '../../src/synth/generation/generation-stage.js';
import { generationVariables } from '../../src/synth/generation/generation-variables.js';
import { FILES_LIMITS } from '../../src/synth/teacher/answers/files-limits.js';
import type { AnswerFile } from '../../src/synth/teacher/teacher.js';
import { writeFiles } from '../env/pack-fixture.js';
import { inDirectory, settingsOf } from './pipeline-harness.js';
import { attemptOf, type Kind, newCandidate, soundFiles, withData } from './sound-tasks.js';
import { stageContext } from './stage-context.js';

const KINDS: readonly Kind[] = ['predictions', 'program', 'artifact'];

async function ready(kind: Kind, root: string): Promise<Candidate> {
  const candidate = newCandidate(kind);
  return kind === 'predictions' ? withData(candidate, path.join(root, 'cache')) : candidate;
}

function file(name: string, text = 'x = 1\n'): AnswerFile {
  return { path: name, text };
}

describe('the first attempt', () => {
  it.each(KINDS)('keeps visible files, hidden files and checks of a %s task apart [S4]', async (kind) => {
    await inDirectory(async (root) => {
      const candidate = await ready(kind, root);
      const files = await soundFiles(candidate.proposal?.slug ?? '');
      const { context, teacher, saved } = await stageContext(root, candidate, () => files);
      const next = await generationStage.run(candidate, context);
      expect(next).toMatchObject({ state: 'verification', attempts: [{ number: 0, how: 'first', verdict: null }] });
      expect(saved.at(-1)).toMatchObject({ state: 'generation', attempts: [{ number: 0 }] });
      expect(teacher.asked.map(({ key, prompt }) => [key, prompt])).toEqual([['generation/0', 'generation']]);
      const directory = path.join(context.directory, 'attempts', '0');
      expect((await readdir(directory)).sort()).toEqual(['checks', 'hidden', 'visible']);
      const visible = await readdir(path.join(directory, 'visible'));
      expect(visible).toEqual(expect.arrayContaining(['baseline.py', 'evaluate.py']));
      expect(await readAttempt(context.directory, 0)).toEqual(files.sort((a, b) => (a.path < b.path ? -1 : 1)));
      expect((await listAttempt(context.directory, 0)).filter(({ audience }) => audience === 'checks')).toHaveLength(
        kind === 'predictions' ? 0 : 2,
      );
    });
  });

  it.each(KINDS)('is asked for with the whole contract of a %s task [S4 S8]', async (kind) => {
    await inDirectory(async (root) => {
      const candidate = await ready(kind, root);
      const { context, teacher } = await stageContext(root, candidate);
      await generationStage.run(candidate, context);
      const { filled } = teacher.asked[0]!;
      const { proposal } = candidate;
      expect(filled.system).toMatch(/^You write the programs of one machine-learning research task/);
      expect(filled.user).toMatch(/^Topic: Pears by length$/m);
      expect(filled.user).toMatch(new RegExp(`^Task: ${proposal?.slug}$`, 'm'));
      for (const part of [proposal?.description, proposal?.metric.name, 'SEED', '600 seconds', '60 seconds', 'G'])
        expect(filled.user).toContain(part);
      // Nothing is glued together where a part is left out.
      expect(filled.user).not.toMatch(/[.`]#|\S- `|\{%|\}\}|undefined|\n\n\n\n/);
      expect(filled.user.match(/^#+ .*$/gm)).toEqual([
        '# The task',
        '# The environment',
        '# The data',
        '# The files to write',
        '## baseline.py',
        '## evaluate.py',
        ...(kind === 'predictions' ? [] : ['## checks/weak.py and checks/reference.py']),
        '# What will be checked',
      ]);
      expect(filled.user.includes('A row of data/train.csv: {"id"')).toBe(kind === 'predictions');
      expect(filled.user.includes('from referee import')).toBe(kind === 'program');
      expect(filled.user.includes('allow_pickle=False')).toBe(kind === 'artifact');
    });
  });

  it('is not written twice, and never half [S8]', async () => {
    await inDirectory(async (root) => {
      await writeAttempt(root, 0, [file('baseline.py', 'first\n')]);
      await writeFiles({ 'attempts/.1-left/visible/baseline.py': 'half' }, root);
      await writeAttempt(root, 0, [file('baseline.py', 'second\n')]);
      await writeAttempt(root, 1, [file('hidden/a.json', '{}')]);
      expect(await readAttempt(root, 0)).toEqual([file('baseline.py', 'first\n')]);
      expect((await readdir(path.join(root, 'attempts'))).sort()).toEqual(['0', '1']);
      expect(await readAttempt(root, 2)).toEqual([]);
    });
  });

  it('is told of the limit that ends its programs first: that of the run, or that of the gate of cost [S4]', async () => {
    const told = (gates: object) => {
      const verification = {
        evaluation_timeout_s: 40,
        baseline_timeout_s: 900,
        cost: { evaluation_s: 50, baseline_s: 300 },
      };
      const { limits } = generationVariables(newCandidate('program'), settingsOf({ verification, gates }));
      const { evaluation_timeout_s, baseline_timeout_s } = limits as Record<string, number>;
      return [evaluation_timeout_s, baseline_timeout_s];
    };
    expect(told({})).toEqual([40, 300]);
    expect(told({ cost: false })).toEqual([40, 900]);
  });

  it('asks for the dataset itself where nothing looked at it [S9]', async () => {
    await inDirectory(async (root) => {
      const settings = settingsOf({ hub: { check: false } });
      const candidate = newCandidate('predictions');
      const { context, teacher } = await stageContext(root, candidate, () => [], settings);
      await generationStage.run(candidate, context);
      expect(teacher.asked[0]?.filled.user).toContain('load_dataset("orchard/pears")');
    });
  });
});

describe('an answer that cannot be used', () => {
  const settings = settingsOf({ p_debug: 1, debug_iterations: 2 });

  it.each([
    ['refused', 'generation_refused'],
    ['malformed', 'generation_malformed'],
  ] as const)('counts as a failed attempt when it is %s [S6 B2]', async (kind, fault) => {
    await inDirectory(async (root) => {
      const { context } = await stageContext(root, newCandidate('program'), () => ({ kind, detail: 'no' }), settings);
      let candidate = newCandidate('program');
      for (let at = 0; at < 3; at++) candidate = await generationStage.run(candidate, context);
      expect(candidate).toMatchObject({ state: 'rejected', reason: fault, detail: 'no (3 attempts)' });
      expect(candidate.attempts.map((attempt) => [attempt.how, attempt.verdict])).toEqual([
        ['first', 'failed'],
        ['repair', 'failed'],
        ['repair', 'failed'],
      ]);
    });
  });

  it('is repaired from what could be kept of it [S6]', async () => {
    await inDirectory(async (root) => {
      const sound = await soundFiles('well');
      const { context, teacher } = await stageContext(
        root,
        newCandidate('program'),
        ({ key }) => {
          if (key === 'generation/0') return sound.filter(({ path }) => path !== 'checks/weak.py');
          if (key === 'generation/1') return { kind: 'malformed', detail: 'no file could be read' };
          return sound.filter(({ path }) => path === 'checks/weak.py');
        },
        settings,
      );
      let candidate = newCandidate('program');
      for (let at = 0; at < 3; at++) candidate = await generationStage.run(candidate, context);
      expect(candidate).toMatchObject({ state: 'verification', attempts: [{ fault: 'files_missing' }, {}, {}] });
      expect(await readAttempt(context.directory, 2)).toHaveLength(sound.length);
      const { user } = teacher.asked[2]!.filled;
      expect(user).toContain('Fault: files_missing\nThere is no checks/weak.py\n');
      expect(user).toContain('Fault: generation_malformed\nno file could be read\n');
      expect(user).toContain('FILE: evaluate.py\n````\n"""Scores player.py');
    });
  });

  it('names what is wrong with a file [S4]', () => {
    const candidate = newCandidate('artifact');
    const sound = ['baseline.py', 'evaluate.py', 'checks/weak.py', 'checks/reference.py'].map((name) => file(name));
    expect(checkFiles(candidate, sound).fault).toBeNull();
    const faults: [AnswerFile, RegExp][] = [
      [file('../up.py'), /^"\.\.\/up\.py" is no path/],
      [file('/etc/passwd'), /is no path/],
      [file('.bashrc'), /is no path/],
      [file('a//b.py'), /is no path/],
      [file('a b.py'), /is no path/],
      [file('__pycache__/x.pyc'), /compiled/],
      [file(`${'a'.repeat(130)}.py`), /longer than 120/],
      [file('hidden'), /name of a directory/],
      [file('baseline.py/x'), /lies below baseline\.py, which is a file/],
      [file('policy.json', '{}'), /is what is handed in/],
      [file('random.py'), /in place of the module random/],
      [file('checks/json.py'), /in place of the module json/],
      [file('sklearn/__init__.py'), /in place of the module sklearn/],
      [file('sitecustomize.py'), /in place of the module sitecustomize/],
      [file('big.txt', 'x'.repeat(FILES_LIMITS.fileBytes + 1)), /bytes/],
    ];
    for (const [bad, expected] of faults) {
      const { fault, usable } = checkFiles(candidate, [...sound, bad]);
      expect(fault).toMatchObject({ fault: 'generation_malformed', detail: expect.stringMatching(expected) });
      expect(usable).toHaveLength(4);
      expect(usable).not.toContain(bad);
    }
    const many = Array.from({ length: FILES_LIMITS.files }, (_, at) => file(`f${at}.py`));
    expect(checkFiles(candidate, [...sound, ...many]).fault?.detail).toMatch(/44 files/);
    const heavy = Array.from({ length: 5 }, (_, at) => file(`f${at}.txt`, 'x'.repeat(FILES_LIMITS.fileBytes)));
    expect(checkFiles(candidate, [...sound, ...heavy]).fault?.detail).toMatch(/^all files have/);
    const empty = sound.map((each) => (each.path === 'evaluate.py' ? file('evaluate.py', ' \n') : each));
    expect(checkFiles(candidate, empty).fault?.detail).toBe('"evaluate.py" is empty');
    expect(checkFiles(candidate, sound.slice(0, 1)).fault).toEqual({
      fault: 'files_missing',
      detail: 'There is no evaluate.py, no checks/weak.py, no checks/reference.py',
    });
    expect(tidyFiles([file('./a.py', '1'), file('a.py', '2')])).toEqual([file('a.py', '2')]);
  });

  it('may not bring what is there already [S4]', async () => {
    await inDirectory(async (root) => {
      const candidate = await ready('predictions', root);
      for (const name of ['answers.csv', 'sample_submission.csv', 'submission.csv', 'data/more.csv', 'data']) {
        const { fault } = checkFiles(candidate, [file('baseline.py'), file('evaluate.py'), file(name)]);
        expect(fault?.fault).toBe('generation_malformed');
      }
      const starter = [file('player.py'), file('data/levels.json', '[]')];
      const checks = [file('checks/weak.py'), file('checks/reference.py')];
      const files = [file('baseline.py'), file('evaluate.py'), ...checks, ...starter];
      expect(checkFiles(newCandidate('program'), files).fault).toBeNull();
    });
  });
});

describe('the next attempt', () => {
  const failed = attemptOf({
    verdict: 'failed',
    fault: 'cheat_scores',
    detail: 'a constant prediction scores 0.9, the baseline 0.8',
    evidence: { command: 'python evaluate.py', exit_status: '0', log_tail: '{"points": 0.9}' },
    gates: [
      {
        gate: 'triple',
        verdict: 'fail',
        fault: 'cheat_scores',
        detail: 'constant wins',
        evidence: null,
        measured: { constant: 0.9, scores: [0.8, 0.81] },
        duration_ms: 5,
      },
    ],
  });

  it('sees the files and the evidence when it is a repair, and keeps what it does not change [S6]', async () => {
    await inDirectory(async (root) => {
      const sound = await soundFiles('well');
      const change = [file('evaluate.py', '# mended\n')];
      const settings = settingsOf({ p_debug: 1 });
      const begun = newCandidate('program', { attempts: [failed] });
      const { context, teacher } = await stageContext(root, begun, () => change, settings);
      await writeAttempt(context.directory, 0, sound);
      const next = await generationStage.run(begun, context);
      expect(next).toMatchObject({ state: 'verification', attempts: [{ number: 0 }, { number: 1, how: 'repair' }] });
      const { key, prompt, filled } = teacher.asked[0]!;
      expect([key, prompt]).toEqual(['generation/1', 'repair']);
      expect(filled.system).toMatch(/^You repair the programs of one machine-learning research task/);
      for (const part of [
        'Topic: Pears by length\nTask: well\n',
        'Attempt 1\nFault: cheat_scores\na constant prediction scores 0.9, the baseline 0.8\n',
        'Command: python evaluate.py\nExit status: 0\nEnd of the log:\n````\n{"points": 0.9}\n````\n',
        'Gate: triple: constant wins\n- constant = 0.9\n- scores = [0.8,0.81]\n',
        'FILE: checks/weak.py\n````\n',
      ])
        expect(filled.user).toContain(part);
      expect(filled.user).not.toMatch(/[.`]#|\{%|\}\}|undefined|\n\n\n\n/);
      const files = await readAttempt(context.directory, 1);
      expect(files.find(({ path }) => path === 'evaluate.py')?.text).toBe('# mended\n');
      expect(files).toHaveLength(sound.length);
      expect(await readAttempt(context.directory, 0)).toHaveLength(sound.length);
    });
  });

  it('starts from nothing with another seed when it is a restart [S6]', async () => {
    await inDirectory(async (root) => {
      const sound = await soundFiles('well');
      const settings = settingsOf({ p_debug: 0 });
      const seeds = [];
      for (const attempts of [[], [failed], [failed, { ...failed, number: 1, how: 'restart' as const }]]) {
        const begun = newCandidate('program', { attempts });
        const { context, teacher } = await stageContext(root, begun, () => sound, settings);
        await generationStage.run(begun, context);
        expect(teacher.asked[0]).toMatchObject({ key: `generation/${attempts.length}`, prompt: 'generation' });
        expect(teacher.asked[0]?.filled.user).not.toContain('cheat_scores');
        seeds.push(teacher.asked[0]?.seed);
      }
      expect(new Set(seeds).size).toBe(3);
      for (const seed of seeds) expect(Number.isInteger(seed) && seed! >= 0 && seed! < 2 ** 31).toBe(true);
    });
  });

  it('goes on with one that was begun, whatever was asked before [S8]', async () => {
    await inDirectory(async (root) => {
      const sound = await soundFiles('well');
      const begun = newCandidate('program', { attempts: [failed, attemptOf({ number: 1, how: 'restart' })] });
      const { context, saved } = await stageContext(root, begun, () => sound);
      const once = await generationStage.run(begun, context);
      expect(await generationStage.run(begun, context)).toEqual(once);
      expect(saved).toEqual([]);
    });
  });
});
