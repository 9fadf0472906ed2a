import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Episode } from '../../src/env/episode/episode.js';
import type { EpisodeDeps } from '../../src/env/episode/episode-deps.js';
import { Baselines } from '../../src/env/evaluation/baselines.js';
import { type Entrypoint, Sidecar, type Task } from '../../src/env/task.js';
import type { ResetParams } from '../../src/protocol/index.js';
import type { SandboxScript } from '../../src/testing/scripted-sandbox.js';
import { ScriptedSandboxes } from '../../src/testing/scripted-sandboxes.js';
import { temporaryDirectory } from './pack-fixture.js';
import { withoutQuirks } from './without-quirks.js';

interface ToyFacts {
  entrypoint?: Entrypoint;
  envId?: string;
  sidecar?: Record<string, unknown>;
  baselineScores?: Record<string, number> | null;
  baselinePath?: string | null;
  memoryPath?: string;
  starter?: Record<string, string>;
  hidden?: Record<string, string>;
}

/** A task with its files in a directory that is removed with the test. */
export async function toyTask(facts: ToyFacts = {}): Promise<Task> {
  const root = await temporaryDirectory();
  const put = async (path_: string, contents: string) => {
    const hostPath = path.join(root, path_);
    await mkdir(path.dirname(hostPath), { recursive: true });
    await writeFile(hostPath, contents);
    return { path: path_, hostPath, mode: 0o644, sizeBytes: Buffer.byteLength(contents) };
  };
  const files = (named: Record<string, string>) =>
    Promise.all(Object.entries(named).map(([name, text]) => put(name, text)));
  const envId = facts.envId ?? 'toy/pears-v1';
  return {
    envId,
    id: 'pears',
    name: 'Pears',
    description: 'Weigh pears.',
    entrypoint: facts.entrypoint ?? 'CSVSubmissionTasks',
    promptFields: {},
    trainingTimeoutS: 600,
    datasets: [],
    starterFiles: await files(facts.starter ?? { 'evaluate.py': 'print()', 'baseline.py': 'pass' }),
    hiddenFiles: await files(facts.hidden ?? { 'labels.csv': 'secret' }),
    evaluationPath: 'evaluate.py',
    evaluationReadOnly: true,
    baselinePath: facts.baselinePath ?? null,
    baselineScores: facts.baselineScores === undefined ? { r2: 0.5 } : facts.baselineScores,
    memoryPath: facts.memoryPath ?? null,
    sidecar: Sidecar.parse({
      version: 1,
      env_id: envId,
      metric: { name: 'r2', direction: 'maximize', bounds: [0, 1] },
      ...facts.sidecar,
    }),
    requirements: null,
    contentHash: `sha256:${envId}`,
    packRoot: root,
  };
}

/** Prints a score the way an evaluator does. */
export function prints(stdout: string): SandboxScript {
  return { exec: () => ({ stdout: new TextEncoder().encode(stdout) }) };
}

export interface ToyEpisode {
  episode: Episode;
  sandboxes: ScriptedSandboxes;
  /** Sandbox of the agent. */
  agent: () => ScriptedSandboxes['made'][number]['sandbox'];
  deps: EpisodeDeps;
  clock: { ms: number };
  task: Task;
}

interface ToyOptions {
  task?: Task;
  agent?: SandboxScript;
  evaluator?: SandboxScript | ((index: number) => SandboxScript);
  params?: Pick<ResetParams, 'options' | 'seed'>;
  onRecord?: EpisodeDeps['onRecord'];
  memories?: EpisodeDeps['memories'];
  supplies?: EpisodeDeps['supplies'];
}

/** An episode on scripted sandboxes, not yet reset. The clock stands still unless it is moved. */
export async function toyEpisode(options: ToyOptions = {}): Promise<ToyEpisode> {
  const task = options.task ?? (await toyTask());
  let evaluations = 0;
  const sandboxes = new ScriptedSandboxes((request) => {
    if (request.labels.role === 'agent') return options.agent ?? {};
    const { evaluator = prints('{"r2": 0.75}') } = options;
    return typeof evaluator === 'function' ? evaluator(evaluations++) : evaluator;
  });
  const clock = { ms: 1_700_000_000_000 };
  const deps: EpisodeDeps = {
    sandboxes,
    baselines: new Baselines(sandboxes),
    now: () => clock.ms,
    ...(options.onRecord && { onRecord: options.onRecord }),
    ...(options.memories && { memories: options.memories }),
    ...(options.supplies && { supplies: options.supplies }),
  };
  const episode = Episode.create('e1', task, withoutQuirks(options.params), deps);
  const agent = () => {
    const found = sandboxes.made.find(({ request }) => request.labels.role === 'agent');
    if (!found) throw new Error('the agent has no sandbox yet');
    return found.sandbox;
  };
  return { episode, sandboxes, agent, deps, clock, task };
}

/** The same, reset and with a submission in place. */
export async function begunEpisode(options: ToyOptions = {}): Promise<ToyEpisode> {
  const toy = await toyEpisode(options);
  await toy.episode.reset();
  toy.agent().write('submission.csv', 'id,weight\n1,2\n');
  return toy;
}
