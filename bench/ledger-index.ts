import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { exitCounts } from '../src/rollout/sampling/index/exit-counts.js';
import { faultCounts } from '../src/rollout/sampling/index/fault-counts.js';
import { readIndex } from '../src/rollout/sampling/index/read-index.js';
import { taskSums } from '../src/rollout/sampling/index/task-sums.js';
import { trySums } from '../src/rollout/sampling/index/try-sums.js';
import { uniform } from '../src/run/uniform.js';
import type { Attempt, Outcome } from '../src/store/attempt.js';
import { Ledger } from '../src/store/ledger.js';
import { latencyOf, ms } from './measure.js';
import type { Section } from './section.js';

const TASKS = 400;
const ATTEMPTS = 250;
const ROUNDS = 11;
/** What a person takes for at once. */
const AT_ONCE_MS = 250;
const FAULTS = ['sandbox_lost', 'connection_lost', 'rate_limit', 'server_error'];
const EXITS = ['submitted', 'autosubmission (max_steps)', 'autosubmission (exit_cost)', 'exit_format'];

function* planned(): Generator<Attempt> {
  for (let task = 0; task < TASKS; task++) {
    for (let number = 0; number < ATTEMPTS; number++) {
      const model = `model-${number % 3}`;
      const name = `synth/a-task-with-a-name-of-usual-length-${task}-v1`;
      const id = `${name}/${model}/${String(number).padStart(5, '0')}`;
      yield { id, task: name, task_hash: 'a1'.repeat(32), model, number, seed: 2 ** 40 + number, gpus: 1 };
    }
  }
}

function outcomeOf(id: string): Outcome {
  const chance = uniform(id);
  const valid = Math.floor(chance * 5);
  const best = valid === 0 ? null : chance;
  return {
    ...{ stop: EXITS[Math.floor(chance * 400) % 4]!, exit_status: EXITS[Math.floor(chance * 400) % 4]!, steps: 40 },
    ...{ submissions: 4, valid, direction: 'maximize', best, last: best, baseline: 0.6, improves: chance > 0.6 },
    ...{ format_errors: 1, input_tokens: 900_000, cached_tokens: 0, output_tokens: 9000, calls: 40, unpriced_calls: 0 },
    ...{ usd: chance, seconds: 900, model_seconds: 400, gpu_hours: 0.25, bytes: 190_000, sha256: 'a1'.repeat(32) },
  };
}

/** Plays every attempt, one try in ten in vain. @returns milliseconds of each beginning and end of a try */
function play(ledger: Ledger): number[] {
  const samples: number[] = [];
  const timed = <T>(work: () => T): T => {
    const started = performance.now();
    const result = work();
    samples.push(performance.now() - started);
    return result;
  };
  const spent = { usd: 0.5, input_tokens: 900_000, output_tokens: 9000, calls: 40, gpu_hours: 0.25 };
  for (const { id } of ledger.attempts()) {
    for (let state = 'open'; state === 'open'; ) {
      const at = new Date().toISOString();
      const beginning = { server: 'ws://127.0.0.1:8765', episode_id: `ep-${id.slice(-8)}`, started_at: at };
      const number = timed(() => ledger.beginTry(id, beginning));
      const chance = uniform(id, number, 'fault');
      const code = FAULTS[Math.floor(chance * 1000) % 4]!;
      state = timed(() =>
        chance < 0.1
          ? ledger.endTry(id, number, { end: 'infrastructure', ended_at: at, code, message: code, spent }, 3)
          : ledger.endTry(id, number, { end: 'result', ended_at: at, outcome: outcomeOf(id), spent }, 3),
      );
    }
  }
  return samples;
}

/** What the ledger of a run of 100,000 episodes takes: to plan, to keep, to open, and to answer every question. */
export async function ledgerIndex(): Promise<Section> {
  const root = await mkdtemp(path.join(tmpdir(), 'gymsmith-bench-ledger-'));
  try {
    const file = path.join(root, 'ledger.sqlite');
    const written = Ledger.open(file);
    const planning = performance.now();
    written.plan(planned());
    const planMs = performance.now() - planning;
    const writes = latencyOf(play(written));
    written.close();
    const queries: Record<string, (ledger: Ledger) => unknown> = {
      'open and ask all of it': (ledger) => readIndex(ledger),
      'states, valid, improvements, tokens, cost by task and model': taskSums,
      'exit statuses and stop reasons': exitCounts,
      'faults by code': faultCounts,
      'what all tries took': trySums,
    };
    const rows = Object.entries(queries).map(([name, ask]) => {
      const samples = Array.from({ length: ROUNDS }, () => {
        const started = performance.now();
        const ledger = Ledger.readOnly(file);
        const opened = performance.now();
        ask(ledger);
        const ended = performance.now();
        ledger.close();
        return ended - (name.startsWith('open') ? started : opened);
      });
      return { name, ...latencyOf(samples) };
    });
    const whole = rows[0]!;
    const megabytes = (await stat(file)).size / 1e6;
    return {
      title: 'The ledger of a run of 100,000 episodes',
      method: `${TASKS} tasks x ${ATTEMPTS} attempts by three models, one try in ten ended by infrastructure; each question is asked ${ROUNDS} times through a connection of its own. Planning took ${ms(planMs)} ms; the file has ${megabytes.toFixed(0)} MB.`,
      header: ['', 'p50 ms', 'p99 ms'],
      rows: [
        ['begin or end a try, on disk', ms(writes.p50), ms(writes.p99)],
        ...rows.map(({ name, p50, p99 }) => [name, ms(p50), ms(p99)]),
      ],
      verdicts: [
        {
          target: `everything that a run is asked, at once (${AT_ONCE_MS} ms)`,
          measured: `${ms(whole.p50)} ms`,
          met: whole.p50 <= AT_ONCE_MS,
        },
      ],
    };
  } finally {
    await rm(root, { recursive: true });
  }
}
