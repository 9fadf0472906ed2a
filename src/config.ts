import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const flag = z.stringbool().default(false);
const list = z
  .string()
  .default('')
  .transform((value) => value.split(',').filter(Boolean));

const Environment = z.object({
  GYMSMITH_HOST: z.string().default('127.0.0.1'),
  GYMSMITH_PORT: z.coerce.number().int().min(0).max(65_535).default(8765),
  GYMSMITH_TOKEN: z.string().min(16, 'a token has at least 16 characters').optional(),
  GYMSMITH_ORIGINS: list.describe('pages that may open connections, by origin'),
  GYMSMITH_BACKEND: z.enum(['auto', 'docker', 'local']).default('auto'),
  GYMSMITH_DOCKER_HOSTS: list.describe('Docker engines; empty: this machine, or DOCKER_HOST'),
  GYMSMITH_PACKS: list.describe('pack directories'),
  GYMSMITH_STATE_DIR: z.string().optional(),
  GYMSMITH_RUN_DIR: z.string().optional(),
  GYMSMITH_ROOTFS: z.string().optional(),
  GYMSMITH_MAX_SESSIONS: z.coerce.number().int().positive().default(1024),
  GYMSMITH_MAX_EPISODES: z.coerce.number().int().positive().default(512),
  GYMSMITH_WARM: z.coerce.number().int().min(0).default(2),
  GYMSMITH_GPUS: list.describe('UUIDs to lease; empty: all that nvidia-smi lists'),
  GYMSMITH_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).optional(),
  GYMSMITH_ALLOW_UNAUTHENTICATED: flag,
  GYMSMITH_PRICES: z.string().optional().describe('file of prices of models'),
  OPENAI_BASE_URL: z.string().optional().describe('endpoint of models'),
  OPENAI_API_KEY: z.string().optional(),
  XDG_STATE_HOME: z.string().optional(),
  HF_ENDPOINT: z.string().default('https://huggingface.co').describe('address of the Hub'),
  HF_TOKEN: z.string().optional(),
  HF_HUB_OFFLINE: flag.describe('ask the Hub nothing: what was fetched before is all there is'),
  GYMSMITH_HUB_VIEWER: z.string().optional().describe("address of the dataset viewer's API"),
  PIP_INDEX_URL: z.string().optional(),
  PIP_EXTRA_INDEX_URL: z.string().optional(),
  PIP_TRUSTED_HOST: z.string().optional(),
  PIP_CERT: z.string().optional(),
  SSL_CERT_FILE: z.string().optional(),
  HTTP_PROXY: z.string().optional(),
  HTTPS_PROXY: z.string().optional(),
  NO_PROXY: z.string().optional(),
  http_proxy: z.string().optional(),
  https_proxy: z.string().optional(),
  no_proxy: z.string().optional(),
});

/** Settings of a process, from its environment. Flags of a command override them. */
export interface Config {
  host: string;
  port: number;
  token: string | undefined;
  origins: string[];
  backend: 'auto' | 'docker' | 'local';
  /** Docker engines as `unix://` or `tcp://` addresses; empty: this machine's, or DOCKER_HOST. */
  dockerHosts: string[];
  packs: string[];
  /** Durable: ledger, images' root file systems, caches. */
  stateDir: string;
  /** Sockets of live sandboxes; short, because a socket path has at most 107 bytes. */
  runDir: string;
  /** Root file system of local sandboxes. */
  rootfs: string;
  maxSessions: number;
  maxEpisodes: number;
  /** Sandboxes kept ready per kind. */
  warm: number;
  gpus: string[];
  logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  allowUnauthenticated: boolean;
  /** Endpoint of models, up to and including `/v1`. */
  modelBaseUrl: string | undefined;
  modelApiKey: string | undefined;
  /** File of prices that stand over the built-in ones. */
  prices: string | undefined;
  network: NetworkSettings;
}

/** How a process reaches what it downloads. */
export interface NetworkSettings {
  hubUrl: string;
  hubToken: string | undefined;
  /** Address of the API of the Hub's dataset viewer; null for a Hub without one. */
  viewerUrl: string | null;
  /** Nothing may be asked of the Hub. */
  isOffline: boolean;
  /** Variables of pip that name an index. */
  pip: Readonly<Record<string, string>>;
  /** File of certificates to trust beside those that everybody trusts. */
  certificates: string | undefined;
  proxies: { http: string | undefined; https: string | undefined; no: string | undefined };
}

