import path from 'node:path';
import { Command, Option } from 'commander';
import { PROJECT_ROOT } from '../../config.js';
import type { HubFaultName } from '../../testing/hub-stand-in/hub-fault.js';
import { CliError } from '../cli-error.js';
import { count } from '../config-flags.js';
import { Output } from '../output.js';
import { terminalText } from '../play/terminal-text.js';
import { addFault, checkFaults } from './fault-rates.js';
import { untilSignal } from './until-signal.js';

interface Flags {
  datasets: string;
  host: string;
  port: number;
  latencyMs: number;
  viewer: boolean;
  fault?: Partial<Record<HubFaultName, number>>;
  seed: number;
}

const DATASETS = path.join(PROJECT_ROOT, 'stand-ins', 'hub');

const EXAMPLES = `
Examples:
  gymsmith stand-in hub
  gymsmith stand-in hub --no-viewer --port 9000
  gymsmith stand-in hub --latency-ms 200 --fault rate_limit=0.1 --fault cut=0.02 --seed 7
  HF_ENDPOINT=http://127.0.0.1:8767 GYMSMITH_HUB_VIEWER=http://127.0.0.1:8767 gymsmith synth ...
  HF_ENDPOINT=http://127.0.0.1:8767 HF_TOKEN=hf_any gymsmith dataset push out --repo me/notes

A directory of datasets holds <owner>/<name>/ with README.md (the dataset card), the files that it names, and stand-in.yaml.
Faults: rate_limit server_error html not_ready slow cut cut_upload`;

/** `gymsmith stand-in hub` */
export function hubCommand(): Command {
  return new Command('hub')
    .description('the Hugging Face Hub and its dataset viewer: searches, datasets, files, rows, faults')
    .option('--datasets <directory>', 'repositories of datasets', DATASETS)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port to listen on, 0 for any', count(0, 65_535), 8767)
    .option('--latency-ms <n>', 'wait before every answer', count(0), 0)
    .option('--no-viewer', 'be a mirror that has no dataset viewer')
    .addOption(new Option('--fault <name=rate>', 'share of requests that fail so, may be repeated').argParser(addFault))
    .option('--seed <n>', 'which requests fail', count(0), 0)
    .addHelpText('after', EXAMPLES)
    .action(serveHub);
}

async function serveHub({ datasets, host, port, latencyMs, viewer, fault: rates = {}, seed }: Flags): Promise<void> {
  const output = new Output();
  const [{ HubStandIn }, { HUB_FAULTS }, { loadHubRepos }] = await Promise.all([
    import('../../testing/hub-stand-in/hub-stand-in.js'),
    import('../../testing/hub-stand-in/hub-fault.js'),
    import('../../testing/hub-stand-in/load-hub-repos.js'),
  ]);
  checkFaults(rates, Object.keys(HUB_FAULTS));
  const repos = await loadHubRepos(datasets).catch((error: Error) => {
    throw new CliError(error.message, 'Name another directory: --datasets.');
  });
  const hub = await HubStandIn.listen({
    host,
    port,
    latencyMs,
    hasViewer: viewer,
    faults: { rates, seed },
    onRequest: ({ method, url, status }) => output.line(terminalText(`${method} ${url}  ${status}`)),
  }).catch((error: Error) => {
    throw new CliError(
      `The stand-in cannot listen on ${host}:${port}: ${error.message}`,
      'Choose another: --port, 0 for any.',
    );
  });
  for (const repo of repos) hub.addRepo(repo);
  output.line(`${output.style('heading', 'listening')}  ${hub.url}`);
  output.line(`${output.style('heading', 'datasets')}   ${repos.length}, of ${datasets}`);
  const viewers = viewer ? ` GYMSMITH_HUB_VIEWER=${hub.url}` : '';
  output.line(`${output.style('heading', 'use it')}     HF_ENDPOINT=${hub.url}${viewers}`);
  await untilSignal();
  await hub.close();
}
