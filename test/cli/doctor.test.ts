import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { type GroupedResult, workingBackends } from '../../src/cli/commands/doctor.js';
import { runCli } from './run-cli.js';

const Report = z.strictObject({
  version: z.literal(1),
  backends: z.array(z.enum(['docker', 'local'])),
  checks: z.array(
    z.strictObject({
      group: z.string(),
      name: z.string(),
      status: z.enum(['ok', 'warn', 'missing']),
      detail: z.string().min(1),
      purpose: z.string().min(1),
      remedy: z.string().nullable(),
    }),
  ),
});

it('reports as one JSON document what is there; what is missing says how to get it [B1]', async () => {
  const run = await runCli(['doctor', '--json']);
  const { backends, checks } = Report.parse(JSON.parse(run.stdout));
  expect(run.code).toBe(0);
  expect(backends).toEqual(['docker', 'local']);
  const names = checks.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      'Node.js',
      'Docker engine',
      'Image gymsmith/cpu',
      'bubblewrap',
      'NVIDIA GPUs',
      'Token',
      'Port',
    ]),
  );
  expect(checks.filter(({ status, remedy }) => status === 'missing' && remedy === null)).toEqual([]);
});

it('prints a line for each, and that episodes can run [B1]', async () => {
  const run = await runCli(['doctor']);
  expect(run.stdout).toMatch(/^ {2}ok\s+Docker engine\s+\d+\./m);
  expect(run.stdout).toContain('Ready: episodes can run (docker, local)');
});

it('ends with code 1 when no backend works [B1]', async () => {
  const empty = await mkdtemp(path.join(tmpdir(), 'gymsmith-doctor-'));
  const env = {
    DOCKER_HOST: 'unix:///nowhere.sock',
    GYMSMITH_ROOTFS: path.join(empty, 'none'),
    GYMSMITH_HOST: '0.0.0.0',
  };
  const run = await runCli(['doctor', '--json'], { env });
  await rm(empty, { recursive: true });
  const { backends, checks } = Report.parse(JSON.parse(run.stdout));
  expect([run.code, backends]).toEqual([1, []]);
  const missing = checks.filter(({ status }) => status === 'missing').map(({ name }) => name);
  expect(missing).toEqual(expect.arrayContaining(['Docker engine', 'Root file system', 'Local backend', 'Token']));
});

it('calls a backend working that has all it needs, also with warnings', () => {
  const result = (name: string, status: GroupedResult['status']): GroupedResult => {
    return { group: 'g', name, status, detail: 'd', purpose: 'p', remedy: null };
  };
  const engine = result('Docker engine', 'ok');
  expect(workingBackends([engine, result('Image gymsmith/cpu', 'warn')])).toEqual(['docker']);
  expect(workingBackends([engine, result('Image gymsmith/cpu', 'missing')])).toEqual([]);
  expect(workingBackends([result('Local backend', 'ok')])).toEqual(['local']);
});
