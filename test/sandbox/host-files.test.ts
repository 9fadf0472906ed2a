import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { flattenMounts } from '../../src/sandbox/flatten-mounts.js';
import { bwrapArguments } from '../../src/sandbox/local/bwrap-arguments.js';
import { Cgroups } from '../../src/sandbox/local/cgroups.js';
import { localPaths } from '../../src/sandbox/local/local-record.js';
import { findNvidiaFiles } from '../../src/sandbox/local/nvidia-files.js';
import { compileSeccompFilter } from '../../src/sandbox/local/seccomp-filter.js';
import { toySpec } from './toy-backend.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gymsmith-host-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function put(name: string, contents: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, name)), { recursive: true });
  await writeFile(path.join(root, name), contents);
}

const limits = { cpus: 1.5, memoryBytes: 1 << 30, pids: 64 };
const read = (name: string): Promise<string> => readFile(path.join(root, name), 'utf8');

describe('control groups', () => {
  it('of version 2 are made below the root when its controllers can be switched on [B4]', async () => {
    await put('proc/cgroup', '0::/user.slice/session.scope\n');
    await put('cgroup/cgroup.controllers', 'cpu memory pids');
    await put('cgroup/gymsmith/.keep', '');
    const groups = await Cgroups.find(path.join(root, 'cgroup'), path.join(root, 'proc/cgroup'));
    expect(groups?.version).toBe(2);
    expect(await read('cgroup/cgroup.subtree_control')).toBe('+memory +cpu +pids');
    const files = await groups!.create('sb-1', limits);
    expect(files).toEqual([path.join(root, 'cgroup/gymsmith/sb-1/cgroup.procs')]);
    expect(await read('cgroup/gymsmith/sb-1/memory.max')).toBe(String(1 << 30));
    expect(await read('cgroup/gymsmith/sb-1/memory.swap.max')).toBe('0');
    expect(await read('cgroup/gymsmith/sb-1/cpu.max')).toBe('150000 100000');
    expect(await read('cgroup/gymsmith/sb-1/pids.max')).toBe('64');
    expect(await groups!.list()).toContain('sb-1');
    await put('cgroup/gymsmith/sb-1/memory.events', 'low 0\noom 3\noom_kill 2\n');
    expect(await groups!.outOfMemoryKills('sb-1')).toBe(2);
  });

  it('of version 1 are made in each hierarchy [B4]', async () => {
    for (const name of ['memory', 'cpu', 'pids']) await put(`cgroup/${name}/gymsmith/${name}.stat`, '');
    const groups = await Cgroups.find(path.join(root, 'cgroup'), path.join(root, 'none'));
    expect(groups?.version).toBe(1);
    const files = await groups!.create('sb-1', limits);
    expect(files.length).toBe(3);
    expect(await read('cgroup/memory/gymsmith/sb-1/memory.limit_in_bytes')).toBe(String(1 << 30));
    expect(await read('cgroup/cpu/gymsmith/sb-1/cpu.cfs_quota_us')).toBe('150000');
    expect(await read('cgroup/pids/gymsmith/sb-1/pids.max')).toBe('64');
  });

  it('are done without where none can be made [B4]', async () => {
    expect(await Cgroups.find(path.join(root, 'nowhere'), path.join(root, 'none'))).toBeNull();
  });
});

