import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { log } from '../../src/log.js';
import { argumentsYaml } from '../../src/rollout/run-arguments.js';
import { makeRunDirectory, runName, taskIdOf } from '../../src/rollout/run-directory.js';
import { RunFiles } from '../../src/rollout/run-files.js';
import { RunLog } from '../../src/rollout/run-log.js';
import { SAMPLE_CONFIG, sampleRun } from './sample-run.js';

const FACTS = { config: SAMPLE_CONFIG, model: { name: 'gpt', settings: {} } };
let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gymsmith-runs-'));
});

afterEach(() => rm(root, { recursive: true }));

async function savedRounds(): Promise<number> {
  const text = await readFile(path.join(root, 'pearWeights.traj'), 'utf8');
  return JSON.parse(text.replaceAll('NaN', '0')).trajectory.length;
}

describe('the directory of a run', () => {
  it("has MLGym's name, made safe for a file system [E5]", () => {
    const name = {
      model: 'metagen:gpt4o2',
      taskId: 'blotto',
      agent: 'default',
      temperature: 0,
      topP: 0.95,
      costLimit: 4,
    };
    const blotto = 'metagen-gpt4o2__blotto__default__t-0.00__p-0.95__c-4.00__install-0';
    expect(runName(name)).toBe(blotto);
    expect(runName({ ...name, suffix: 'parallel_agents' })).toBe(`${blotto}__parallel_agents`);
    expect(runName({ ...name, model: '../Qwen/Qwen3-8B', temperature: null })).toMatch(
      /^\.\.-Qwen-Qwen3-8B__.*__t-none__/,
    );
    expect(runName({ ...name, model: 'x'.repeat(500), suffix: 'é'.repeat(500) }).length).toBeLessThan(200);
  });

  it('is a new one each time, also when several are made at once: nothing is written over [E5]', async () => {
    await mkdir(path.join(root, 'a_run_1'));
    const made = await Promise.all(Array.from({ length: 4 }, () => makeRunDirectory(root, 'a')));
    expect(made.map(({ index }) => index).sort()).toEqual([0, 2, 3, 4]);
    expect((await readdir(root)).sort()).toEqual(['a_run_0', 'a_run_1', 'a_run_2', 'a_run_3', 'a_run_4']);
  });

  it('is made with those above it, by several at once; says why it cannot be made [E5]', async () => {
    const deep = path.join(root, 'x', 'y', 'z');
    const made = await Promise.all(Array.from({ length: 4 }, () => makeRunDirectory(deep, 'a')));
    expect(made.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3]);
    await writeFile(path.join(root, 'file'), '');
    await expect(makeRunDirectory(path.join(root, 'file'), 'a')).rejects.toThrow('EEXIST');
    await expect(makeRunDirectory(path.join(root, 'file', 'x'), 'a')).rejects.toThrow('ENOTDIR');
    await expect(makeRunDirectory('/proc/gymsmith/runs', 'a')).rejects.toThrow('ENOENT');
  });

  it('names files after the id in the YAML of the task [E5]', () => {
    expect(taskIdOf({ task: 'fruit/pears-v3', template: { id: 'pearWeights' } })).toBe('pearWeights');
    expect(taskIdOf({ task: 'fruit/pears-v3', template: {} })).toBe('pears');
  });
});

describe('the files of a run', () => {
  it('are complete after every round, and results come with the end [E5]', async () => {
    const run = sampleRun();
    const files = new RunFiles(root, FACTS);
    files.onStart({ ...run, steps: [], history: run.history.slice(0, 1) });
    files.onStep(run.steps[0], { ...run, steps: run.steps.slice(0, 1) });
    await vi.waitFor(async () => expect(await savedRounds()).toBe(1));
    expect(await readdir(root)).toEqual(['pearWeights.traj']);
    await files.onEnd(run);
    expect(await savedRounds()).toBe(2);
    expect((await readdir(root)).sort()).toEqual(['pearWeights.traj', 'results.json']);
    expect(files.fault).toBeNull();
  });

  it('keep what was there when the disk takes no more [E5]', async () => {
    const file = path.join(root, 'pearWeights.traj');
    await writeFile(file, 'the earlier one');
    await mkdir(`${file}.tmp`);
    const { level } = log;
    log.level = 'silent';
    const files = new RunFiles(root, FACTS);
    await files.onEnd(sampleRun());
    log.level = level;
    expect(files.fault?.message).toContain('EISDIR');
    expect(await readFile(file, 'utf8')).toBe('the earlier one');
    expect(await readdir(root)).toContain('results.json');
  });

  it('have a log for people beside them, named after its time [E5]', async () => {
    const run = sampleRun();
    const book = new RunLog(root, new Date(2026, 0, 2, 3, 4, 5));
    book.onStart(run);
    book.onAction('Look.', 'ls');
    book.onStep(run.steps[1]!);
    await book.onEnd(run);
    const text = await readFile(path.join(root, 'run-260102030405.log'), 'utf8');
    expect(text).toMatch(/ primary_0 plays fruit\/pears-v3 as episode 7d9c\n/);
    expect(text).toMatch(/ ACTION\nls\n.* OBSERVATION after 2.000 s\nExited \(submit\)\n.* SCORE 0.75: \{"r2"/);
    expect(text).toMatch(/ END \(ended\) submitted\n/);
  });

  it('have the arguments beside them under the names of MLGym [E5]', () => {
    const text = argumentsYaml({
      task: 'fruit/pears-v3',
      seed: 7,
      maxSteps: 50,
      where: 'local',
      model: 'gpt',
      settings: { base_url: 'http://127.0.0.1:1/v1' },
      temperature: 0,
      topP: 0.95,
      costLimit: 3,
      totalCostLimit: 0,
      agent: 'default',
      config: SAMPLE_CONFIG,
      suffix: '',
      runs: 1,
    });
    const document = parse(text);
    expect(document.environment).toEqual({ task_config_path: 'fruit/pears-v3', max_steps: 50, seed: 7 });
    expect(document.agent.model).toMatchObject({ model_name: 'gpt', per_instance_cost_limit: 3, top_p: 0.95 });
    expect(document.agent.config).toMatchObject({
      system_template: 'You weigh pears.',
      tools: { command_files: ['extra.sh'] },
    });
    expect(document.gymsmith).toEqual({ where: 'local', base_url: 'http://127.0.0.1:1/v1' });
  });
});
