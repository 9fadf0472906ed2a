import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { SandboxSpec } from '../sandbox.js';
import { markOfSandbox } from './local-process.js';
import type { LocalPaths } from './local-record.js';
import { NVIDIA_DIRECTORY, type NvidiaFiles } from './nvidia-files.js';

/** Number of the agent's user and group, in every image. */
export const AGENT_UID = 61_000;

/** Directory of `envd` inside every sandbox. */
export const ENVD_DIRECTORY = '/opt/gymsmith/envd';

/** What the daemon needs of root's rights: to become other users, to signal them, to write files for them. */
export const DAEMON_CAPABILITIES: readonly string[] = [
  'SETUID',
  'SETGID',
  'KILL',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'SYS_PTRACE',
];

/** Places whose contents in the root file system do not matter: they are made anew, or left empty. */
const NOT_FROM_ROOTFS = new Set(['dev', 'proc', 'sys', 'run', 'tmp', 'home', 'boot', 'lost+found', '.dockerenv']);
/** Empty directories below which data can be mounted. */
const MOUNT_PARENTS = ['mnt', 'media', 'srv'];

/** Directories of the sandbox's disk and where they appear. */
const DISK_DIRECTORIES = [
  { name: 'home', path: '/home/agent' },
  { name: 'tmp', path: '/tmp' },
  { name: 'var_tmp', path: '/var/tmp' },
  // The agent's commands, and the full outputs of what it ran.
  { name: 'tools', path: '/run/gymsmith-tools' },
] as const;

export interface BwrapOptions {
  id: string;
  spec: SandboxSpec;
  rootfs: string;
  envd: string;
  paths: LocalPaths;
  /** Whether the daemon is root inside, and so can tell itself from the agent. */
  isRoot: boolean;
  nvidia: NvidiaFiles | null;
  /** Descriptors that bubblewrap inherits. */
  infoFd: number;
  seccompFd: number | null;
}

/** Arguments of bubblewrap for one sandbox, the daemon's command line included. */
export async function bwrapArguments(options: BwrapOptions): Promise<string[]> {
  const { spec, paths, isRoot, seccompFd } = options;
  return [
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(spec.network === 'none' ? ['--unshare-net'] : []),
    // Without a reaper of bubblewrap's the daemon is process 1: whatever ends it ends the sandbox.
    ...['--as-pid-1', '--new-session', '--hostname', 'gymsmith', '--info-fd', String(options.infoFd)],
    ...(seccompFd === null ? [] : ['--seccomp', String(seccompFd)]),
    ...(isRoot
      ? ['--cap-drop', 'ALL', ...DAEMON_CAPABILITIES.flatMap((name) => ['--cap-add', `CAP_${name}`])]
      : ['--unshare-user', '--disable-userns', '--uid', String(AGENT_UID), '--gid', String(AGENT_UID)]),
    ...(await rootArguments(options.rootfs)),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...tmpfs('/dev/shm', Math.ceil(spec.resources.memoryBytes / 2), '1777'),
    ...['--perms', '0755', '--dir', '/home', '--perms', '0755', '--dir', '/run'],
    ...(options.nvidia === null ? [] : nvidiaArguments(options.nvidia)),
    ...['--remount-ro', '/dev'],
    ...DISK_DIRECTORIES.flatMap((directory) => ['--bind', path.join(paths.disk, directory.name), directory.path]),
    ...['--bind', paths.runDir, '/run/gymsmith'],
    ...['--ro-bind', options.envd, ENVD_DIRECTORY],
    ...(spec.network === 'open' ? ['--ro-bind-try', '/etc/resolv.conf', '/etc/resolv.conf'] : []),
    ...parents([...spec.mounts, ...(spec.writable ?? [])].map((mount) => mount.path)),
    ...spec.mounts.flatMap((mount) => ['--ro-bind', mount.hostPath, mount.path]),
    ...(spec.writable ?? []).flatMap((mount) => ['--bind', mount.hostPath, mount.path]),
    ...['--remount-ro', '/', '--chdir', '/', '--clearenv', ...environment(options)],
    ...['--', ...daemonCommand(options)],
  ];
}

/** The root file system entry by entry, so that mount points can be made beside its directories. */
async function rootArguments(rootfs: string): Promise<string[]> {
  const args: string[] = [];
  for (const entry of await readdir(rootfs, { withFileTypes: true })) {
    if (NOT_FROM_ROOTFS.has(entry.name)) continue;
    const source = path.join(rootfs, entry.name);
    if (entry.isSymbolicLink()) args.push('--symlink', await readlink(source), `/${entry.name}`);
    else if (MOUNT_PARENTS.includes(entry.name)) args.push('--perms', '0755', '--dir', `/${entry.name}`);
    else args.push('--ro-bind', source, `/${entry.name}`);
  }
  return args;
}

function tmpfs(directory: string, bytes: number, mode: string): string[] {
  return ['--perms', mode, '--size', String(bytes), '--tmpfs', directory];
}

/** The directories above mount points; bubblewrap would make them for root alone. */
function parents(paths: readonly string[]): string[] {
  const all = new Set<string>();
  for (const place of paths) {
    for (let at = path.posix.dirname(place); at !== '/'; at = path.posix.dirname(at)) all.add(at);
  }
  return [...all].sort().flatMap((directory) => ['--perms', '0755', '--dir', directory]);
}

function nvidiaArguments({ devices, libraries, programs }: NvidiaFiles): string[] {
  return [
    ...parents([`${NVIDIA_DIRECTORY}/lib/x`, `${NVIDIA_DIRECTORY}/bin/x`]),
    ...devices.flatMap((device) => ['--dev-bind', device, `/dev/${path.basename(device)}`]),
    ...libraries.flatMap(({ name, hostPath }) => ['--ro-bind', hostPath, `${NVIDIA_DIRECTORY}/lib/${name}`]),
    ...programs.flatMap(({ name, hostPath }) => ['--ro-bind', hostPath, `${NVIDIA_DIRECTORY}/bin/${name}`]),
  ];
}

function environment({ spec, nvidia }: BwrapOptions): string[] {
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const variables: Record<string, string> = {
    PATH: nvidia === null ? path : `${path}:${NVIDIA_DIRECTORY}/bin`,
    LANG: 'C.UTF-8',
  };
  if (nvidia !== null) {
    variables.LD_LIBRARY_PATH = `${NVIDIA_DIRECTORY}/lib`;
    variables.NVIDIA_VISIBLE_DEVICES = spec.resources.gpus.join(',');
  }
  return Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value]);
}

/** Tells the daemon what programs get beside what the image sets. */
export function environmentArguments({ environment }: Pick<SandboxSpec, 'environment'>): string[] {
  return environment ? ['--environment', JSON.stringify(environment)] : [];
}

function daemonCommand({ id, spec, isRoot }: BwrapOptions): string[] {
  return [
    ...['python3', '-I', '-S', ...markOfSandbox(id), `${ENVD_DIRECTORY}/envd.py`],
    ...['--socket', '/run/gymsmith/envd.sock', '--run-dir', '/run/gymsmith'],
    ...['--lifetime-ms', String(spec.lifetimeMs), ...(isRoot ? [] : ['--single-user'])],
    ...environmentArguments(spec),
  ];
}
