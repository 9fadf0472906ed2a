import path from 'node:path';
import { Command } from 'commander';
import type { Config } from '../../config.js';
import { CliError } from '../cli-error.js';
import { addServerFlags, configOf, type ServerFlags } from '../config-flags.js';
import type { Gym } from '../gym/open-gym.js';
import { startGymServer } from '../gym/start-gym-server.js';
import { Output } from '../output.js';

const EXAMPLES = `
Examples:
  gymsmith serve
  gymsmith serve --port 9000 --pack ./my-pack --pack ~/MLGym
  gymsmith serve --host 0.0.0.0 --token-file token.txt --origin https://lab.example

Ctrl-C takes no new episodes, waits for running steps and stops; a second one stops at once.`;

/** `gymsmith serve` */
export function serveCommand(): Command {
  const command = new Command('serve').description('serve tasks as environments over WebSocket and HTTP');
  return addServerFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ServerFlags) => {
      const config = configOf(flags);
      const output = new Output();
      const [{ checkExposure }, { untilSignal }, { openGym }] = await Promise.all([
        import('../../server/auth.js'),
        import('../../server/main.js'),
        import('../gym/open-gym.js'),
      ]);
      // Before anything is made that would have to be given back.
      checkExposure(config.host, config.token, config.allowUnauthenticated);
      const gym = await openGym(config, { owner: 'server', isDurable: true });
      printGym(gym, config, output);
      if (gym.registry.list().length === 0) {
        await gym.close();
        throw new CliError(
          'There is no task to serve.',
          'Name a pack that has sound tasks: --pack, or GYMSMITH_PACKS.',
        );
      }
      const server = await startGymServer(gym, config);
      gym.settle();
      printAddresses(server.url, config, output);
      await untilSignal(server);
    });
}

/** Says what a server has: backend, GPUs, tasks, and what is wrong with the packs. */
export function printGym(gym: Gym, config: Config, output: Output): void {
  const tasks = gym.registry.list();
  const packs = config.packs.map(shortPath).join(', ');
  output.line(`${output.style('heading', 'backend')}   ${gym.backend.backend.name}: ${gym.backend.why}`);
  output.line(`${output.style('heading', 'GPUs')}      ${gym.gpus.length === 0 ? 'none' : gym.gpus.length}`);
  output.line(`${output.style('heading', 'tasks')}     ${tasks.length} from ${packs}`);
  for (const fault of gym.faults) {
    const style = fault.severity === 'error' ? 'bad' : 'warn';
    output.line(`  ${output.style(style, fault.severity)} ${fault.text}`);
  }
}

/** @returns a path as one would type it from here: relative below the working directory, absolute elsewhere */
function shortPath(file: string): string {
  const relative = path.relative(process.cwd(), file) || '.';
  return relative.startsWith('..') ? path.resolve(file) : relative;
}

/** Says where a server can be reached, and how. */
export function printAddresses(url: string, config: Config, output: Output): void {
  const socket = url.replace(/^http/, 'ws');
  const isLoopback = /^(127\.|localhost|::1)/.test(config.host);
  const guard = config.token ? 'a token' : isLoopback ? 'nothing; only this machine can reach it' : 'NOTHING';
  output.line(
    `${output.style('heading', 'native')}    ${output.style('accent', `${socket}/v1/ws`)}  TypeScript: EnvClient.connect('${socket}')`,
  );
  output.line(
    `${output.style('heading', 'OpenEnv')}   ${output.style('accent', `${socket}/ws`)}     Python: GenericEnvClient(base_url='${url}')`,
  );
  output.line(`${output.style('heading', 'pages')}     ${url}/  ${url}/docs  ${url}/metrics`);
  output.line(`${output.style('heading', 'guard')}     ${guard}`);
  output.line(output.style('good', 'ready'));
}
