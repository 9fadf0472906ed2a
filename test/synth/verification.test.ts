import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeTask } from '../../src/env/packs/write-pack.js';
import { RpcError } from '../../src/protocol/index.js';
import type { Candidate } from '../../src/synth/candidate.js';
import { GATES } from '../../src/synth/gates/gate.js';
import { draftOfCandidate } from '../../src/synth/generation/draft-of-candidate.js';
import { StageFault } from '../../src/synth/stage.js';
import { PromptSet } from '../../src/synth/teacher/prompts/prompt-set.js';
import type { Player, Teacher, TeacherQuestion } from '../../src/synth/teacher/teacher.js';
import { verificationStage } from '../../src/synth/verification/verification-stage.js';
import { BETTER } from './sound-tasks.js';
import { openTrials, playing } from './trials.js';

const trials = openTrials();

const verdictsOf = ({ attempts }: Candidate) =>
  Object.fromEntries((attempts[0]?.gates ?? []).map(({ gate, verdict }) => [gate, verdict]));

describe.concurrent('verification of a sound task', () => {
  it.each(['predictions', 'program', 'artifact'] as const)(
    'of kind %s passes every gate and is published [S5 S7]',
    async (kind) => {
      const { candidate, drafts, directory } = await trials().run({ kind, actions: [BETTER[kind], 'submit'] });
      expect(candidate).toMatchObject({ state: 'publishing', reason: null });
      const passed = GATES.filter((gate) => gate !== 'review').map((gate) => [gate, 'pass']);
      expect(verdictsOf(candidate)).toEqual({ ...Object.fromEntries(passed), review: 'skip' });
      expect(candidate.attempts[0]).toMatchObject({ verdict: 'sound', fault: null });
      expect(candidate.baseline?.scores).toHaveLength(3);
      expect(candidate.episodes).toEqual([{ directory: 'episodes/0', score: expect.any(Number), steps: 2 }]);
      const kept = await readdir(path.join(directory, 'episodes/0'));
      expect(kept.sort()).toEqual([`${candidate.id}.traj`, 'results.json']);
      expect(drafts).toEqual([]);
    },
  );

  it('keeps apart what the teacher reaches no valid submission of [S5 F4]', async () => {
    const { candidate } = await trials().run({ kind: 'artifact', gates: ['headroom'], actions: ['ls'] });
    expect(candidate).toMatchObject({ state: 'publishing', reason: 'no_valid_submission' });
    expect(candidate.attempts[0]?.verdict).toBe('sound');
    expect(candidate.episodes).toEqual([{ directory: 'episodes/0', score: null, steps: expect.any(Number) }]);
  });

  it('keeps apart what the teacher does not beat the baseline of, unless that gate is off [F4 S9]', async () => {
    const trial = {
      kind: 'artifact',
      gates: ['headroom', 'difficulty'],
      actions: ['python baseline.py', 'submit'],
    } as const;
    const { candidate } = await trials().run(trial);
    expect(candidate).toMatchObject({ state: 'publishing', reason: 'baseline_not_beaten' });
    const measured = candidate.attempts[0]?.gates.find(({ gate }) => gate === 'difficulty')?.measured;
    expect(measured).toMatchObject({ episodes: 1, valid: 1, solved: 0, label: 'unsolved' });
    expect((await trials().run({ ...trial, gates: [] })).candidate.reason).toBeNull();
  });

  it('takes the best of several episodes, each with questions of its own [S5]', async () => {
    const keys: string[] = [];
    const player = (key: string): Player => {
      keys.push(key);
      const last = key.endsWith('1') ? BETTER.artifact : 'python baseline.py';
      return playing([last, 'submit']).player(key);
    };
    const { candidate } = await trials().run({
      kind: 'artifact',
      gates: ['headroom', 'difficulty'],
      actions: [''],
      verification: { agent_episodes: 2 },
      teacher: { player },
    });
    expect(keys.sort()).toEqual(['agent/0/0', 'agent/0/1']);
    expect(candidate.reason).toBeNull();
    expect(candidate.episodes.map(({ directory }) => directory)).toEqual(['episodes/0', 'episodes/1']);
    expect(candidate.attempts[0]?.gates.at(-1)?.measured).toMatchObject({ solved: 1, label: 'solved by some' });
  });
});

