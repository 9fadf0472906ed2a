import path from 'node:path';
import { loadAgentConfig } from '../../agent/config/load-agent-config.js';
import { createModel } from '../../agent/models/create-model.js';
import type { EnvClient } from '../../client/index.js';
import { ChatEndpoint } from '../../testing/chat-endpoint/chat-endpoint.js';
import { readSolutions } from '../../testing/chat-endpoint/read-solutions.js';
import { solutionPolicy } from '../../testing/chat-endpoint/solution-policy.js';
import type { Output } from '../output.js';
import { playRuns } from '../run/play-runs.js';
import type { PlayedRun } from '../run/played-run.js';
import { exitCodeOf, printRuns } from '../run/run-report.js';
import { RunTicker } from '../run/run-ticker.js';

const TASK = 'reference/breast-cancer';
/** Agents that ship, one for each dialect. */
const AGENTS = ['default', 'tools'];
const NO_LIMITS = { taskUsd: 0, totalUsd: 0, taskTokens: 0, contextTokens: 0, timeMs: 0 };

/**
 * Lets agents play a task, in text and with calls of tools, against an endpoint that says a recorded solution: everything of a real
 * run but the model.
 * @param pack the reference pack, whose solutions the endpoint knows
 * @param root where the runs are kept
 * @returns whether every run came to its end
 */
export async function playAgentDemo(client: EnvClient, pack: string, root: string, output: Output): Promise<boolean> {
  await using endpoint = await ChatEndpoint.start(solutionPolicy(await readSolutions(pack)));
  const task = await client.describeTask(TASK);
  output.line(
    `${output.style('heading', task.task)}  played by agents in both dialects, their model a stand-in on ${endpoint.url}`,
  );
  const model = await createModel('stand-in', { baseUrl: endpoint.url });
  const never = new AbortController().signal;
  const settings = { base_url: endpoint.url };
  const play = async (name: string): Promise<PlayedRun[]> => {
    const config = await loadAgentConfig(name);
    const { played, fault } = await playRuns(client, {
      task,
      config,
      model: async () => model,
      settings,
      arguments: {
        task: task.task,
        seed: null,
        maxSteps: null,
        where: 'the demo',
        model: model.name,
        settings,
        temperature: null,
        topP: null,
        costLimit: 0,
        totalCostLimit: 0,
        agent: name,
        config,
        suffix: 'demo',
        runs: 1,
      },
      options: {},
      limits: NO_LIMITS,
      root: path.resolve(root),
      runs: 1,
      atOnce: 1,
      view: () => new RunTicker(output, name.padEnd(7), NO_LIMITS),
      finish: never,
      drop: never,
    });
    if (fault !== null) throw fault;
    return played;
  };
  const played = (await Promise.all(AGENTS.map(play))).flat();
  printRuns(played, output);
  return exitCodeOf(played) === 0;
}
