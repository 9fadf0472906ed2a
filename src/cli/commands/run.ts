import { userInfo } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import type { AgentConfig } from '../../agent/config/agent-config.js';
import type { TaskDetail } from '../../protocol/index.js';
import { CliError } from '../cli-error.js';
import { configOf } from '../config-flags.js';
import { type ConnectedGym, connectGym } from '../gym/connect-gym.js';
import { Output } from '../output.js';
import { shownLine } from '../play/terminal-text.js';
import { loadAgent } from '../run/load-agent.js';
import { type ChosenModel, modelOf, withoutCredentials } from '../run/model-of-flags.js';
import { playRuns, type RunPlan } from '../run/play-runs.js';
import { addRunFlags, limitsOf, type RunFlags } from '../run/run-flags.js';
import { exitCodeOf, printRuns, runJson } from '../run/run-report.js';
import { RunStops } from '../run/run-stops.js';
import { RunTicker } from '../run/run-ticker.js';
import { RunView } from '../run/run-view.js';

const EXAMPLES = `
Examples:
  gymsmith run reference/breast-cancer --model gpt-4.1-mini                  OPENAI_API_KEY holds the key
  gymsmith run reference/breast-cancer --model gpt-4.1-mini --dialect tools  actions as calls of tools
  gymsmith run reference/breast-cancer --model Qwen/Qwen3-8B --base-url http://127.0.0.1:8000/v1
                                                      a student that vLLM serves: vllm serve Qwen/Qwen3-8B
  gymsmith run mlgym/battleOfSexes --pack ~/MLGym --agent ~/MLGym/configs/agents/default.yaml --model ...
                                                      MLGym's own task and agent from a checkout
  gymsmith run reference/sat-branching --model ... --runs 4 --parallel --cost-limit 1 --json
  gymsmith run reference/breast-cancer --model ... --url ws://host:8765      on a server that runs elsewhere
Without an account:
  gymsmith run reference/breast-cancer --model script:packs/reference/solutions/breast-cancer.json
  gymsmith stand-in model --solutions packs/reference             an endpoint that knows the recorded solutions; then, elsewhere:
  gymsmith run reference/breast-cancer --model stand-in --base-url http://127.0.0.1:8766/v1

At every limit, and at the first Ctrl-C, what there is is scored and the run ends as an autosubmission; the second Ctrl-C leaves at
once. Either way the trajectory is kept.
Exit code: 0 the runs have results, 1 a model, an endpoint or a server failed, or a task, file or setting cannot be used, 2 wrong usage
of the command line, 130 stopped by Ctrl-C.`;

/** `gymsmith run` */
export function runCommand(): Command {
  const command = new Command('run')
    .description('let a model play a task, and keep what it did')
    .argument('<task>', 'env id; without a version the highest');
  return addRunFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (task: string, flags: RunFlags, self: Command) => {
      const output = new Output();
      // Nothing but JSON goes to those who ask for it.
      const said = flags.json ? new Output(process.stderr) : output;
      const agent = await loadAgent(flags.agent, flags.dialect ?? null);
      const model = await modelOf(flags, configOf(flags), agent, isLimited(flags, self));
      const stops = new RunStops(new Output(process.stderr));
      let gym: ConnectedGym | null = null;
      try {
        gym = await connectGym(flags);
        const detail = await gym.client.describeTask(task);
        const plan = planOf(flags, { detail, agent, gym, model, stops, output });
        const warnings = [...agent.warnings, ...model.warnings];
        if (!flags.json) introduce(plan, gym.where, model.isUnpriced, output);
        for (const text of warnings) said.line(said.style('warn', text));
        const { played, fault } = await playRuns(gym.client, plan);
        if (!flags.json && played.length > 0) printRuns(played, output, placeFlags(flags));
        if (fault !== null) throw stops.isStopped ? new CliError('The run was stopped.', null, 130) : fault;
        process.exitCode = stops.isStopped ? 130 : exitCodeOf(played);
      } finally {
        await gym?.close();
        stops.release();
      }
    });
}

/** @returns whether the user, and not the default, limits dollars */
function isLimited({ costLimit, totalCostLimit }: RunFlags, command: Command): boolean {
  return totalCostLimit > 0 || (costLimit > 0 && command.getOptionValueSource('costLimit') === 'cli');
}

interface Parts {
  detail: TaskDetail;
  agent: AgentConfig;
  gym: ConnectedGym;
  model: ChosenModel;
  stops: RunStops;
  output: Output;
}

function planOf(flags: RunFlags, { detail, agent, gym, model, stops, output }: Parts): RunPlan {
  const limits = limitsOf(flags);
  const { seed, temperature, topP, runs, costLimit, totalCostLimit, suffix } = flags;
  const sampling = { temperature, top_p: topP, max_tokens: flags.maxTokens ?? null, stream: flags.stream };
  const settings = { ...sampling, base_url: model.baseUrl, ...model.record };
  const atOnce = flags.parallel === true ? runs : (flags.parallel ?? 1);
  const isAlone = runs === 1 || atOnce === 1;
  const isSilent = flags.quiet || flags.json || flags.model === 'human';
  return {
    task: detail,
    config: agent,
    model: model.make,
    settings,
    arguments: {
      task: detail.task,
      seed: seed ?? null,
      maxSteps: flags.maxSteps ?? null,
      where: withoutCredentials(gym.where),
      model: flags.model,
      settings: { ...settings, dialect: agent.parser, limits },
      temperature,
      topP,
      costLimit,
      totalCostLimit,
      agent: flags.agent,
      config: agent,
      suffix,
      runs,
    },
    options: { max_steps: flags.maxSteps, memory: flags.memory },
    seed,
    limits,
    root: path.resolve(flags.out ?? path.join('trajectories', userName())),
    runs,
    atOnce,
    view: (index) => {
      if (isSilent) return null;
      return isAlone
        ? new RunView(output, limits, runs > 1 ? `Run ${index}` : null)
        : new RunTicker(output, `run ${index}`, limits);
    },
    onEnd: (played) => {
      if (flags.json) output.line(runJson(played));
    },
    finish: stops.finish,
    drop: stops.drop,
  };
}

function introduce(
  { config, settings, arguments: args }: RunPlan,
  where: string,
  isUnpriced: boolean,
  output: Output,
): void {
  const form = config.parser === 'function_calling' ? 'calls of tools' : 'text';
  output.line(`${output.style('heading', shownLine(args.task))}  on ${where}`);
  const endpoint = typeof settings.base_url === 'string' ? ` at ${settings.base_url}` : '';
  output.line(
    `model ${args.model}${endpoint}${isUnpriced ? ' (its price is not known)' : ''}, agent ${config.name}, actions as ${form}`,
  );
}

/** @returns the flags by which the task is found again; a token is not repeated */
function placeFlags({ url, pack = [], backend }: RunFlags): string[] {
  if (url !== undefined) return ['--url', withoutCredentials(url)];
  return [...pack.flatMap((directory) => ['--pack', directory]), ...(backend ? ['--backend', backend] : [])];
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that it has no name for.
    return `uid-${process.getuid?.() ?? 0}`;
  }
}