describe('verification that is cut off', () => {
  it('goes on behind the verdicts that were saved, and ends alike [S8]', async () => {
    const trial = { kind: 'artifact', actions: [BETTER.artifact, 'submit'] } as const;
    const { candidate, context, saved } = await trials().prepare(trial);
    const whole = await verificationStage.run(candidate, context);
    const gates = (one: Candidate) => one.attempts[0]?.gates.map(({ gate, detail }) => `${gate}: ${detail}`);
    for (const middle of saved.filter((_, index) => index % 3 === 2)) {
      const before = middle.attempts[0]?.gates ?? [];
      const later: Candidate[] = [];
      const ended = await verificationStage.run(middle, { ...context, save: async (one) => void later.push(one) });
      expect(ended).toMatchObject({ state: whole.state, baseline: whole.baseline, episodes: whole.episodes });
      expect(ended.attempts[0]?.gates.slice(0, before.length)).toEqual(before);
      const costs = (text: string) => !text.startsWith('cost');
      expect(gates(ended)?.filter(costs)).toEqual(gates(whole)?.filter(costs));
    }
  });

  it('fails again by the verdict that was saved, without a sandbox [S8]', async () => {
    const { candidate, context, saved } = await trials().prepare({
      kind: 'artifact',
      gates: [],
      files: { 'baseline.py': 'raise OSError(3)\n' },
    });
    const whole = await verificationStage.run(candidate, context);
    const inSandbox = () => Promise.reject(new Error('no sandbox is needed'));
    const ended = await verificationStage.run(saved.at(-1)!, { ...context, inSandbox });
    expect(ended).toEqual(whole);
    expect(
      await verificationStage.run({ ...whole, attempts: whole.attempts.slice(0, 1) }, { ...context, inSandbox }),
    ).toEqual(whole);
  });

  it('removes the draft that a killed process left [S8]', async () => {
    const { candidate, context } = await trials().prepare({ kind: 'artifact', gates: [] });
    const draft = await draftOfCandidate(candidate, 0, context, { baseline: { score: 1, std: 0, runs: 0 } });
    await writeTask(context.drafts.root, draft);
    expect(await trials().left()).not.toEqual([]);
    expect((await verificationStage.run(candidate, context)).state).toBe('publishing');
    expect(await trials().left()).toEqual([]);
  });

  it('leaves no draft when it is stopped, and says why [S8]', async () => {
    const stop = new AbortController();
    const { candidate, context } = await trials().prepare({
      kind: 'artifact',
      gates: [],
      files: { 'baseline.py': 'import time\ntime.sleep(15)\n' },
      context: { signal: stop.signal },
    });
    const running = verificationStage.run(candidate, {
      ...context,
      tell: (doing) => void (doing === 'runs the baseline' && setTimeout(() => stop.abort(new Error('enough')), 300)),
    });
    await expect(running).rejects.toThrow('enough');
    expect(await trials().left()).toEqual([]);
  });
});

describe('a fault that is not the task’s', () => {
  it('of the sandboxes ends the try and no candidate [S8 B4]', async () => {
    const { candidate, context } = await trials().prepare({ kind: 'artifact', gates: [] });
    const inSandbox = () => Promise.reject(new RpcError('capacity_reached', 'all are taken'));
    await expect(verificationStage.run(candidate, { ...context, inSandbox })).rejects.toThrow('all are taken');
    const client = new Proxy(context.drafts.client, {
      get: (target, name) => {
        if (name === 'reset') return () => Promise.reject(new RpcError('sandbox_unavailable', 'no room'));
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const lost = verificationStage.run(candidate, {
      ...context,
      drafts: { ...context.drafts, client, reload: () => context.drafts.reload() },
    });
    await expect(lost).rejects.toMatchObject({ name: 'StageFault', reason: 'sandbox_unavailable' });
    expect(await trials().left()).toEqual([]);
  });

  it('of the teacher in its episode ends the try, and what was judged is kept [S8 B2]', async () => {
    const { candidate, context, saved } = await trials().prepare({ kind: 'artifact', gates: [], actions: ['ls'] });
    const fault = new StageFault('teacher_unavailable', 'the endpoint is gone');
    const player = () => Object.assign(playing(['ls']).player('x'), { fault });
    const teacher = { ...context.teacher, player } as Teacher;
    await expect(verificationStage.run(candidate, { ...context, teacher })).rejects.toBe(fault);
    expect(saved.at(-1)?.attempts[0]?.verdict).toBeNull();
    expect(saved.at(-1)?.attempts[0]?.gates.length).toBeGreaterThan(0);
    expect(await trials().left()).toEqual([]);
  });
});

describe('the gate of review', () => {
  const asked: TeacherQuestion[] = [];
  const reviewer = (verdict: string) =>
    ({
      name: 'strict-1',
      askJson: async (question: TeacherQuestion, schema: { parse: (value: unknown) => unknown }) => {
        asked.push(question);
        const axes = { validity: 5, data_sufficiency: 4, raw_data_use: 5, complexity: 2, data_quality: 4 };
        return { value: schema.parse({ axes, verdict, reasons: ['baseline.py solves it in a line.'] }) };
      },
    }) as unknown as Teacher;

  it.each(['conditional', 'reject'])('fails a task whose verdict is %s [S7]', async (verdict) => {
    const { candidate } = await trials().run({
      kind: 'artifact',
      gates: ['review'],
      context: { reviewer: reviewer(verdict) },
    });
    expect(candidate.attempts[0]).toMatchObject({
      fault: 'review_rejected',
      detail: expect.stringContaining('complexity 2'),
    });
    expect(candidate.attempts[0]?.evidence?.log_tail).toBe('baseline.py solves it in a line.');
    expect(candidate.attempts[0]?.gates.at(-1)?.measured).toMatchObject({ validity: 5, verdict, reviewer: 'strict-1' });
  });

  it('passes what is recommended, and shows programs and measurements [S7]', async () => {
    const { candidate } = await trials().run({
      kind: 'artifact',
      gates: ['review'],
      context: { reviewer: reviewer('recommended') },
    });
    expect(candidate.state).toBe('publishing');
    const { key, prompt, variables } = asked.at(-1)!;
    expect([key, prompt]).toEqual(['review/0', 'review']);
    expect(variables.files).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: 'hidden/starts.json', audience: 'hidden' })]),
    );
    const { system, user } = await new PromptSet(null).fill(prompt, variables);
    expect(system).toContain('`recommended`');
    for (const part of ['FILE: hidden/starts.json (only the evaluator has it)', 'There is no dataset', 'Task: cart']) {
      expect(user).toContain(part);
    }
    expect(user).not.toMatch(/\{\{|\{%|undefined/);
    expect(variables.measured).toEqual(expect.arrayContaining([expect.objectContaining({ gate: 'structure' })]));
  });
});
