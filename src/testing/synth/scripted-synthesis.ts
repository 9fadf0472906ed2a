import { setTimeout as delay } from 'node:timers/promises';
import { NOTHING_SPENT } from '../../run/spent.js';
import { type Candidate, STAGES, type StageName } from '../../synth/candidate.js';
import type { StagePowers, TopicStream } from '../../synth/pipeline/pipeline-options.js';
import type { Reason } from '../../synth/reasons.js';
import { rejected, type Stage, type StageContext, StageFault } from '../../synth/stage.js';

/** What a pass through a stage does before it ends. */
export interface ScriptedPass {
  /** Questions, one after the other. */
  questions: number;
  /** Sandboxes, one after the other; each asks a question inside. */
  sandboxes: number;
  /** Tries that others' faults end before one succeeds. */
  faults: number;
  /** `on`: to the next stage; `back`: verification only, another attempt; else the reason of its end. */
  end: 'on' | 'back' | { reason: Reason; state: 'rejected' | 'frontier' };
  /** Saves in the middle, after the first question. */
  saves: boolean;
}

/** What happens to candidates: a function of id, stage and how often they were there. */
export type SynthScript = (id: string, stage: StageName, pass: number) => ScriptedPass;

/** Dollars and tokens of every question. */
const PRICE = { usd: 0.01, input_tokens: 100, output_tokens: 10 };

interface WorldOptions {
  topics: number;
  /** Topics of one question; by default one. */
  batch?: number;
  script: SynthScript;
  /** Milliseconds of a question, of what runs in a sandbox; by default none. */
  times?: { question: (key: string) => number; sandbox: (key: string) => number };
  /** Called at every step of the work; one that never resolves stands for a process that is killed there. */
  onStep?: () => Promise<void>;
}

/**
 * Topics, a teacher and sandboxes that do what a script says. What was answered stays answered, like the journal of a run, for the next
 * pipeline over the same world.
 */
export class ScriptedSynthesis {
  /** How often each question was asked. */
  readonly asked = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  /** The most that were at it at once. */
  readonly most = { questions: 0, sandboxes: 0, candidates: 0 };
  readonly #now = { questions: 0, sandboxes: 0 };
  readonly #answered = new Set<string>();
  readonly #powers = new Map<string, StagePowers>();
  onStep: () => Promise<void>;

  constructor(private readonly options: WorldOptions) {
    this.onStep = options.onStep ?? (async () => {});
  }

  get stages(): Stage[] {
    return STAGES.map((name) => ({ name, run: (candidate, context) => this.#run(name, candidate, context) }));
  }

  /** The topics, each batch after a question. */
  topics = async ({ meter, signal }: Pick<StagePowers, 'meter' | 'signal'>): Promise<TopicStream> => {
    const ask = (key: string) => this.#ask(key, meter, signal);
    const { topics, batch = 1 } = this.options;
    const words = { summary: '', area: 'tabular', modality: 'table', problem: 'classification', constraint: 'none' };
    return {
      known: { spent: NOTHING_SPENT },
      async *[Symbol.asyncIterator]() {
        for (let number = 1; number <= topics; number++) {
          if (number % batch === 1 % batch) await ask(`topics/${number}`);
          yield { number, topic: { title: `Topic ${number}`, ...words } };
        }
      },
    };
  };

  contextOf = (candidate: Candidate, powers: StagePowers): StageContext => {
    this.#powers.set(candidate.id, powers);
    // Scripted stages use nothing else.
    return powers as Partial<StageContext> as StageContext;
  };

  async #run(stage: StageName, candidate: Candidate, context: StageContext): Promise<Candidate> {
    const { meter, inSandbox, signal } = this.#powers.get(candidate.id)!;
    const pass = candidate.attempts.length;
    const place = `${candidate.id}/${stage}/${pass}`;
    const { questions, sandboxes, faults, end, saves } = this.options.script(candidate.id, stage, pass);
    await this.onStep();
    const failed = this.#faults.get(place) ?? 0;
    if (failed < faults) {
      this.#faults.set(place, failed + 1);
      throw new StageFault(stage === 'grounding' ? 'hub_unavailable' : 'teacher_unavailable', `fault ${failed + 1}`);
    }
    for (let at = candidate.detail === place ? 1 : 0; at < questions; at++) {
      await this.#ask(`${place}/${at}`, meter, signal);
      if (saves && at === 0) await context.save({ ...candidate, detail: place });
    }
    for (let at = 0; at < sandboxes; at++) {
      await inSandbox(() => this.#sandbox(`${place}/sandbox-${at}`, { meter, signal }));
    }
    await this.onStep();
    return next(stage, { ...candidate, detail: null }, end);
  }

  async #sandbox(key: string, { meter, signal }: Pick<StagePowers, 'meter' | 'signal'>): Promise<void> {
    this.#enter('sandboxes');
    try {
      await this.onStep();
      await this.#pause(this.options.times?.sandbox(key), signal);
      await this.#ask(key, meter, signal);
    } finally {
      this.#now.sandboxes--;
    }
  }

  async #ask(key: string, meter: StagePowers['meter'], signal: AbortSignal): Promise<void> {
    if (!this.#answered.has(key)) {
      await meter.ask(async () => {
        this.#enter('questions');
        try {
          this.asked.set(key, (this.asked.get(key) ?? 0) + 1);
          await this.onStep();
          await this.#pause(this.options.times?.question(key), signal);
          this.#answered.add(key);
        } finally {
          this.#now.questions--;
        }
      }, signal);
    }
    meter.charge(PRICE);
  }

  #enter(what: 'questions' | 'sandboxes'): void {
    this.most[what] = Math.max(this.most[what], ++this.#now[what]);
  }

  async #pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
    if (ms) await delay(ms, undefined, { signal });
  }
}

function next(stage: StageName, candidate: Candidate, end: ScriptedPass['end']): Candidate {
  if (typeof end === 'object') {
    const ended = rejected(candidate, end.reason, 'as the script says');
    return { ...ended, state: end.state };
  }
  if (end === 'back') {
    const attempt = { how: 'first', verdict: 'failed', fault: 'baseline_failed', detail: '', evidence: null } as const;
    const attempts = [...candidate.attempts, { number: candidate.attempts.length, gates: [], ...attempt }];
    return { ...candidate, attempts, state: 'generation' };
  }
  const following = STAGES[STAGES.indexOf(stage) + 1];
  return following ? { ...candidate, state: following } : { ...candidate, state: 'published', env_id: candidate.id };
}
