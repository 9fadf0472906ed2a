import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { loadPack } from '../../src/env/packs/pack.js';
import { writeTask } from '../../src/env/packs/write-pack.js';
import type { Candidate } from '../../src/synth/candidate.js';
import { ComponentTopics } from '../../src/synth/from-repo/component-topics.js';
import { readEntryPoint } from '../../src/synth/from-repo/entry-point.js';
import { Repository } from '../../src/synth/from-repo/repository.js';
import { indexRepository } from '../../src/synth/from-repo/repository-index.js';
import { shownFiles } from '../../src/synth/from-repo/shown-files.js';
import { checkFiles } from '../../src/synth/generation/check-files.js';
import { draftOfCandidate } from '../../src/synth/generation/draft-of-candidate.js';
import { generationStage } from '../../src/synth/generation/generation-stage.js';
import { groundingStage } from '../../src/synth/grounding/grounding-stage.js';
import { proposalStage } from '../../src/synth/proposal/proposal-stage.js';
import type { StageContext } from '../../src/synth/stage.js';
import { PromptSet } from '../../src/synth/teacher/prompts/prompt-set.js';
import type { Teacher, TeacherFault, TeacherQuestion } from '../../src/synth/teacher/teacher.js';
import { openTopics } from '../../src/synth/topics/open-topics.js';
import { verificationStage } from '../../src/synth/verification/verification-stage.js';
import { RealGym } from '../env/real-gym.js';
import { settingsOf } from './pipeline-harness.js';
import { sampleCandidate } from './sample-candidate.js';
import { COMPONENT, PROGRAMS, PROPOSED, tinyRepository } from './tiny-repository.js';
import { openTrials } from './trials.js';

let root: string;
let source: Awaited<ReturnType<typeof tinyRepository>>;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gymsmith-repo-'));
  source = await tinyRepository(root);
});
afterAll(() => rm(root, { recursive: true, force: true }));
const trials = openTrials();

const settings = (place = source.place) =>
  settingsOf({
    topics: 1,
    from_repo: { path: place, commit: 'v1' },
    verification: { baseline_timeout_s: 60, evaluation_timeout_s: 60, agent_episodes: 0 },
  });

/** Answers from a script, after the prompts were filled in as they ship. */
class RepoTeacher implements Teacher {
  readonly name = 'scripted';
  readonly prompts: { name: string; text: string }[] = [];
  readonly faults: string[] = [];

  constructor(
    private readonly json: unknown,
    private readonly files: Readonly<Record<string, string>> = PROGRAMS,
  ) {}

  async askJson<S extends z.ZodType>(question: TeacherQuestion, schema: S) {
    await this.fill(question);
    const parsed = schema.safeParse(this.json);
    if (parsed.success) return { value: parsed.data };
    const detail = parsed.error.issues.map(({ message }) => message).join('\n');
    return { fault: { kind: 'malformed', detail } satisfies TeacherFault };
  }

  async askFiles(question: TeacherQuestion) {
    await this.fill(question);
    return { files: Object.entries(this.files).map(([name, text]) => ({ path: name, text })), notes: '' };
  }

  player(): never {
    throw new Error('Nobody plays here');
  }

  private async fill({ prompt, variables }: TeacherQuestion): Promise<void> {
    const { system, user } = await new PromptSet(null).fill(prompt, variables);
    this.prompts.push({ name: prompt, text: `${system}\n${user}` });
  }
}

async function contextOf(teacher: Teacher, id: string): Promise<StageContext> {
  const { drafts } = trials();
  const directory = path.join(root, 'run', 'candidates', id);
  await mkdir(directory, { recursive: true });
  return {
    settings: settings(),
    teacher,
    directory,
    cacheDirectory: path.join(root, 'cache'),
    drafts,
    inSandbox: (work: () => Promise<unknown>) => work(),
    save: async () => {},
    tell: () => {},
    signal: new AbortController().signal,
  } as unknown as StageContext;
}

