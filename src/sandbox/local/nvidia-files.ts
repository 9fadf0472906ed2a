import { execFile } from 'node:child_process';
import { access, readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { SandboxError } from '../sandbox.js';

const LDCONFIG_DEADLINE_MS = 10_000;

/** Where the driver's libraries and programs appear in a local sandbox. */
export const NVIDIA_DIRECTORY = '/run/nvidia';

/** Nodes that every GPU needs; those that a machine lacks are left out. */
const SHARED_DEVICES = ['nvidiactl', 'nvidia-uvm', 'nvidia-uvm-tools', 'nvidia-modeset'];
/** Libraries that belong to the driver, not to the CUDA toolkit, and so must be the machine's own. */
const DRIVER_LIBRARY = /^lib(cuda|cudadebugger|nvidia-[\w-]+|nvcuvid|nvoptix)\.so(\.|$)/;
const PROGRAMS = ['nvidia-smi', 'nvidia-debugdump'];

/** What a sandbox needs of this machine to use some of its NVIDIA GPUs. */
export interface NvidiaFiles {
  devices: string[];
  /** Name inside the library directory, and the file it stands for. */
  libraries: { name: string; hostPath: string }[];
  programs: { name: string; hostPath: string }[];
}

/**
 * Looks up the device nodes of GPUs by UUID, and the driver's own files.
 * @throws SandboxError `resources` when the driver does not know a GPU
 */
export async function findNvidiaFiles(uuids: readonly string[], root = '/'): Promise<NvidiaFiles> {
  const minors = await readMinors(path.join(root, 'proc/driver/nvidia/gpus'));
  const devices = uuids.map((uuid) => {
    const minor = minors.get(uuid);
    if (minor === undefined) {
      const known = [...minors.keys()].join(', ') || 'none';
      throw new SandboxError('resources', `the NVIDIA driver knows no GPU ${uuid} (it knows: ${known})`);
    }
    return `nvidia${minor}`;
  });
  return {
    devices: await existing([...devices, ...SHARED_DEVICES].map((name) => path.join(root, 'dev', name))),
    libraries: await findLibraries(),
    programs: await findPrograms(),
  };
}

async function readMinors(directory: string): Promise<Map<string, string>> {
  const minors = new Map<string, string>();
  for (const bus of await readdir(directory).catch(() => [])) {
    const text = await readFile(path.join(directory, bus, 'information'), 'utf8').catch(() => '');
    const uuid = /^GPU UUID:\s*(\S+)/m.exec(text)?.[1];
    const minor = /^Device Minor:\s*(\d+)/m.exec(text)?.[1];
    if (uuid !== undefined && minor !== undefined) minors.set(uuid, minor);
  }
  return minors;
}

async function findLibraries(): Promise<NvidiaFiles['libraries']> {
  const { stdout } = await promisify(execFile)('ldconfig', ['-p'], {
    timeout: LDCONFIG_DEADLINE_MS,
    env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' },
  }).catch(() => ({ stdout: '' }));
  const found = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const match = /^\s*(\S+) \(([^)]*)\) => (\S+)$/.exec(line);
    if (match === null || !DRIVER_LIBRARY.test(match[1]!) || !/x86-64|AArch64/.test(match[2]!)) continue;
    if (!found.has(match[1]!)) found.set(match[1]!, await realpath(match[3]!).catch(() => match[3]!));
  }
  return [...found].map(([name, hostPath]) => ({ name, hostPath }));
}

async function findPrograms(): Promise<NvidiaFiles['programs']> {
  const paths = await existing(PROGRAMS.map((name) => path.join('/usr/bin', name)));
  return paths.map((hostPath) => ({ name: path.basename(hostPath), hostPath }));
}

async function existing(paths: string[]): Promise<string[]> {
  const checks = paths.map((file) =>
    access(file).then(
      () => [file],
      () => [],
    ),
  );
  return (await Promise.all(checks)).flat();
}
