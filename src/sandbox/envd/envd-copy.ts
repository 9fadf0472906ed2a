import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const COMPILE_DEADLINE_MS = 30_000;

/**
 * Copies the daemon's program to a directory named after its contents, compiled, and returns that. Sandboxes keep the program
 * that they were made with when the project is updated, start a third faster, and do not see where the project lies.
 * @param rootfs whose interpreter compiles; null: the program is left as it is
 */
export async function copyEnvd(source: string, runDir: string, rootfs: string | null): Promise<string> {
  const names = (await readdir(source)).filter((name) => name.endsWith('.py')).sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(`${name}\0`).update(await readFile(path.join(source, name)));
  const target = path.join(runDir, `envd-${hash.digest('hex').slice(0, 16)}${rootfs === null ? '' : 'c'}`);
  if (await isThere(target)) return target;
  const fresh = `${target}.${process.pid}.${performance.now()}`;
  await mkdir(fresh, { recursive: true, mode: 0o755 });
  try {
    for (const name of names) await copyFile(path.join(source, name), path.join(fresh, name));
    // The compiled form only saves time; where it cannot be made the daemon runs as well.
    if (rootfs !== null) await compile(fresh, rootfs).catch(() => {});
    await rename(fresh, target).catch(async (error: unknown) => {
      if (!(await isThere(target))) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return target;
}

async function compile(directory: string, rootfs: string): Promise<void> {
  const inside = '/opt/gymsmith/envd';
  const options = [
    '--ro-bind',
    rootfs,
    '/',
    '--bind',
    directory,
    inside,
    '--unshare-pid',
    '--unshare-net',
    '--die-with-parent',
  ];
  const command = ['python3', '-I', '-m', 'compileall', '-q', '--invalidation-mode', 'unchecked-hash', inside];
  await promisify(execFile)('bwrap', [...options, '--', ...command], { timeout: COMPILE_DEADLINE_MS });
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