const candidateOf = (id: string): Candidate => {
  const { files, entry_point, ...topic } = COMPONENT;
  return sampleCandidate({ id, topic: { ...topic, component: { files, entry_point } } });
};

/** A candidate up to the files of its first attempt. */
async function generated(id: string, teacher = new RepoTeacher(PROPOSED)) {
  const context = await contextOf(teacher, id);
  let candidate = candidateOf(id);
  for (const stage of [proposalStage, groundingStage, generationStage]) {
    expect(candidate.state, candidate.detail ?? '').toBe(stage.name);
    candidate = await stage.run(candidate, context);
  }
  return { candidate, context, teacher };
}

describe('a repository at a commit', () => {
  it('is what was committed, in a checkout with changes as in a bare clone [F1]', async () => {
    const checkout = await Repository.open({ path: source.place, commit: 'main' });
    const bare = await Repository.open({ path: source.bare, commit: source.commit.slice(0, 10) });
    expect(checkout.commit).toBe(source.commit);
    expect(bare.files).toEqual(checkout.files);
    expect(checkout.file('tinypack/codec.py')?.text).toContain('Run-length');
    expect(checkout.file('untracked.py')).toBeNull();
    expect(checkout.file('logo.png')).toMatchObject({ text: null });
    expect(checkout.file('notes/größe und maß.txt')?.text).toBe('quite small\n');
    expect(checkout.file('tools/run.sh')?.isExecutable).toBe(true);
  });

  it('goes without links, submodules, pointers of Git LFS and very large files, which are told [F1]', async () => {
    const { leftOut } = await Repository.open({ path: source.place, commit: 'v1' });
    expect([...leftOut].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: 'corpus.bin', why: 'larger than 8 MiB' },
      { path: 'secrets', why: 'link' },
      { path: 'vendor/other', why: 'submodule' },
      { path: 'weights.bin', why: 'pointer of Git LFS' },
    ]);
  });

  it('that is none, and a commit that is none, are told [F1][B1]', async () => {
    await expect(Repository.open({ path: root, commit: 'HEAD' })).rejects.toThrow(/is no Git repository/);
    await expect(Repository.open({ path: source.place, commit: 'nowhere' })).rejects.toThrow(/has no commit nowhere/);
    await expect(Repository.open({ path: source.place, commit: '--all' })).rejects.toThrow(/has no commit --all/);
    const partial = path.join(root, 'partial.git');
    execFileSync('git', ['-C', source.place, 'config', 'uploadpack.allowFilter', 'true']);
    execFileSync('git', ['clone', '-q', '--bare', '--filter=blob:none', `file://${source.place}`, partial]);
    await expect(Repository.open({ path: partial, commit: 'v1' })).rejects.toThrow(/is a partial clone/);
  });

  it('is written into the cache once, complete or not at all [F1]', async () => {
    const repository = await Repository.open({ path: source.place, commit: 'v1' });
    const cache = path.join(root, 'other-cache');
    const [one, two] = await Promise.all([repository.extract(cache), repository.extract(cache)]);
    expect(one).toBe(two);
    expect(await readFile(path.join(one, 'tinypack/codec.py'), 'utf8')).toContain('Run-length');
    expect((await stat(path.join(one, 'tools/run.sh'))).mode & 0o111).not.toBe(0);
    await expect(stat(path.join(one, 'secrets'))).rejects.toThrow('ENOENT');
  });

  it('is known by what it offers, needs and may be used for [F1]', async () => {
    const repository = await Repository.open({ path: source.place, commit: 'v1' });
    const index = indexRepository(repository, 'Python 3.11 with numpy 1.24');
    expect(index.entry_points.sort()).toEqual([
      'python -m tinypack',
      'python tools/count.py',
      'python tools/plot.py',
      'script tinypack = tinypack.__main__:main',
    ]);
    expect(index.libraries).toEqual(['numpy', 'pillow', 'torch']);
    expect(index.missing_libraries).toEqual(['pillow', 'torch']);
    expect(index.licence).toEqual({ file: 'LICENSE', title: 'MIT License' });
    expect(index.outline).toContain('def pack(values): Packs numbers into numbers of the same kind.');
    expect(index.tree).toContain('logo.png (6, binary)');
    expect(shownFiles(repository, ['tinypack/__init__.py'], null).map((file) => file.path)).toEqual([
      'tinypack/__init__.py',
      'tinypack/codec.py',
      'tinypack/limits.py',
    ]);
  });

  it('is run by commands for files that are there, and by nothing else [F1]', async () => {
    const repository = await Repository.open({ path: source.place, commit: 'v1' });
    const program = (command: string) => readEntryPoint(command, repository)?.program ?? null;
    expect(program('python -m tinypack data/samples.json')).toBe('tinypack');
    expect(program('python3 -m tinypack.codec')).toBe('tinypack.codec');
    expect(program('python ./tools/plot.py --fast 1')).toBe('tools/plot.py');
    for (const bad of ['python -m nowhere', 'python a.py', 'rm -rf /', 'python -m tinypack; ls', 'python -c "1"', ''])
      expect(program(bad), bad).toBeNull();
  });
});

