import type { Trajectory } from '../src/rollout/trajectory.js';
import { Chance } from './dataset-chance.js';
import type { Corpus } from './dataset-corpus.js';

const MEDIAN_BYTES = 190_000;
const MOST_BYTES = 4_000_000;
/** Of the logarithm of the size: one in 30,000 is as large as the largest. */
const SPREAD = 0.76;
const TASKS = 128;
const SHARES = { unreadable: 0.002, duplicate: 0.02, infrastructure: 0.02, invalid: 0.25, improving: 0.5 };

const SYSTEM =
  'SETTING: You are an autonomous machine learning researcher, and you work in a command line with a special interface. It has a file editor that shows you 1000 lines of a file at a time. Besides bash commands there are commands that navigate and edit files; to call one of them, write it in a fenced block. Indentation matters in an edit command: write every space. Answer with a discussion and exactly one command.\n\n';

/** A trajectory of an agent that works on a made-up task, in the form and of about the size that real ones have. */
export interface MadeTrajectory {
  /** Below the directory of all of them. */
  path: string;
  contents: string;
}

/** @param number of the trajectory: it decides everything about it */
export function makeTrajectory(corpus: Corpus, number: number): MadeTrajectory {
  const own = new Chance(number + 1);
  const kind = own.next();
  const isDuplicate = own.next() < SHARES.duplicate && number > TASKS;
  const chance = isDuplicate ? new Chance(number - TASKS + 1) : new Chance(number + 1);
  const task = `bench/task-${String(number % TASKS).padStart(3, '0')}-v0`;
  const path = `${task}/teacher/${String(Math.floor(number / TASKS)).padStart(5, '0')}.traj`;
  // Texts stand in the file twice.
  const bytes = Math.min(MOST_BYTES, MEDIAN_BYTES * Math.exp(SPREAD * chance.normal()));
  const steps = Math.max(2, Math.min(50, Math.round(bytes / 9000 + 10 * chance.next())));
  const contents = JSON.stringify(episode(corpus, chance, task, number, steps, bytes / steps / 3.1, own), null, 2);
  return { path, contents: kind < SHARES.unreadable ? contents.slice(0, contents.length / 2) : contents };
}

function episode(
  corpus: Corpus,
  chance: Chance,
  task: string,
  number: number,
  count: number,
  characters: number,
  own: Chance,
): Trajectory {
  const agent = 'primary_0';
  const history: Trajectory['history'] = [
    { role: 'system', content: SYSTEM + corpus.prose(new Chance(7), 6000), agent },
  ];
  const trajectory: Trajectory['trajectory'] = [];
  const steps: NonNullable<Trajectory['gymsmith']>['steps'] = [];
  const isValid = own.next() > SHARES.invalid;
  const improves = own.next() < SHARES.improving;
  const failed = own.next() < SHARES.infrastructure;
  const scores: { Score: number }[] = [];
  let prompt = `${corpus.prose(new Chance(number % TASKS), 3000)}\n(Current Step: 0, Remaining Steps: ${count})\nbash-$`;
  for (let step = 0; step < count; step++) {
    const isLast = step === count - 1;
    const state = '{"open_file": "n/a", "working_dir": "/home/agent/workspace"}\n';
    const thought = corpus.prose(chance, Math.max(60, characters * 0.08));
    const action = isLast ? 'submit' : actionOf(corpus, chance, characters * 0.25);
    const response = `DISCUSSION\n${thought}\n\n\`\`\`\n${action}\n\`\`\``;
    const observation = isLast ? '' : observationOf(corpus, chance, characters * 0.6);
    history.push({ role: 'user', content: prompt, agent });
    history.push({ role: 'assistant', content: response, thought, action, agent });
    const score = isLast && isValid ? 0.5 + (improves ? 0.4 : -0.4) * own.next() : null;
    if (score !== null) scores.push({ Score: score });
    trajectory.push({ state, response, thought, action, execution_time: chance.next() * 30, observation });
    steps.push(stepRecord(step, count, score));
    prompt = `${observation}\n(Current Step: ${step + 1}, Remaining Steps: ${count - step - 1})\n(Open file: n/a)\nbash-$`;
  }
  const stop = failed ? 'infrastructure' : 'ended';
  return {
    environment: 'mlgym_main',
    trajectory,
    history,
    info: {
      model_stats: { total_cost: 0, task_cost: 0, tokens_sent: 90_000, tokens_received: 9_000, api_calls: count },
      exit_status: 'submitted',
      submission: 'submission.csv',
      score: scores,
    },
    gymsmith: {
      version: 1,
      software: 'gymsmith bench',
      task,
      task_hash: `sha256:${'0'.repeat(64)}`,
      episode_id: `e-${number}`,
      seed: number,
      options: {},
      metric: 'Score',
      direction: 'maximize',
      baseline_scores: { Score: 0.5 },
      agent: {
        name: 'default',
        source: 'gymsmith',
        parser: 'thought_action',
        config: { history: [{ type: 'append_only', keep: 5, every: 5 }], commands: [] },
      },
      model: { name: 'teacher', settings: {} },
      started_at: '2026-01-01T00:00:00.000Z',
      ended_at: '2026-01-01T00:20:00.000Z',
      stop,
      failure: failed ? 'the sandbox is gone' : null,
      exit_status: 'submitted',
      exit_reason: null,
      steps,
    },
  };
}

function stepRecord(
  step: number,
  count: number,
  score: number | null,
): NonNullable<Trajectory['gymsmith']>['steps'][number] {
  const isLast = step === count - 1;
  return {
    sent: null,
    reward: isLast ? (score ?? 0) : 0,
    terminated: isLast,
    truncated: false,
    exit_code: 0,
    omitted_bytes: 0,
    score,
    valid: isLast ? score !== null : null,
    evaluation_ms: isLast ? 900 : null,
    calls: [
      {
        input_tokens: 3000 + 400 * step,
        cached_input_tokens: 0,
        output_tokens: 300,
        estimated: false,
        cost_usd: 0.01,
        attempts: 1,
        latency_ms: 4000,
        finish_reason: 'stop',
        rejected: null,
      },
    ],
  };
}

function actionOf(corpus: Corpus, chance: Chance, characters: number): string {
  const kind = chance.next();
  if (kind < 0.3) return `python train.py --lr ${(chance.next() * 0.01).toFixed(5)} --seed ${chance.below(100)}`;
  if (kind < 0.5) return `open src/part_${chance.below(40)}.py ${1 + chance.below(900)}`;
  if (kind < 0.6) return `search_dir "${corpus.prose(chance, 8).split(' ')[0]}" src`;
  const first = 1 + chance.below(300);
  return `edit ${first}:${first + chance.below(30)}\n${corpus.code(chance, characters * 2)}\nend_of_edit`;
}

function observationOf(corpus: Corpus, chance: Chance, characters: number): string {
  const size = Math.max(40, characters * (0.4 + 1.2 * chance.next()));
  const kind = chance.next();
  if (kind < 0.45) return corpus.window(chance, size);
  if (kind < 0.8) return corpus.log(chance, size);
  if (kind < 0.9)
    return `Traceback (most recent call last):\n${corpus.code(chance, Math.min(size, 2000))}\nValueError: shapes`;
  return `Found ${chance.below(90)} matches:\n${corpus.code(chance, size)}`;
}
