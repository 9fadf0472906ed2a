import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Config, readConfig } from '../config.js';
import { CliError } from './cli-error.js';

/** Flags that stand over settings of the environment. */
export interface GymFlags {
  pack?: string[];
  backend?: Config['backend'];
  warm?: number;
}

/** Flags of a command that listens. */
export interface ServerFlags extends GymFlags {
  host?: string;
  port?: number;
  token?: string;
  tokenFile?: string;
  maxEpisodes?: number;
  maxSessions?: number;
  origin?: string[];
}

/** Adds the flags of a command that plays or serves tasks on this machine. */
export function addGymFlags(command: Command): Command {
  return addSandboxFlags(command.addOption(packOption()));
}

/** @returns the flag that names packs; one directory each time, so that it never takes the argument that follows */
export function packOption(): Option {
  const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value];
  return new Option(
    '--pack <directory>',
    'task pack to load, may be repeated (GYMSMITH_PACKS); default: the reference pack',
  ).argParser(collect);
}

function addSandboxFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--backend <name>', 'where sandboxes come from (GYMSMITH_BACKEND)').choices([
        'auto',
        'docker',
        'local',
      ]),
    )
    .option('--warm <n>', 'sandboxes kept ready per kind (GYMSMITH_WARM)', count(0));
}

/** Adds the flags of a command that listens. */
export function addServerFlags(command: Command, { withPacks = true } = {}): Command {
  (withPacks ? addGymFlags : addSandboxFlags)(command)
    .option('--host <address>', 'address to listen on (GYMSMITH_HOST); beyond 127.0.0.1 a token is required')
    .option('--port <n>', 'port to listen on, 0 for any (GYMSMITH_PORT)', count(0, 65_535))
    .option(
      '--token <token>',
      'token that clients must send (GYMSMITH_TOKEN); other users of the machine can see flags',
    )
    .option('--token-file <file>', 'file that holds the token')
    .option('--max-episodes <n>', 'live episodes at once (GYMSMITH_MAX_EPISODES)', count(1))
    .option('--max-sessions <n>', 'sessions at once (GYMSMITH_MAX_SESSIONS)', count(1))
    .option('--origin <origin...>', 'web pages that may connect, such as https://lab.example (GYMSMITH_ORIGINS)');
  return command;
}

/**
 * @returns the settings of the environment with the flags over them
 * @throws Error when a setting cannot be used
 */
export function configOf(flags: ServerFlags): Config {
  const config = readConfig();
  const given = {
    host: flags.host,
    port: flags.port,
    token: tokenOf(flags),
    origins: flags.origin,
    backend: flags.backend,
    packs: flags.pack?.map((directory) => path.resolve(directory)),
    warm: flags.warm,
    maxEpisodes: flags.maxEpisodes,
    maxSessions: flags.maxSessions,
  };
  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...config, ...chosen };
}

/** @returns a parser of a whole number of a flag */
export function count(least: number, most = Number.MAX_SAFE_INTEGER): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (Number.isInteger(number) && value.trim() !== '' && number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

function tokenOf({ token, tokenFile }: ServerFlags): string | undefined {
  if (token !== undefined && tokenFile !== undefined)
    throw new CliError('--token and --token-file exclude each other.');
  let given = token;
  if (tokenFile !== undefined) {
    try {
      given = readFileSync(tokenFile, 'utf8').trim();
    } catch (error) {
      throw new CliError(`The token file cannot be read: ${(error as Error).message}`);
    }
  }
  if (given !== undefined && given.length < 16) {
    throw new CliError('The token is too short: it has at least 16 characters.', 'Make one: openssl rand -hex 24');
  }
  return given;
}
