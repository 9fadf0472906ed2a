import type { AgentRun, AgentStep } from '../agent/agent-run.js';
import type { HistoryItem } from '../agent/history/history-item.js';
import { type Dumpable, PythonFloat, pythonDump } from '../python/python-dump.js';
import { parsePythonJson } from '../python/python-json.js';
import { type RunFacts, runRecord, stepRecord } from './run-record.js';

/** Name of the environment in MLGym's files. */
const ENVIRONMENT = 'mlgym_main';
const INDENT = 2;

/**
 * Writes a run as MLGym writes its `.traj` files, with ours under one key. Items of a run do not change and are turned into text
 * once, so that a save in the middle of a long run costs little more than the writing.
 */
export class TrajectoryText {
  readonly #steps = new Pieces(2, trajectoryStep);
  readonly #history = new Pieces(2, historyEntry);
  readonly #records = new Pieces(3, (step: AgentStep) => stepRecord(step) as Dumpable);

  /** @returns the contents of the file, in parts */
  of(run: AgentRun, facts: RunFacts): Buffer[] {
    const record = indented(runRecord(run, facts) as Dumpable, 1);
    return [
      Buffer.from(`{\n  "environment": ${pythonDump(ENVIRONMENT)},\n  "trajectory": `),
      ...this.#steps.list(run.steps),
      Buffer.from(',\n  "history": '),
      ...this.#history.list(run.history),
      Buffer.from(`,\n  "info": ${indented(runInfo(run), 1)},\n  "gymsmith": `),
      // The steps are the last key of the record; its brace comes behind them.
      Buffer.from(`${record.slice(0, -'\n  }'.length)},\n    "steps": `),
      ...this.#records.list(run.steps),
      Buffer.from('\n  }\n}'),
    ];
  }
}

/** Items of a list as text, each made once. */
class Pieces<T extends object> {
  readonly #made = new WeakMap<T, Buffer>();

  /** @param level how deep the items stand */
  constructor(
    private readonly level: number,
    private readonly dump: (item: T) => Dumpable,
  ) {}

  list(items: readonly T[]): Buffer[] {
    if (items.length === 0) return [Buffer.from('[]')];
    const between = Buffer.from(`,\n${' '.repeat(INDENT * this.level)}`);
    const parts = items.flatMap((item) => [between, this.#piece(item)]);
    const end = Buffer.from(`\n${' '.repeat(INDENT * (this.level - 1))}]`);
    return [Buffer.from('['), between.subarray(1), ...parts.slice(1), end];
  }

  #piece(item: T): Buffer {
    const made = this.#made.get(item);
    if (made) return made;
    const piece = Buffer.from(indented(this.dump(item), this.level));
    this.#made.set(item, piece);
    return piece;
  }
}

/** Strings hold no newline of their own in JSON: every one of the text begins a line. */
function indented(value: Dumpable, level: number): string {
  return pythonDump(value, INDENT).replaceAll('\n', `\n${' '.repeat(INDENT * level)}`);
}

function trajectoryStep({ state, response, thought, action, execution_time, observation }: AgentStep): Dumpable {
  return { state, response, thought, action, execution_time: new PythonFloat(execution_time), observation };
}

/** Known keys in MLGym's order; those of ours, which MLGym's items do not have, behind them. */
function historyEntry(item: HistoryItem): Dumpable {
  const { role, content, thought, action, agent, is_demo, ...ours } = item;
  return { role, content, thought, action, agent, is_demo, ...(ours as Record<string, Dumpable>) };
}

function runInfo({ stats, exitStatus, submission, scores }: AgentRun): Dumpable {
  const { total_cost, task_cost, tokens_sent, tokens_received, api_calls } = stats;
  const costs = { total_cost: new PythonFloat(total_cost), task_cost: new PythonFloat(task_cost) };
  return {
    model_stats: { ...costs, tokens_sent, tokens_received, api_calls },
    exit_status: exitStatus,
    submission,
    score: scores.map((score) => parsePythonJson(score) ?? null),
    summarizer: {},
  };
}

/** @returns the contents of `results.json`: the metrics of every evaluation in order, and the baseline's where there is one */
export function resultsText({ scores, baselineScores }: Pick<AgentRun, 'scores' | 'baselineScores'>): string {
  const floats = Object.entries(baselineScores ?? {}).map(([name, score]) => [name, new PythonFloat(score)]);
  const agent = scores.map((score) => parsePythonJson(score) ?? null);
  // MLGym leaves an empty baseline out as well.
  return pythonDump({ agent, baseline: floats.length > 0 ? Object.fromEntries(floats) : undefined }, INDENT);
}
