import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RunBudget } from '../src/run/run-budget.js';
import { uniform } from '../src/run/uniform.js';
import { Pipeline } from '../src/synth/pipeline/pipeline.js';
import { CandidateStore } from '../src/synth/run/candidate-store.js';
import { RunPlaces } from '../src/synth/run/run-places.js';
import { StageCosts } from '../src/synth/run/stage-costs.js';
import { SynthSettings } from '../src/synth/settings.js';
import { ScriptedSynthesis, type SynthScript } from '../src/testing/synth/scripted-synthesis.js';
import { ScheduleWatch } from './schedule-watch.js';
import type { Section } from './section.js';
import { type Measured, measureStandIns } from './synth-stand-ins.js';

/** Times of the scripted runs are so much shorter than real ones. */
const FACTOR = 100;
/** Enough topics that no single candidate sets the pace, whose misfortunes nobody knows before they happen. */
const SCRIPTED: readonly { topics: number; questions: number; sandboxes: number }[] = [
  { topics: 100, questions: 16, sandboxes: 4 },
  { topics: 500, questions: 16, sandboxes: 16 },
  { topics: 500, questions: 3, sandboxes: 64 },
];
const MOST_OVER = 0.1;

/** Half of the tasks survive, as in the research; a third of the attempts fails. */
const script: SynthScript = (id, stage, pass) => {
  const chance = uniform(id, stage, pass);
  const plain = { questions: 1, sandboxes: 0, faults: 0, saves: false, end: 'on' } as const;
  if (stage === 'grounding' && chance < 0.2) {
    return { ...plain, end: { reason: 'dataset_missing', state: 'rejected' } };
  }
  if (stage === 'publishing') return { ...plain, questions: 0 };
  if (stage !== 'verification') return plain;
  const sandboxes = 2 + Math.floor(4 * uniform(id, pass, 'sandboxes'));
  if (chance < 0.35 && pass < 5) return { ...plain, questions: 0, sandboxes, end: 'back' };
  if (chance < 0.45)
    return { ...plain, questions: 0, sandboxes, end: { reason: 'baseline_not_beaten', state: 'frontier' } };
  return { ...plain, questions: 0, sandboxes };
};

/** Questions of 1 to 20 s and jobs of 5 s to 3 min, most of them short. */
const times = {
  question: (key: string) => (1000 * 20 ** uniform(key)) / FACTOR,
  sandbox: (key: string) => (5000 * 36 ** uniform(key)) / FACTOR,
};

/** How near a synthesis comes to the fastest schedule that there can be. */
export async function synthSchedule(): Promise<Section> {
  const rows: Measured[] = [];
  for (const { topics, questions, sandboxes } of SCRIPTED)
    rows.push(await measureScripted(topics, questions, sandboxes));
  rows.push(await measureStandIns());
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return {
    title: 'Synthesis: wall-clock against the lower bound of the schedule',
    method: `Whole runs of the pipeline. Scripted: 256 candidates under way with the shares of failures of the research, questions of 1-20 s and jobs in sandboxes of 5-180 s, all ${FACTOR} times shorter. Stand-ins: the real stages, the recorded teacher with delays ${rows.at(-1)!.factor} times shorter than such, the Hub's stand-in, local sandboxes and baselines that sleep like jobs on a GPU. Lower bound: the longest of the longest chain of one candidate, the earliest sandbox + all sandbox time / sandboxes + the shortest tail, and all question time / questions at once.`,
    header: [
      'run',
      'questions',
      'sandboxes',
      'wall-clock s',
      'longest chain s',
      'sandboxes s',
      'questions s',
      'over the bound',
    ],
    rows: rows.map(({ name, counts, wallMs, bound }) => [
      name,
      String(counts.questions),
      String(counts.sandboxes),
      seconds(wallMs),
      seconds(bound.chainMs),
      seconds(bound.sandboxMs),
      seconds(bound.questionMs),
      percent(wallMs / bound.boundMs - 1),
    ]),
    verdicts: rows.map(({ name, wallMs, bound }) => {
      const over = wallMs / bound.boundMs - 1;
      return { target: `${name}: within 10 % of the lower bound`, measured: percent(over), met: over <= MOST_OVER };
    }),
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

async function measureScripted(topics: number, questions: number, sandboxes: number): Promise<Measured> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-bench-'));
  try {
    const settings = SynthSettings.parse({
      topics,
      teachers: [{ model: 'scripted' }],
      concurrency: { candidates: 256, teacher: questions },
    });
    const world = new ScriptedSynthesis({ topics, batch: settings.topic_batch, script, times });
    const watch = new ScheduleWatch();
    const startedAtMs = performance.now();
    const pipeline = new Pipeline({
      settings,
      store: new CandidateStore(new RunPlaces(directory)),
      budget: new RunBudget(settings.budget),
      stages: world.stages,
      topics: world.topics,
      contextOf: (candidate, powers) => world.contextOf(candidate, watch.watch(candidate, powers)),
      costs: StageCosts.inMemory(),
      sandboxes,
      listener: watch,
    });
    const end = await pipeline.run();
    if (end.why !== 'complete') throw new Error(`The scripted run ended: ${end.why}`);
    return {
      name: `scripted, ${topics} topics, ${questions} questions and ${sandboxes} sandboxes at once`,
      factor: FACTOR,
      counts: watch.counts,
      wallMs: performance.now() - startedAtMs,
      bound: watch.lowerBound({ questions, sandboxes }),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