describe('topics of a code base', () => {
  it('are its components, with the files and the command that they were found by [F1]', async () => {
    const teacher = new RepoTeacher({
      components: [COMPONENT, { ...COMPONENT, title: 'Codes for runs of small numbers, shorter' }],
    });
    const given = settings();
    const teacherOf = () => teacher;
    const topics = await openTopics({
      settings: { ...given, topics: 2 },
      file: path.join(root, 'topics.json'),
      teacherOf,
      components: new ComponentTopics(given, teacherOf),
    });
    const found = [];
    for await (const { topic } of topics) found.push(topic);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ title: COMPONENT.title, component: { files: COMPONENT.files } });
    expect(topics.known.end?.why).toBe('no_progress');
    expect(teacher.prompts[0]?.text).toContain('pillow, torch');
    expect(teacher.prompts[0]?.text).toContain('python -m tinypack');
  });
});

describe('a task from a code base', () => {
  it('that names what is not in the repository is malformed [F1]', async () => {
    for (const wrong of [
      { editable: ['tinypack/nothing.py'] },
      { editable: ['LICENSE'] },
      { editable: ['logo.png', 'tinypack/codec.py'] },
      { entry_point: 'python -m elsewhere' },
    ]) {
      const context = await contextOf(new RepoTeacher({ ...PROPOSED, ...wrong }), '0009-1-wrong');
      expect(await proposalStage.run(candidateOf('0009-1-wrong'), context)).toMatchObject({
        state: 'rejected',
        reason: 'proposal_malformed',
      });
    }
  });

  it('rests on the whole repository at the commit, and hands in the editable files [F1]', async () => {
    const { candidate, teacher, context } = await generated('0001-1-rests');
    expect(candidate).toMatchObject({
      state: 'verification',
      proposal: { submission: { kind: 'program', files: ['repository/tinypack/codec.py'] }, dataset: null },
      grounding: {
        repository: {
          commit: source.commit,
          editable: ['tinypack/codec.py'],
          licence: { file: 'LICENSE', title: 'MIT License' },
        },
      },
    });
    expect(teacher.prompts.map(({ name }) => name)).toEqual(['repo-proposal', 'repo-generation']);
    expect(teacher.prompts[1]?.text).toContain('MAX_RUN = 9');
    const pack = path.join(root, 'pack-of-drafts');
    await writeTask(pack, await draftOfCandidate(candidate, 0, context));
    const { tasks, faults } = await loadPack(pack);
    expect(faults).toEqual([]);
    const starters = tasks[0]?.starterFiles.map((file) => file.path) ?? [];
    expect(starters).toEqual(expect.arrayContaining(['baseline.py', 'evaluate.py', 'referee.py', 'runner.py']));
    expect(starters).toEqual(expect.arrayContaining(['repository/data/samples.json', 'repository/logo.png']));
    const script = tasks[0]?.starterFiles.find((file) => file.path === 'repository/tools/run.sh');
    expect((script?.mode ?? 0) & 0o100).not.toBe(0);
    expect(tasks[0]?.sidecar.submission?.paths).toEqual(['repository/tinypack/codec.py']);
    expect(tasks[0]?.description).toContain('You may change repository/tinypack/codec.py.');
    expect(tasks[0]?.description).toContain('`python -m tinypack data/samples.json`');
  });

  it('whose programs write into the repository, or do not run its entry point, is malformed [F1]', async () => {
    const { candidate } = await generated('0002-1-checks');
    const files = Object.entries(PROGRAMS).map(([name, text]) => ({ path: name, text }));
    expect(checkFiles(candidate, files).fault).toBeNull();
    expect(checkFiles(candidate, [...files, { path: 'repository/new.py', text: 'x' }]).fault?.detail).toContain(
      'in place already',
    );
    const other = files.map((file) => (file.path === 'baseline.py' ? { ...file, text: 'print(1)\n' } : file));
    expect(checkFiles(candidate, other).fault?.detail).toContain('does not run the entry point');
  });

  it('is verified like every other: the entry point runs, the reference wins, the weak one loses [F1, S7]', async () => {
    const { candidate, context } = await generated('0003-1-verified');
    const ended = await verificationStage.run(candidate, context);
    expect(ended.attempts.at(-1)?.gates.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(ended.state, ended.detail ?? '').toBe('publishing');
    expect(ended.baseline?.mean).toBeGreaterThan(0);
  });

  it('is scored by the editable files alone: what an agent does to frozen files changes nothing [F1, B5]', async () => {
    const { candidate, context } = await generated('0004-1-frozen');
    const pack = path.join(root, 'pack-of-frozen');
    await writeTask(pack, await draftOfCandidate(candidate, 0, context));
    const [task] = (await loadPack(pack)).tasks;
    const gym = await RealGym.open(pack);
    try {
      const episode = await gym.begin(task!.envId, { options: { compat: 'mlgym' } });
      const first = await episode.step('python baseline.py');
      expect(first.observation.text).toContain('packed to');
      const score = async () => (await episode.step('validate')).info.score;
      const baseline = await score();
      expect(baseline).toBeGreaterThan(0);
      const limits = 'repository/tinypack/limits.py';
      await episode.step(`echo 'MAX_RUN = 1' > ${limits}`);
      const changed = await episode.step('python baseline.py');
      expect(changed.observation.text).not.toBe(first.observation.text);
      expect(await score()).toBe(baseline);
      await episode.step(
        `echo 'def __getattr__(name): raise SystemExit' > repository/tinypack/__init__.py; rm -rf repository/data`,
      );
      expect(await score()).toBe(baseline);
      await episode.step(
        `mkdir -p repository/src/tinypack; echo 'pack = unpack = lambda x: []' > repository/src/tinypack/codec.py`,
      );
      await episode.step(
        `printf "print('{\\"packed_share\\": 0}')" > runner.py; cp runner.py evaluate.py; cp runner.py repository/json.py`,
      );
      expect(await score()).toBe(baseline);
      await episode.step('rm repository/tinypack/codec.py');
      expect(await score()).toBeNull();
      await episode.step(
        `printf 'import zlib\\ndef pack(v): return list(zlib.compress(bytes(v)))\\ndef unpack(p): return list(zlib.decompress(bytes(p)))\\n' > repository/tinypack/codec.py`,
      );
      const better = await score();
      expect(better).toBeLessThan(baseline!);
      await episode.step(
        `printf 'import json\\nKEPT = []\\ndef pack(v): KEPT.append(v); return []\\ndef unpack(p): return KEPT[-1]\\n' > repository/tinypack/codec.py`,
      );
      expect(await score()).toBeNull();
    } finally {
      await gym.close();
    }
  });
});