describe('NVIDIA devices', () => {
  const information = (uuid: string, minor: number): string =>
    `Model: \t NVIDIA\nGPU UUID: \t ${uuid}\nDevice Minor: \t ${minor}\n`;

  beforeEach(async () => {
    await put('proc/driver/nvidia/gpus/0000:01:00.0/information', information('GPU-aaa', 0));
    await put('proc/driver/nvidia/gpus/0000:02:00.0/information', information('GPU-bbb', 3));
    for (const name of ['nvidia0', 'nvidia3', 'nvidiactl', 'nvidia-uvm']) await put(`dev/${name}`, '');
  });

  it('are found by the UUIDs of the leased GPUs, with the nodes that all of them need [E6]', async () => {
    const { devices } = await findNvidiaFiles(['GPU-bbb'], root);
    expect(devices.map((file) => path.basename(file))).toEqual(['nvidia3', 'nvidiactl', 'nvidia-uvm']);
  });

  it('that the driver does not know are refused by name [B1]', async () => {
    await expect(findNvidiaFiles(['GPU-ccc'], root)).rejects.toMatchObject({
      code: 'resources',
      message: expect.stringContaining('knows no GPU GPU-ccc (it knows: GPU-aaa, GPU-bbb)'),
    });
  });

  it('come into a local sandbox with the libraries and programs of the driver, and no other device does [E6]', async () => {
    const { devices } = await findNvidiaFiles(['GPU-bbb'], root);
    await mkdir(path.join(root, 'rootfs/usr'), { recursive: true });
    const args = await bwrapArguments({
      id: 'sb-1',
      spec: toySpec('a', ['GPU-bbb']),
      rootfs: path.join(root, 'rootfs'),
      envd: '/envd',
      paths: localPaths(root, 'sb-1'),
      isRoot: true,
      nvidia: {
        devices,
        libraries: [{ name: 'libcuda.so.1', hostPath: '/host/libcuda.so.555' }],
        programs: [{ name: 'nvidia-smi', hostPath: '/host/nvidia-smi' }],
      },
      infoFd: 3,
      seccompFd: null,
    });
    const line = args.join(' ');
    expect(args.filter((arg) => arg === '--dev-bind').length).toBe(3);
    expect(line).toContain(`--dev-bind ${root}/dev/nvidia3 /dev/nvidia3`);
    expect(line).not.toContain('nvidia0');
    expect(line).toContain('--ro-bind /host/libcuda.so.555 /run/nvidia/lib/libcuda.so.1');
    expect(line).toContain('--setenv LD_LIBRARY_PATH /run/nvidia/lib');
    expect(line).toContain('--setenv NVIDIA_VISIBLE_DEVICES GPU-bbb');
    expect(args.lastIndexOf('--dev-bind')).toBeLessThan(line.split(' ').indexOf('/dev', args.indexOf('--remount-ro')));
  });
});

describe('read-only mounts', () => {
  it('inside another one replace it by its entries, so that each has a place to be mounted [E2]', async () => {
    await put('data/a.csv', '');
    await put('data/sub/b.csv', '');
    await put('data/sub/c.csv', '');
    const outer = { hostPath: path.join(root, 'data'), path: '/w/data' };
    const inner = { hostPath: '/other', path: '/w/data/extra' };
    const deep = { hostPath: '/new-b.csv', path: '/w/data/sub/b.csv' };
    const sorted = (mounts: { path: string; hostPath: string }[]): string[] =>
      mounts.map((mount) => `${mount.path} < ${mount.hostPath.replace(root, '')}`).sort();
    expect(sorted(await flattenMounts([outer]))).toEqual(['/w/data < /data']);
    expect(sorted(await flattenMounts([outer, inner]))).toEqual([
      '/w/data/a.csv < /data/a.csv',
      '/w/data/extra < /other',
      '/w/data/sub < /data/sub',
    ]);
    expect(sorted(await flattenMounts([outer, inner, deep]))).toEqual([
      '/w/data/a.csv < /data/a.csv',
      '/w/data/extra < /other',
      '/w/data/sub/b.csv < /new-b.csv',
      '/w/data/sub/c.csv < /data/sub/c.csv',
    ]);
  });
});

describe('the filter of system calls', () => {
  it('is a whole program for the architectures that it knows, and none for others [B5]', () => {
    for (const architecture of ['x64', 'arm64']) {
      const program = compileSeccompFilter(architecture)!;
      expect(program.length % 8).toBe(0);
      expect(program.readUInt16LE(program.length - 8)).toBe(0x06);
      expect(program.readUInt32LE(program.length - 4)).toBe(0x7fff0000);
    }
    expect(compileSeccompFilter('riscv64')).toBeNull();
  });
});
