import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DockerBackend } from '../../src/sandbox/docker/docker-sandbox.js';
import { SandboxError } from '../../src/sandbox/sandbox.js';
import { conformanceSpec } from './conformance-spec.js';
import { EngineProxy } from './engine-proxy.js';
import { testRunDir } from './run-dir.js';
import { Shell } from './shell.js';

const runDir = testRunDir('faults');
const spec = conformanceSpec(`test-faults-${randomBytes(4).toString('hex')}`);

let proxy: EngineProxy;

beforeEach(async () => {
  proxy = await new EngineProxy().open();
});

afterEach(() => proxy.close());

afterAll(async () => {
  const backend = new DockerBackend({ runDir });
  for (const { id } of await backend.list(spec.labels)) await backend.destroy(id);
  await backend.removeUnusedFiles();
  await backend.close();
  await rm(runDir, { recursive: true, force: true });
});

describe('a Docker engine that fails', () => {
  it('is said to be out of reach, with what to do about it [B1] [B4]', async () => {
    await proxy.goAway();
    const backend = new DockerBackend({ runDir, engines: [{ host: proxy.host }] });
    expect(await backend.probe()).toMatchObject({ available: false, remedy: expect.stringContaining('start it') });
    const error = await backend.create(spec).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SandboxError);
    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining(proxy.host) });
    await backend.destroy('sb-00000000000000000000');
    await backend.close();
  });

  it('is asked again when it breaks connections, and the sandbox is made once [B4]', async () => {
    const backend = new DockerBackend({ runDir, engines: [{ host: proxy.host, reach: 'bind' }] });
    proxy.breaks = 2;
    const sandbox = await backend.create(spec);
    expect(await new Shell(sandbox).text('echo made')).toBe('made\n');
    expect((await backend.list(spec.labels)).length).toBe(1);
    await sandbox.destroy();
    await backend.close();
  });

  it('is passed over for another one that works [B4]', async () => {
    const broken = await new EngineProxy().open();
    await broken.goAway();
    const engines = [
      { host: broken.host, reach: 'bind' as const },
      { host: proxy.host, reach: 'bind' as const },
    ];
    const backend = new DockerBackend({ runDir, engines });
    const sandbox = await backend.create(spec);
    expect(await new Shell(sandbox).text('echo elsewhere')).toBe('elsewhere\n');
    await sandbox.destroy();
    await backend.close();
    await broken.close();
  });

  it('may restart below a sandbox on another machine: commands go on, and their results arrive [B4]', async () => {
    const backend = new DockerBackend({ runDir, engines: [{ host: proxy.host, reach: 'relay' }] });
    const sandbox = await backend.create(spec);
    const shell = new Shell(sandbox);
    const running = shell.run('echo begun; sleep 1; echo done', { commandId: 'through-it' });
    await shell.until('begun', running, 'through-it');
    await proxy.goAway();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await proxy.open();
    expect((await running).text).toBe('begun\ndone\n');
    expect(await shell.text('echo on')).toBe('on\n');
    await sandbox.destroy();
    await backend.close();
  });

  it('does not take sandboxes with it that share directories with this machine [B4]', async () => {
    const backend = new DockerBackend({ runDir, engines: [{ host: proxy.host, reach: 'bind' }] });
    const sandbox = await backend.create(spec);
    await proxy.goAway();
    expect(await new Shell(sandbox).text('echo untouched')).toBe('untouched\n');
    await proxy.open();
    await sandbox.destroy();
    expect(await backend.list(spec.labels)).toEqual([]);
    await backend.close();
  });

  it('is refused when its address is none, with those that are [B1]', async () => {
    const backend = new DockerBackend({ runDir, engines: [{ host: 'ssh://root@gpu2' }] });
    await expect(backend.create(spec)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('unix:///path or tcp://host:port'),
    });
    expect(await backend.probe()).toMatchObject({ available: false });
    await backend.close();
  });

  it('has no GPUs to give that it does not have [E6]', async () => {
    const backend = new DockerBackend({ runDir, engines: [{ host: proxy.host, gpus: ['GPU-a'] }] });
    const withGpu = { ...spec, resources: { ...spec.resources, gpus: ['GPU-b'] } };
    await expect(backend.create(withGpu)).rejects.toMatchObject({ code: 'resources' });
    await backend.close();
    const unaware = new DockerBackend({ runDir });
    await expect(unaware.create(withGpu)).rejects.toMatchObject({ code: 'resources' });
    await unaware.close();
  });
});
