import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type Docker from 'dockerode';
import { type DockerEngine, engineStatus } from './docker-engine.js';

const LABEL = 'gymsmith.files';
const FILL_DEADLINE_MS = 600_000;

/** A file or directory of this machine and its place in a volume; the empty name is the volume itself. */
export interface VolumePart {
  name: string;
  hostPath: string;
}

/**
 * Brings files of this machine to an engine that does not see them, as a volume named after what it holds. One that is there
 * already is used again.
 * @param image any image that the engine has
 * @returns the name of the volume
 */
export async function ensureVolume(engine: DockerEngine, parts: readonly VolumePart[], image: string): Promise<string> {
  const hash = await hashParts(parts);
  const name = `gymsmith-files-${hash}`;
  const making = underWay.get(engine) ?? new Map<string, Promise<void>>();
  underWay.set(engine, making);
  // A second filling would write to files that the first one's sandboxes read by then.
  const made = making.get(name) ?? makeVolume(engine, name, hash, parts, image).finally(() => making.delete(name));
  making.set(name, made);
  await made;
  return name;
}

const underWay = new WeakMap<DockerEngine, Map<string, Promise<void>>>();

async function makeVolume(
  engine: DockerEngine,
  name: string,
  hash: string,
  parts: readonly VolumePart[],
  image: string,
): Promise<void> {
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
  if (isComplete) return;
  const labels = { [LABEL]: hash, 'gymsmith.created_at_ms': String(Date.now()) };
  await engine.call('create', (docker) => docker.createVolume({ Name: name, Labels: labels }));
  await fill(engine, name, parts, image);
  await engine.call('create', (docker) => docker.createVolume({ Name: complete, Labels: labels }));
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

async function fill(engine: DockerEngine, volume: string, parts: readonly VolumePart[], image: string): Promise<void> {
  const staging = await stage(parts);
  try {
    const mount = { Type: 'volume' as const, Source: volume, Target: '/target', ReadOnly: false };
    const container = await engine.call('create', (docker) =>
      docker.createContainer({
        Image: image,
        Cmd: ['true'],
        Labels: { [LABEL]: volume },
        HostConfig: { NetworkMode: 'none', Mounts: [mount] },
      }),
    );
    try {
      await sendTree(staging, container);
    } finally {
      const remove = (docker: Docker) => docker.getContainer(container.id).remove({ force: true });
      await engine.call('remove', remove).catch(() => {});
    }
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Unpacks a directory of this machine into the volume of a container. */
async function sendTree(directory: string, container: Docker.Container): Promise<void> {
  // Links are followed: what they point to may not exist where the volume is.
  const options = ['-C', directory, '--dereference', '--owner=0', '--group=0', '--exclude=__pycache__', '-c', '.'];
  const tar = spawn('tar', options, { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      tar.once('close', resolve);
      tar.once('error', reject);
    });
    // Waited for only after the engine has taken it all.
    ended.catch(() => {});
    const signal = AbortSignal.timeout(FILL_DEADLINE_MS);
    await container.putArchive(tar.stdout, { path: '/target', abortSignal: signal });
    const code = await ended;
    if (code !== 0) throw new Error(`tar ended with ${code}: a file could not be read, or changed meanwhile`);
  } finally {
    tar.kill('SIGKILL');
  }
}

/** A directory of links to the parts, each in its place. */
async function stage(parts: readonly VolumePart[]): Promise<string> {
  const staging = await mkdtemp(path.join(tmpdir(), 'gymsmith-volume-'));
  for (const { name, hostPath } of parts) {
    if (name !== '') {
      await mkdir(path.dirname(path.join(staging, name)), { recursive: true, mode: 0o755 });
      await symlink(hostPath, path.join(staging, name));
      continue;
    }
    for (const entry of await readdir(hostPath)) await symlink(path.join(hostPath, entry), path.join(staging, entry));
  }
  await chmod(staging, 0o755);
  return staging;
}

async function hashParts(parts: readonly VolumePart[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, hostPath } of parts) {
    hash.update(`${name}\0${await describeFile(hostPath)}\n`);
    const entries = await readdir(hostPath, { recursive: true }).catch(() => []);
    for (const entry of entries.filter((each) => !each.includes('__pycache__')).sort()) {
      hash.update(`${entry}\0${await describeFile(path.join(hostPath, entry))}\n`);
    }
  }
  return hash.digest('hex').slice(0, 24);
}

async function describeFile(file: string): Promise<string> {
  const { size, mtimeMs, mode } = await stat(file).catch(() => ({ size: -1, mtimeMs: 0, mode: 0 }));
  return `${size} ${mtimeMs} ${mode}`;
}
