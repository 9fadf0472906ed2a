import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { DOCKER_DIR, run } from './run.js';

interface Probe {
  release: { image: string; version: string; content: string };
  agent: unknown[];
  evaluator: unknown[];
  groups: Record<string, number>;
  group_shown: string;
  places: Record<string, [mode: string, uid: number, gid: number]>;
  programs: Record<string, boolean>;
  python: [number, number];
  privileged: string[];
  samples: string[];
  packages: string[];
}

const rootfs = readConfig().rootfs;

async function probe(file: string, args: readonly string[]): Promise<Probe> {
  const script = await readFile(path.join(import.meta.dirname, 'probe.py'), 'utf8');
  const result = await run(file, [...args, 'python3', '-c', script]);
  expect(result.stderr).toBe('');
  return JSON.parse(result.stdout) as Probe;
}

describe.each([
  ['image', 'docker', ['run', '--rm', '--network', 'none', '--read-only', 'gymsmith/cpu:latest']],
  ['root filesystem', 'bwrap', ['--ro-bind', rootfs, '/', '--dev', '/dev', '--proc', '/proc', '--unshare-net', '--']],
] as const)('the CPU %s', (_name, file, args) => {
  let found: Probe;
  beforeAll(async () => {
    found = await probe(file, args);
  });

  it('has the users that run the agent and the evaluator', () => {
    expect(found.agent).toEqual([61000, 61000, '/home/agent', '/bin/bash']);
    expect(found.evaluator).toEqual([61001, 61001, '/bin/bash']);
    expect(found.groups).toEqual({ agent: 61000, mlgym: 61000, evaluator: 61001 });
    expect(found.group_shown).toBe('mlgym');
  });

  it('has the places that sandboxes mount over and write to, with their owners', () => {
    expect(found.places).toEqual({
      '/home/agent': ['drwxr-xr-x', 61000, 61000],
      '/home/agent/workspace': ['drwxr-xr-x', 61000, 61000],
      '/home/agent/commands': ['drwxr-xr-x', 61000, 61000],
      '/run/gymsmith': ['drwx------', 0, 0],
      '/run/gymsmith-tools': ['drwxr-xr-x', 0, 0],
      '/opt/gymsmith/envd': ['drwxr-xr-x', 0, 0],
      '/mnt': ['drwxr-xr-x', 0, 0],
      '/tmp': ['drwxrwxrwt', 0, 0],
    });
  });

  it('imports the libraries on a read-only disk without a network and has the programs of a shell', () => {
    const { sudo, ...programs } = found.programs;
    expect(Object.values(programs)).not.toContain(false);
    expect(sudo).toBe(false);
    expect(found.python).toEqual([3, 11]);
  });

  it('holds no program that runs with the rights of another user [B5]', () => {
    expect(found.privileged).toEqual([]);
  });

  it('holds no samples or texts of which a task may hide parts [B5]', () => {
    expect(found.samples).toEqual([]);
  });
});

describe('the root filesystem of local sandboxes', () => {
  it('is what the image is, package by package', async () => {
    const label = '{{index .Config.Labels "org.gymsmith.content"}}';
    const [image, tree, inspected] = await Promise.all([
      probe('docker', ['run', '--rm', '--network', 'none', 'gymsmith/cpu:latest']),
      probe('bwrap', ['--ro-bind', rootfs, '/', '--dev', '/dev', '--proc', '/proc', '--unshare-net', '--']),
      run('docker', ['image', 'inspect', '--format', label, 'gymsmith/cpu:latest']),
    ]);
    expect(tree).toEqual(image);
    expect(image.release).toMatchObject({ image: 'cpu', content: inspected.stdout.trim() });
  });

  it('names nothing of the machine that built it', async () => {
    const texts = ['etc/resolv.conf', 'etc/hosts', 'etc/hostname', 'etc/machine-id'].map((file) =>
      readFile(path.join(rootfs, file), 'utf8'),
    );
    expect(await Promise.all(texts)).toEqual([
      '',
      '127.0.0.1 localhost gymsmith\n::1 localhost ip6-localhost ip6-loopback\n',
      'gymsmith\n',
      '',
    ]);
    const sources = await readFile(path.join(rootfs, 'etc/apt/sources.list.d/debian.sources'), 'utf8');
    const own = await run('bash', [path.join(DOCKER_DIR, 'base', 'find-mirror.sh'), '--default']);
    expect(sources.match(/^URIs: .*$/gm)).toEqual(
      own.stdout
        .trim()
        .split('\n')
        .map((address) => `URIs: ${address}`),
    );
  });
});

describe('packages.txt', () => {
  it('is installed in full', async () => {
    const list = await readFile(path.join(DOCKER_DIR, 'cpu', 'packages.txt'), 'utf8');
    const wanted = list.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const found = await run('docker', [
      'run',
      '--rm',
      '--network',
      'none',
      'gymsmith/cpu:latest',
      'dpkg',
      '-s',
      ...wanted,
    ]);
    expect(found.code).toBe(0);
    expect(found.stdout.match(/^Status: install ok installed$/gm)).toHaveLength(wanted.length);
  });
});
