import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { type BwrapOptions, bwrapArguments } from './bwrap-arguments.js';

/** What a sandbox gets where that may be given, however few this process has. */
const OPEN_FILES = 65_536;
/** With fewer the shell of the agent cannot start, and every command would seem to fail by itself. */
const LEAST_OPEN_FILES = 512;

/**
 * Joins the control groups, then leaves this machine's mount namespace, so that the disk of the sandbox needs no mount that
 * anybody would have to undo: it ends with the last process that sees it.
 */
const LAUNCH = `set -e
[ "$(ulimit -n)" -ge ${OPEN_FILES} ] 2>/dev/null || ulimit -n ${OPEN_FILES} 2>/dev/null || true
if [ "$(ulimit -n)" -lt ${LEAST_OPEN_FILES} ] 2>/dev/null; then
  echo "a sandbox needs ${LEAST_OPEN_FILES} open files, this server may have $(ulimit -n): start it with ulimit -n 65536" >&2
  exit 1
fi
groups=$1 userns=$2; shift 2
for group in $groups; do echo 0 > "$group"; done
exec unshare $userns --mount --propagation private sh -c '
set -e
disk=$1 options=$2 limits=$3; shift 3
mount -n -t tmpfs -o "$options" gymsmith "$disk"
mkdir -m 1777 "$disk/tmp" "$disk/var_tmp"
mkdir -m 0755 "$disk/home" "$disk/home/workspace" "$disk/tools"
[ "$(id -u)" != 0 ] || chown -R 61000:61000 "$disk/home" 2>/dev/null || true
exec $limits bwrap "$@"' sh "$@"`;

export interface LaunchOptions extends Omit<BwrapOptions, 'infoFd' | 'seccompFd'> {
  /** Files into which the sandbox writes itself to come under its limits; empty: limits of single processes instead. */
  groupFiles: readonly string[];
  /** A compiled filter of system calls. */
  seccompFile: string | null;
}

/** Starts a local sandbox; it lives on when this process ends. */
export async function launchLocal(options: LaunchOptions): Promise<ChildProcess> {
  const { paths, spec, isRoot, groupFiles, seccompFile } = options;
  const files: FileHandle[] = [];
  try {
    const log = await open(paths.log, 'a', 0o600);
    files.push(log);
    const info = await open(paths.info, 'w', 0o600);
    files.push(info);
    const seccomp = seccompFile === null ? null : await open(seccompFile, 'r');
    if (seccomp !== null) files.push(seccomp);
    const args = await bwrapArguments({ ...options, infoFd: 3, seccompFd: seccomp === null ? null : 4 });
    const disk = `size=${spec.resources.diskBytes},mode=0755,nosuid,nodev`;
    const child = spawn(
      'sh',
      [
        ...['-c', LAUNCH, 'sh', groupFiles.join(' '), isRoot ? '' : '--user --map-root-user'],
        ...[paths.disk, disk, groupFiles.length > 0 ? '' : processLimits(options)],
        ...args,
      ],
      {
        cwd: '/',
        detached: true,
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
        stdio: ['ignore', log.fd, log.fd, info.fd, ...(seccomp === null ? [] : [seccomp.fd])],
      },
    );
    await once(child, 'spawn');
    child.unref();
    return child;
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

/**
 * What can be limited without control groups: the memory of each process, and the number of processes where the sandbox has
 * a user namespace in which they are counted. Programs for GPUs reserve far more addresses than they use.
 */
function processLimits({ spec, isRoot }: LaunchOptions): string {
  const { memoryBytes, pids, gpus } = spec.resources;
  const limits = [...(gpus.length > 0 ? [] : [`--as=${memoryBytes}`]), ...(isRoot ? [] : [`--nproc=${pids}`])];
  return limits.length === 0 ? '' : `prlimit ${limits.join(' ')} --`;
}
