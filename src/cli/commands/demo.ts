import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { EnvClient } from '../../client/index.js';
import { type Config, PROJECT_ROOT } from '../../config.js';
import { CliError } from '../cli-error.js';
import { addServerFlags, configOf, type ServerFlags } from '../config-flags.js';
import { DemoProgress } from '../demo/demo-progress.js';
import { printReport } from '../demo/demo-report.js';
import { newRun, playSolution } from '../demo/solution-run.js';
import type { SynthesizedPack } from '../demo/synthesis-demo.js';
import { startGymServer } from '../gym/start-gym-server.js';
import { Output } from '../output.js';
import { type PlayScript, readScript } from '../play/play-script.js';
import { printAddresses, printGym } from './serve.js';

interface Flags extends ServerFlags {
  keep?: boolean;
  agents: boolean;
  sampling: boolean;
  synthesis: boolean;
  out: string;
}

/** One task for each of three kinds: a table to predict, code to write, a policy to train. */
const TASKS = ['few-shot-digits', 'sat-branching', 'cart-swing-up'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const REFERENCE = path.join(PROJECT_ROOT, 'packs', 'reference');
const SOLUTIONS = path.join(REFERENCE, 'solutions');

/** `gymsmith demo` */
export function demoCommand(): Command {
  const command = new Command('demo')
    .description(
      'make tasks out of three topics, play recorded solutions to them and to reference tasks, let agents play one, then sample trajectories and make a dataset of them; needs no account',
    )
    .argument('[tasks...]', `tasks of the reference pack; default: ${TASKS.join(' ')}`)
    .option('--no-synthesis', 'make no tasks out of topics')
    .option('--no-agents', 'let no agents play')
    .option('--no-sampling', 'sample no trajectories, and make no dataset of them')
    .option(
      '--out <directory>',
      'where the synthesis, the runs of the agents, the samples and the dataset are kept',
      path.join('trajectories', 'demo'),
    )
    .option('--keep', 'leave the server up afterwards and say how to connect');
  return addServerFlags(command, { withPacks: false })
    .addHelpText(
      'after',
      '\nThe exit code is 1 when a solution does not beat its baseline, an agent fails, or no dataset is made.',
    )
    .action(async (names: string[], flags: Flags) => {
      const output = new Output();
      const scripts = await Promise.all((names.length > 0 ? names : TASKS).map(readSolution));
      const given = { ...configOf(flags), packs: [REFERENCE] };
      const config = flags.keep || flags.port !== undefined ? given : { ...given, port: 0 };
      const isImproved = await runDemo(scripts, config, flags, output);
      if (!isImproved) process.exitCode = 1;
    });
}

function refuseStopped({ connection }: EnvClient): void {
  if (connection.isClosed) throw new CliError('The demo was stopped.', null, 130);
}

/** @returns what topics brought; nothing where none are wanted */
async function synthesize(config: Config, { synthesis, out }: Flags, output: Output): Promise<SynthesizedPack | null> {
  if (!synthesis) return null;
  const { synthesizeDemo } = await import('../demo/synthesis-demo.js');
  let stop = () => {};
  const onSignal = () => stop();
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    const made = await synthesizeDemo(config, path.resolve(out), output, (given) => {
      stop = given;
    });
    output.line();
    return made;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** @returns whether every solution beat its baseline, and every agent came to its end */
async function runDemo(recorded: PlayScript[], given: Config, flags: Flags, output: Output): Promise<boolean> {
  const [{ untilSignal }, { openGym }, { log }] = await Promise.all([
    import('../../server/main.js'),
    import('../gym/open-gym.js'),
    import('../../log.js'),
  ]);
  if (given.logLevel !== 'debug') log.level = 'error';
  const made = await synthesize(given, flags, output);
  const config = made ? { ...given, packs: [...given.packs, made.pack] } : given;
  const scripts = [...(made?.scripts ?? []), ...recorded];
  const gym = await openGym(config, { owner: 'demo', isDurable: false });
  const server = await startGymServer(gym, config);
  const client = await EnvClient.connect(server.url, { token: config.token }).catch(async (error) => {
    await server.stop();
    throw error;
  });
  let stopSampling = () => {};
  const stop = () => {
    stopSampling();
    client.detach();
    void server.stop();
    // The second call ends the wait for steps that run.
    void server.stop();
  };
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    printGym(gym, config, output);
    output.line();
    const runs = scripts.map(newRun);
    const progress = new DemoProgress(runs, output);
    await Promise.all(
      scripts.map((script, i) => playSolution(client, script, runs[i]!, () => progress.changed(runs[i]!))),
    );
    progress.stop();
    refuseStopped(client);
    output.line();
    printReport(runs, output);
    let isPlayed = true;
    if (flags.agents) {
      output.line();
      const { playAgentDemo } = await import('../demo/agent-demo.js');
      isPlayed = await playAgentDemo(client, REFERENCE, flags.out, output);
      refuseStopped(client);
    }
    if (flags.sampling) {
      output.line();
      const { sampleDemo } = await import('../demo/sampling-demo.js');
      const parts = { url: server.url, config, pack: REFERENCE, root: flags.out, output };
      const isSampled = await sampleDemo({
        ...parts,
        onStart: (drop) => {
          stopSampling = drop;
        },
      });
      refuseStopped(client);
      isPlayed = isPlayed && isSampled;
    }
    await client.close();
    if (flags.keep) {
      for (const signal of SIGNALS) process.off(signal, stop);
      output.line();
      printAddresses(server.url, config, output);
      await untilSignal(server);
    }
    return isPlayed && runs.every(({ failure }) => failure === null);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    await server.stop();
  }
}

function readSolution(name: string): Promise<PlayScript> {
  const bare = name.replace(/^reference\//, '').replace(/-v\d+$/, '');
  const known = readdirSync(SOLUTIONS).map((file) => path.basename(file, '.json'));
  if (!known.includes(bare)) {
    throw new CliError(`${name} is no task of the reference pack.`, `There are: ${known.sort().join(', ')}`, 2);
  }
  return readScript(path.join(SOLUTIONS, `${bare}.json`));
}
