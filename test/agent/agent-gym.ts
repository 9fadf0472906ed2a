import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { AgentConfig } from '../../src/agent/config/agent-config.js';
import { loadAgentConfig } from '../../src/agent/config/load-agent-config.js';
import { EnvClient } from '../../src/client/index.js';
import type { Env } from '../../src/env/env.js';
import { Episode } from '../../src/env/episode/episode.js';
import type { EpisodeDeps } from '../../src/env/episode/episode-deps.js';
import { Baselines } from '../../src/env/evaluation/baselines.js';
import { taskDetail } from '../../src/env/packs/task-summary.js';
import type { Task } from '../../src/env/task.js';
import { type Channel, channelPair, msgpackCodec, RpcError } from '../../src/protocol/index.js';
import { createApp } from '../../src/server/app.js';
import type { EnvCatalogue } from '../../src/server/env-catalogue.js';
import type { SandboxScript } from '../../src/testing/scripted-sandbox.js';
import { ScriptedSandboxes } from '../../src/testing/scripted-sandboxes.js';
import { prints, toyTask } from '../env/toy-task.js';

interface Options {
  /** What the agent's sandbox does. Default: `write` makes a submission, `echo` prints, anything else is silent. */
  agent?: SandboxScript;
  evaluator?: SandboxScript;
  sidecar?: Record<string, unknown>;
  /** Stands between the server and each episode. */
  wrap?: (env: Env) => Env;
}

/** A server in memory whose episodes are real and whose sandboxes are scripted. */
export class AgentGym {
  static readonly TASK = 'toy/pears-v1';
  episodes: readonly Episode[] = [];
  /** The client's end of the connection. */
  channel: Channel | null = null;

  private constructor(
    readonly client: EnvClient,
    readonly sandboxes: ScriptedSandboxes,
  ) {}

  static async open(options: Options = {}): Promise<AgentGym> {
    const plain = await toyTask({ sidecar: options.sidecar });
    const task: Task = {
      ...plain,
      promptFields: { id: 'pears', description: 'Weigh pears.', training_timeout: '600' },
    };
    const sandboxes = new ScriptedSandboxes(({ labels }) =>
      labels.role === 'agent' ? (options.agent ?? { run }) : (options.evaluator ?? prints('{"r2": 0.75, "n": 2.0}')),
    );
    const deps: EpisodeDeps = { sandboxes, baselines: new Baselines(sandboxes) };
    const made: Episode[] = [];
    const catalogue: EnvCatalogue = {
      list: () => [taskDetail(task)],
      describe: (id) => {
        if (id !== AgentGym.TASK) throw new RpcError('unknown_task', `There is no ${id}.`);
        return taskDetail(task);
      },
      create: (id, params) => {
        const episode = Episode.create(id, task, params, deps);
        made.push(episode);
        return options.wrap?.(episode) ?? episode;
      },
    };
    const app = createApp({ catalogue, log: pino({ level: 'silent' }) });
    const channels: Channel[] = [];
    const dial = async () => {
      const [near, far] = channelPair();
      channels.push(near);
      app.acceptNative(far, msgpackCodec);
      return { channel: near, codec: msgpackCodec };
    };
    const client = await EnvClient.over(dial, { reconnect: false });
    const gym = new AgentGym(client, sandboxes);
    gym.episodes = made;
    gym.channel = channels[0] ?? null;
    onTestFinished(async () => {
      await client.close();
      await app.close();
    });
    return gym;
  }
}

const run: SandboxScript['run'] = ({ command, sandbox }) => {
  if (command === 'write') sandbox.write('submission.csv', 'id,weight\n1,2\n');
  return { output: /^echo (.*)$/s.exec(command)?.[1] ?? '' };
};

/** An output of a model in text: a thought and one action. */
export function says(action: string, thought = 'Look.'): string {
  return `${thought}\n\`\`\`\n${action}\n\`\`\``;
}

/** An agent whose prompts are short, in the form of one that ships. */
export async function shortAgent(changes: Partial<AgentConfig> = {}): Promise<AgentConfig> {
  const config = await loadAgentConfig('default');
  const templates = {
    ...config.templates,
    system: 'You weigh.',
    task: 'Task: {description}',
    nextStep: '{observation}\n({current_step}, {remaining_steps})',
    nextStepNoOutput: 'nothing ({current_step})',
  };
  return { ...config, templates, ...changes };
}