const HUB_VIEWER = 'https://datasets-server.huggingface.co';

/** Below it lie sockets, whose paths the kernel limits to 107 bytes. */
const MAX_RUN_DIR_BYTES = 60;

/** Root of the installed project: where `docker/` and `packs/` are. */
export const PROJECT_ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Settings of the environment that cannot be used; the message names each. */
class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads the settings; the only place that looks at environment variables.
 * @throws SettingsError naming the variable, its value's fault and the remedy
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  // As the shell has it: an empty variable says nothing.
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(set);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new SettingsError(`The environment holds settings that cannot be used:\n  ${faults.join('\n  ')}`);
  }
  const e = parsed.data;
  const stateDir = path.resolve(
    e.GYMSMITH_STATE_DIR ?? path.join(e.XDG_STATE_HOME ?? path.join(homedir(), '.local', 'state'), 'gymsmith'),
  );
  const uid = process.getuid?.() ?? 0;
  const runDir = path.resolve(
    e.GYMSMITH_RUN_DIR ?? (uid === 0 ? '/run/gymsmith' : path.join(tmpdir(), `gymsmith-${uid}`)),
  );
  if (Buffer.byteLength(runDir) > MAX_RUN_DIR_BYTES) {
    throw new SettingsError(
      `The run directory ${runDir} has a path too long for sockets below it. Name one of at most ${MAX_RUN_DIR_BYTES} bytes with GYMSMITH_RUN_DIR.`,
    );
  }
  return {
    host: e.GYMSMITH_HOST,
    port: e.GYMSMITH_PORT,
    token: e.GYMSMITH_TOKEN,
    origins: e.GYMSMITH_ORIGINS,
    backend: e.GYMSMITH_BACKEND,
    dockerHosts: e.GYMSMITH_DOCKER_HOSTS,
    packs: e.GYMSMITH_PACKS.length > 0 ? e.GYMSMITH_PACKS : [path.join(PROJECT_ROOT, 'packs', 'reference')],
    stateDir,
    runDir,
    rootfs: path.resolve(e.GYMSMITH_ROOTFS ?? path.join(stateDir, 'rootfs', 'cpu')),
    maxSessions: e.GYMSMITH_MAX_SESSIONS,
    maxEpisodes: e.GYMSMITH_MAX_EPISODES,
    warm: e.GYMSMITH_WARM,
    gpus: e.GYMSMITH_GPUS,
    // A person at a terminal wants what a command prints, and of the log what went wrong.
    logLevel: e.GYMSMITH_LOG_LEVEL ?? (process.stderr.isTTY ? 'warn' : 'info'),
    allowUnauthenticated: e.GYMSMITH_ALLOW_UNAUTHENTICATED,
    modelBaseUrl: e.OPENAI_BASE_URL,
    modelApiKey: e.OPENAI_API_KEY,
    prices: e.GYMSMITH_PRICES,
    network: networkOf(e),
  };
}

/** @returns the value of a variable that a person named as the place of a key; unset and empty ones are undefined */
export function readKey(variable: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return environment[variable] || undefined;
}

function networkOf(e: z.infer<typeof Environment>): NetworkSettings {
  const { PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_TRUSTED_HOST } = e;
  const pip = Object.entries({ PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_TRUSTED_HOST });
  const hubUrl = e.HF_ENDPOINT.replace(/\/+$/, '');
  // Mirrors have none of their own, and the one of the Hub knows nothing of a mirror.
  const viewerUrl = /^https?:\/\/(?:www\.)?huggingface\.co$/.test(hubUrl) ? HUB_VIEWER : null;
  return {
    hubUrl,
    hubToken: e.HF_TOKEN,
    viewerUrl: e.GYMSMITH_HUB_VIEWER?.replace(/\/+$/, '') ?? viewerUrl,
    isOffline: e.HF_HUB_OFFLINE,
    pip: Object.fromEntries(pip.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    certificates: e.PIP_CERT ?? e.SSL_CERT_FILE,
    proxies: {
      http: e.http_proxy ?? e.HTTP_PROXY,
      https: e.https_proxy ?? e.HTTPS_PROXY,
      no: e.no_proxy ?? e.NO_PROXY,
    },
  };
}
