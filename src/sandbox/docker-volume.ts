import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type DockerEngine, engineStatus } from './docker-engine.js';

const LABEL = 'gymsmith.files';
const FILL_DEADLINE_MS = 600_000;

/**
 * Brings a directory of this machine to an engine that does not see it, as a volume named after its contents. One that is
 * there already is used again.
 * @param image any image that the engine has
 * @returns the name of the volume
 */
export async function ensureVolume(engine: DockerEngine, directory: string, image: string): Promise<string> {
  const hash = await hashTree(directory);
  const name = `gymsmith-files-${hash}`;
  // Volumes cannot be renamed or relabelled; a second, empty one says that the first is complete.
  const complete = `gymsmith-complete-${hash}`;
  const isComplete = await engine.call('read', async (docker) => {
    try {
      await docker.getVolume(complete).inspect();
      await docker.getVolume(name).inspect();
      return true;
    } catch (error) {
      if (engineStatus(error) === 404) return false;
      throw error;
    }
  });
  if (isComplete) return name;
  const labels = { [LABEL]: hash, 'gymsmith.created_at_ms': String(Date.now()) };
  await engine.call('create', (docker) => docker.createVolume({ Name: name, Labels: labels }));
  await fill(engine, name, directory, image);
  await engine.call('create', (docker) => docker.createVolume({ Name: complete, Labels: labels }));
  return name;
}

/** Removes volumes that no container uses and that were made before. Never rejects. */
export async function removeUnusedVolumes(engine: DockerEngine, madeBeforeMs: number): Promise<void> {
  try {
    const { Volumes: volumes } = await engine.call('read', (docker) =>
      docker.listVolumes({ filters: { label: [LABEL], dangling: ['true'] } }),
    );
    // The marker goes first: a volume without one is filled again, one with a marker is trusted.
    const old = (volumes ?? []).filter(({ Labels }) => Number(Labels?.['gymsmith.created_at_ms'] ?? 0) < madeBeforeMs);
    for (const volume of old.sort((a, b) => a.Name.localeCompare(b.Name))) {
      await engine.call('remove', (docker) => docker.getVolume(volume.Name).remove()).catch(() => {});
    }
  } catch {
    // They are tried again the next time.
  }
}

async function fill(engine: DockerEngine, volume: string, directory: string, image: string): Promise<void> {
  const container = await engine.call('create', (docker) =>
    docker.createContainer({
      Image: image,
      Cmd: ['true'],
      Labels: { [LABEL]: volume },
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [{ Type: 'volume', Source: volume, Target: '/target', ReadOnly: false }],
      },
    }),
  );
  try {
    const tar = spawn('tar', ['-C', directory, '--owner=0', '--group=0', '-c', '.'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      tar.once('close', resolve);
      tar.once('error', reject);
    });
    try {
      const signal = AbortSignal.timeout(FILL_DEADLINE_MS);
      await container.putArchive(tar.stdout, { path: '/target', abortSignal: signal });
      const code = await ended;
      if (code !== 0) throw new Error(`tar ended with ${code} on ${directory}`);
    } finally {
      tar.kill('SIGKILL');
    }
  } finally {
    await engine.call('remove', (docker) => docker.getContainer(container.id).remove({ force: true })).catch(() => {});
  }
}

async function hashTree(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('__pycache__'));
  for (const file of files.sort()) {
    const { size, mtimeMs, mode } = await stat(file).catch(() => ({ size: -1, mtimeMs: 0, mode: 0 }));
    hash.update(`${path.relative(directory, file)}\0${size}\0${mtimeMs}\0${mode}\n`);
  }
  return hash.digest('hex').slice(0, 24);
}
