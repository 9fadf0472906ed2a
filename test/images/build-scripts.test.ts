import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/config.js';
import { DOCKER_DIR, run } from './run.js';

/** As Dockerfiles write it. */
const BASE = ['$', '{BASE}'].join('');
const build = path.join(DOCKER_DIR, 'build.sh');
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'gymsmith-images-'));
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

async function filesNamed(pattern: RegExp): Promise<string[]> {
  const entries = await readdir(DOCKER_DIR, { recursive: true });
  return entries.filter((entry) => pattern.test(entry)).map((entry) => path.join(DOCKER_DIR, entry));
}

describe('the scripts of docker/', () => {
  it('are executable and parse', async () => {
    const scripts = await filesNamed(/\.sh$/);
    expect(scripts.length).toBeGreaterThanOrEqual(8);
    for (const script of scripts) {
      expect((await stat(script)).mode & 0o111, script).toBe(0o111);
      expect(await run('bash', ['-n', script]), script).toEqual({ code: 0, stdout: '', stderr: '' });
    }
  });

  it('build on nothing that only a registry has', async () => {
    for (const file of await filesNamed(/(^|\/)Dockerfile$/)) {
      const text = await readFile(file, 'utf8');
      const stages = [...text.matchAll(/ AS (\w+)$/gm)].map((match) => match[1]);
      const froms = [...text.matchAll(/^FROM (\S+)/gm)].map((match) => match[1]);
      expect(text).toContain('ARG BASE=gymsmith/base:bookworm\n');
      expect(text).not.toContain('# syntax=');
      for (const from of froms.filter((name) => name !== BASE)) expect(stages, file).toContain(from);
    }
  });
});

describe('build.sh', () => {
  it('does nothing when image and root filesystem are current', async () => {
    const stamp = path.join(readConfig().rootfs, 'etc', 'gymsmith-release');
    const before = await stat(stamp);
    const result = await run(build, ['cpu', '--rootfs', readConfig().rootfs]);
    expect(result.stderr.match(/is current/g)).toHaveLength(2);
    expect(result.code).toBe(0);
    expect(await stat(stamp)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  it('leaves a directory alone that is not a root filesystem of its own [B1]', async () => {
    const directory = path.join(scratch, 'precious');
    await mkdir(directory);
    await writeFile(path.join(directory, 'thesis.txt'), 'years of work');
    const result = await run(build, ['cpu', '--rootfs', directory]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`${directory} exists and is not a Gymsmith root filesystem`);
    expect(await readdir(directory)).toEqual(['thesis.txt']);
    expect((await readdir(scratch)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('keeps a replaced root filesystem while a sandbox has it mounted', async () => {
    const rootfs = path.join(scratch, 'roots', 'cpu');
    const replaced = path.join(scratch, 'roots', '.cpu.old.1');
    await mkdir(path.join(rootfs, 'etc'), { recursive: true });
    await mkdir(path.join(replaced, 'usr'), { recursive: true });
    await copyFile(path.join(readConfig().rootfs, 'etc/gymsmith-release'), path.join(rootfs, 'etc/gymsmith-release'));

    const inside = [
      '--ro-bind',
      '/',
      '/',
      '--ro-bind',
      path.join(replaced, 'usr'),
      '/mnt',
      '--',
      'sh',
      '-c',
      'echo up; cat',
    ];
    const sandbox = spawn('bwrap', inside, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(sandbox, 'exit');
    await once(sandbox.stdout, 'data');
    const kept = await run(build, ['cpu', '--rootfs', rootfs]);
    expect(kept.stderr).toContain(`${replaced} is in use by a running sandbox`);
    expect(await readdir(replaced)).toEqual(['usr']);

    sandbox.stdin.end();
    await ended;
    await run(build, ['cpu', '--rootfs', rootfs]);
    expect(await readdir(path.dirname(rootfs))).toEqual(['cpu']);
  });

  it.each([
    [['cppu'], 'unknown argument: cppu'],
    [['gpu', '--no-docker'], 'Leave out: gpu'],
    [['cpu', 'gpu', '--rootfs', '/nowhere'], 'one directory cannot hold several images'],
  ])('refuses %j and says why [B1]', async (args, message) => {
    const result = await run(build, args);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(message);
  });

  it('says what to do when no Docker engine answers [B1]', async () => {
    const result = await run(build, ['cpu'], { DOCKER_HOST: `unix://${scratch}/no.sock` });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('docker/build.sh --no-docker');
  });
});

describe('find-mirror.sh', () => {
  it('prefers what the user names over what apt is set to', async () => {
    const result = await run(path.join(DOCKER_DIR, 'base', 'find-mirror.sh'), [], {
      GYMSMITH_DEBIAN_MIRROR: 'http://mirror.example/debian/',
      GYMSMITH_DEBIAN_SECURITY_MIRROR: 'http://mirror.example/security',
    });
    expect(result.stdout).toBe('http://mirror.example/debian\nhttp://mirror.example/security\n');
  });
});

describe('compose.yaml', () => {
  it('pulls nothing, asks for a token, and gives the engine the paths that the server sees', async () => {
    const { services } = parse(await readFile(path.join(DOCKER_DIR, 'compose.yaml'), 'utf8'));
    const { server } = services;
    expect(server.pull_policy).toBe('never');
    expect(server.environment.GYMSMITH_TOKEN).toMatch(/^\$\{GYMSMITH_TOKEN:\?/);
    expect(server.ports[0]).toMatch(/:-127\.0\.0\.1:8765\}:8765$/);
    const shared = server.volumes.filter((volume: { target: string }) => volume.target !== '/var/run/docker.sock');
    expect(shared).toHaveLength(2);
    for (const volume of shared) expect(volume.source).toBe(volume.target);
  });
});
