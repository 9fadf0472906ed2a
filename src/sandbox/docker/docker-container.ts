import type Docker from 'dockerode';
import { AGENT_UID, DAEMON_CAPABILITIES, ENVD_DIRECTORY, environmentArguments } from '../local/bwrap-arguments.js';
import type { SandboxRecord, SandboxSpec } from '../sandbox.js';
import type { DockerReach } from './docker-engine.js';
import type { ContainerMount } from './docker-mounts.js';

/** Prefix of every label. */
const LABEL = 'gymsmith.';
const ID = `${LABEL}id`;
const SPEC = `${LABEL}spec`;
const CREATED = `${LABEL}created_at_ms`;
const RESERVED = new Set([ID, SPEC, CREATED]);

/** Parts of the disk when it is made of file systems in memory, in sixteenths. */
const DISK_PARTS = { home: 11, tmp: 3, varTmp: 1, tools: 1 } as const;

export interface ContainerPlan {
  id: string;
  spec: SandboxSpec;
  reach: DockerReach;
  /** Bound to `/run/gymsmith`, when directories are shared. */
  runDir: string | null;
  /** What is mounted read-only. */
  mounts: readonly ContainerMount[];
  /** Whether the engine limits the size of the container's own layer; else the disk is in memory. */
  limitsLayer: boolean;
}

/** What the engine is told to make. */
export function containerOptions(plan: ContainerPlan): Docker.ContainerCreateOptions & { name: string } {
  const { id, spec, limitsLayer } = plan;
  const { cpus, memoryBytes, diskBytes, pids, gpus } = spec.resources;
  // Files in memory count as memory of the container, so they are granted beside what its programs may use.
  const limitBytes = limitsLayer ? memoryBytes : memoryBytes + diskBytes;
  return {
    name: id,
    Image: spec.image,
    Hostname: 'gymsmith',
    User: '0:0',
    WorkingDir: '/',
    Entrypoint: daemonCommand(spec),
    Cmd: [],
    Healthcheck: { Test: ['NONE'] } as Docker.HealthConfig,
    Labels: sandboxLabels(plan),
    AttachStdout: false,
    AttachStderr: false,
    HostConfig: {
      AutoRemove: true,
      NetworkMode: spec.network === 'none' ? 'none' : 'bridge',
      Memory: limitBytes,
      MemorySwap: limitBytes,
      NanoCpus: Math.round(cpus * 1e9),
      PidsLimit: pids,
      ShmSize: Math.ceil(memoryBytes / 2),
      ReadonlyRootfs: !limitsLayer,
      ...(limitsLayer ? { StorageOpt: { size: String(diskBytes) } } : {}),
      Tmpfs: memoryFileSystems(plan),
      Mounts: bindMounts(plan),
      CapDrop: ['ALL'],
      CapAdd: [...DAEMON_CAPABILITIES],
      SecurityOpt: ['no-new-privileges'],
      IpcMode: 'private',
      CgroupnsMode: 'private',
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
      ...(gpus.length > 0
        ? { DeviceRequests: [{ Driver: 'nvidia', DeviceIDs: [...gpus], Capabilities: [['gpu']] }] }
        : {}),
    } as Docker.HostConfig,
  };
}

/** Filter of the engine's list for sandboxes that carry all the labels. */
export function labelFilter(labels: Readonly<Record<string, string>>): string[] {
  return [ID, ...Object.entries(labels).map(([name, value]) => `${LABEL}${name}=${value}`)];
}

/** What the labels of a container say about its sandbox. */
export function recordOf(labels: Readonly<Record<string, string>>): SandboxRecord {
  const own = Object.entries(labels).filter(([name]) => name.startsWith(LABEL) && !RESERVED.has(name));
  return {
    id: labels[ID] ?? '',
    labels: Object.fromEntries(own.map(([name, value]) => [name.slice(LABEL.length), value])),
    createdAtMs: Number(labels[CREATED] ?? 0),
  };
}

/** The spec that a container was made from; null when it is none of ours. */
export function specOf(labels: Readonly<Record<string, string>>): SandboxSpec | null {
  const text = labels[SPEC];
  if (text === undefined) return null;
  return { ...(JSON.parse(text) as Omit<SandboxSpec, 'labels'>), labels: recordOf(labels).labels };
}

function sandboxLabels({ id, spec }: ContainerPlan): Record<string, string> {
  const { labels, ...rest } = spec;
  return {
    ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`${LABEL}${name}`, value])),
    [ID]: id,
    [SPEC]: JSON.stringify(rest),
    [CREATED]: String(Date.now()),
  };
}

function daemonCommand({ lifetimeMs, environment }: SandboxSpec): string[] {
  return [
    ...['python3', '-I', '-S', `${ENVD_DIRECTORY}/envd.py`, '--socket', '/run/gymsmith/envd.sock'],
    ...['--run-dir', '/run/gymsmith', '--lifetime-ms', String(lifetimeMs)],
    ...environmentArguments({ environment }),
  ];
}

function memoryFileSystems({ spec, reach, limitsLayer }: ContainerPlan): Record<string, string> {
  const options = (name: keyof typeof DISK_PARTS, mode: string): string => {
    const bytes = Math.floor((spec.resources.diskBytes * DISK_PARTS[name]) / 16);
    return `rw,exec,nosuid,nodev,size=${bytes},mode=${mode}`;
  };
  return {
    // The agent's commands, and the full outputs of what it ran.
    '/run/gymsmith-tools': options('tools', '0755'),
    ...(reach === 'relay' ? { '/run/gymsmith': 'rw,noexec,nosuid,nodev,mode=0700' } : {}),
    ...(limitsLayer
      ? {}
      : {
          '/home/agent': `${options('home', '0755')},uid=${AGENT_UID},gid=${AGENT_UID}`,
          '/tmp': options('tmp', '1777'),
          '/var/tmp': options('varTmp', '1777'),
        }),
  };
}

function bindMounts({ spec, runDir, mounts }: ContainerPlan): Docker.MountSettings[] {
  const all: Docker.MountSettings[] = mounts.map(({ source, path, isVolume }) => ({
    Type: isVolume ? 'volume' : 'bind',
    Source: source,
    Target: path,
    ReadOnly: true,
  }));
  for (const { hostPath, path } of spec.writable ?? []) {
    all.push({ Type: 'bind', Source: hostPath, Target: path, ReadOnly: false });
  }
  if (runDir !== null) all.push({ Type: 'bind', Source: runDir, Target: '/run/gymsmith', ReadOnly: false });
  return all;
}
