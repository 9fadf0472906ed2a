import { access, constants, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { freemem, totalmem } from 'node:os';
import path from 'node:path';
import type { Config } from '../../config.js';
import type { Check, CheckResult } from './check.js';
import { runProgram } from './run-program.js';

const GIB = 2 ** 30;
const LEAST_FREE_DISK_BYTES = 5 * GIB;
const LEAST_FREE_MEMORY_BYTES = 4 * GIB;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Programs that everything needs. */
export const checkPrograms: Check = async () => {
  const python = await runProgram('python3', ['--version']);
  return [
    {
      name: 'Node.js',
      status: isSupportedNode(process.versions.node) ? 'ok' : 'warn',
      detail: process.versions.node,
      purpose: 'runs the server',
      remedy: isSupportedNode(process.versions.node) ? null : 'Install Node.js 20.19 or newer: https://nodejs.org',
    },
    {
      name: 'Python',
      status: python === null ? 'missing' : 'ok',
      detail: python?.replace(/^Python /, '') ?? 'no python3 in the path',
      purpose: 'Python clients and trainers; sandboxes bring their own',
      remedy: python === null ? 'apt-get install python3' : null,
    },
  ];
};

/** Room on disk and in memory, and directories that must be writable. */
export const checkStorage: Check = async (config) => [
  await checkDisk(config.stateDir),
  checkMemory(),
  await checkWritable('State directory', config.stateDir, 'ledger, caches, root file systems', 'GYMSMITH_STATE_DIR'),
  await checkWritable('Run directory', config.runDir, 'sockets of live sandboxes', 'GYMSMITH_RUN_DIR'),
];

/** Whether a server could be started with these settings. */
export const checkServing: Check = async (config) => {
  const isLoopback = LOOPBACK.has(config.host);
  const isGuarded = config.token !== undefined;
  const fault = await tryPort(config);
  return [
    {
      name: 'Token',
      status: isGuarded || isLoopback ? 'ok' : config.allowUnauthenticated ? 'warn' : 'missing',
      detail: isGuarded ? 'set' : isLoopback ? 'none; the server is reachable from this machine only' : 'none',
      purpose: `keeps strangers out; required beyond loopback (host ${config.host})`,
      remedy: isGuarded || isLoopback ? null : 'export GYMSMITH_TOKEN=$(openssl rand -hex 24)',
    },
    {
      name: 'Port',
      status: fault === null ? 'ok' : 'warn',
      detail: fault ?? `${config.host}:${config.port} is free`,
      purpose: 'the server listens there',
      remedy: fault === null ? null : 'Choose another: --port or GYMSMITH_PORT. Is a server running already?',
    },
  ];
};

async function checkDisk(directory: string): Promise<CheckResult> {
  const stats = await statfs(await nearestExisting(directory)).catch(() => null);
  const freeBytes = stats ? stats.bavail * stats.bsize : 0;
  const isEnough = freeBytes >= LEAST_FREE_DISK_BYTES;
  return {
    name: 'Disk',
    status: isEnough ? 'ok' : 'warn',
    detail: `${inGib(freeBytes)} free at ${directory}`,
    purpose: 'images, root file systems, datasets, trajectories',
    remedy: isEnough ? null : `Free some: at least ${inGib(LEAST_FREE_DISK_BYTES)} are advised.`,
  };
}

function checkMemory(): CheckResult {
  const isEnough = freemem() >= LEAST_FREE_MEMORY_BYTES;
  return {
    name: 'Memory',
    status: isEnough ? 'ok' : 'warn',
    detail: `${inGib(freemem())} free of ${inGib(totalmem())}`,
    purpose: 'each sandbox may use what its task says, 4 GiB by default',
    remedy: isEnough ? null : 'Run fewer episodes at once: --max-episodes',
  };
}

async function checkWritable(name: string, directory: string, purpose: string, variable: string): Promise<CheckResult> {
  const existing = await nearestExisting(directory);
  const isWritable = await access(existing, constants.W_OK).then(
    () => true,
    () => false,
  );
  const isMade = existing === directory;
  return {
    name,
    status: isWritable ? 'ok' : 'missing',
    detail: isWritable ? `${directory}${isMade ? '' : ' (will be made)'}` : `${existing} is not writable`,
    purpose,
    remedy: isWritable ? null : `Choose a directory of yours: export ${variable}=...`,
  };
}

async function nearestExisting(directory: string): Promise<string> {
  for (let current = directory; ; current = path.dirname(current)) {
    const exists = await access(current).then(
      () => true,
      () => false,
    );
    if (exists || current === path.dirname(current)) return current;
  }
}

function tryPort({ host, port }: Config): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? `${host}:${port} is taken` : `${host}:${port}: ${error.message}`),
    );
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

function isSupportedNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

function inGib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
