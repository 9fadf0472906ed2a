import { type ConnectionState, EnvClient } from '../../client/index.js';
import { CliError } from '../cli-error.js';
import { configOf, type GymFlags } from '../config-flags.js';
import { Output } from '../output.js';

/** Flags of a command that plays: on a server, or on this machine. */
export interface PlayFlags extends GymFlags {
  url?: string;
  token?: string;
  /** Play tasks without what only their programs need. */
  bare?: boolean;
}

/** A client and what stands behind it. */
export interface ConnectedGym {
  client: EnvClient;
  /** Where episodes run, in words. */
  where: string;
  /** Ends episodes, and the gym when it was opened for this client. Idempotent, never rejects. */
  close(): Promise<void>;
}

/**
 * Connects to the server of `--url`, or opens a gym inside this process and speaks to it over memory.
 * @throws RpcError, ClientError or CliError saying why there is none
 */
export async function connectGym(flags: PlayFlags): Promise<ConnectedGym> {
  if (flags.url !== undefined) {
    if (flags.bare)
      throw new CliError('--bare: the tasks of a server are as they are.', 'Leave out --url, or --bare.', 2);
    if (!/^(ws|http)s?:\/\//.test(flags.url) || !URL.canParse(flags.url)) {
      throw new CliError(`--url: ${flags.url} is no server address: it must look like ws://host:port`);
    }
    const token = flags.token ?? configOf({}).token;
    const client = await EnvClient.connect(flags.url, { token, onState: tellState(new Output(process.stderr)) });
    return { client, where: flags.url, close: () => client.close() };
  }
  const { openLocalGym } = await import('./local-gym.js');
  const gym = await openLocalGym(flags);
  const client = await gym.connect();
  const close = async () => {
    await client.close();
    await gym.close();
  };
  return { client, where: gym.where, close };
}

/** Says when a server is out of reach, and when it is there again: a step may wait for minutes meanwhile. */
function tellState(output: Output): (state: ConnectionState, cause?: Error) => void {
  let isLost = false;
  return (state, cause) => {
    if (state === 'draining') output.line(output.style('warn', 'The server is going down and takes no new episodes.'));
    if (state === 'reconnecting' && !isLost) {
      isLost = true;
      output.line(
        output.style('warn', `The connection is lost and is made again: ${cause?.message ?? 'no reason given'}`),
      );
    } else if (state === 'open' && isLost) {
      isLost = false;
      output.line(output.style('good', 'The connection is there again.'));
    }
  };
}
