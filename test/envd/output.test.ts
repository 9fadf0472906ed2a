import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from './raw-client.js';
import { StartedEnvd } from './started-envd.js';

let envd: StartedEnvd;
beforeAll(async () => {
  envd = await StartedEnvd.start();
});
afterAll(() => envd.stop());

describe('bounded output', () => {
  it('keeps head and tail and says what was left out, and where', async () => {
    const result = await envd.run('for i in {1..100000}; do echo $i; done', { keep_bytes: { head: 10, tail: 13 } });
    expect(result).toMatchObject({ output_bytes: 588_895, omitted_bytes: 588_872, omitted_at: 10, exit_code: 0 });
    expect(result.text).toBe('1\n2\n3\n4\n5\n99999\n100000\n');
  });

  it.each([
    [0, 0, ''],
    [0, 3, 'de\n'],
    [3, 0, 'abc'],
    [3, 3, 'abcde\n'],
    [100, 100, 'abcde\n'],
  ])('keeps %i and %i bytes', async (head, tail, text) => {
    const result = await envd.run('echo abcde', { keep_bytes: { head, tail } });
    expect(result).toMatchObject({ text, output_bytes: 6, omitted_bytes: 6 - text.length });
    expect(result.omitted_at).toBe(text.length < 6 ? head : null);
  });

  it('lays the whole of a long output where the agent reads it and cannot change it', async () => {
    const { log_path: log } = await envd.run('seq 1 50000', { keep_bytes: { head: 100, tail: 100 } });
    expect(
      await envd.text(`seq 1 50000 | cmp - ${log} && echo same; (echo x >> ${log}) 2>/dev/null || echo kept`),
    ).toBe('same\nkept\n');
    expect((await envd.run(`rm -f ${log}; test -e ${log} && echo there`)).text).toContain('there\n');
    expect((await envd.run('echo short')).log_path).toBeNull();
  });

  it('keeps few logs', async () => {
    for (let i = 0; i < 6; i++) await envd.run('echo long', { keep_bytes: { head: 0, tail: 0 } });
    expect(await envd.text('ls /run/gymsmith-tools/logs | wc -l')).toBe('4\n');
  });

  it('takes 100 MB without growing [B4]', async () => {
    const resident = async (): Promise<number> => {
      const children = await readFile(`/proc/${envd.child.pid}/task/${envd.child.pid}/children`, 'utf8');
      const status = await readFile(`/proc/${children.trim().split(' ')[0]}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    };
    await envd.run('head -c 5000000 /dev/zero');
    const before = await resident();
    const result = await envd.run('head -c 100000000 /dev/zero');
    expect(result).toMatchObject({ output_bytes: 100_000_000, omitted_bytes: 100_000_000 - 131_072 });
    expect((await resident()) - before).toBeLessThan(4096);
  });

  it('survives endless output in the background [B4]', async () => {
    await envd.run('yes > /dev/stdout &');
    const result = await envd.run('sleep 0.3; kill %1; echo done');
    expect(result.status).toBe('exited');
    expect(result.output_bytes).toBeGreaterThan(1_000_000);
    expect(await envd.text('echo calm')).toMatch(/calm\n$/);
  });
});

describe('streamed output', () => {
  it('comes in order, lump by lump, before the reply', async () => {
    const running = envd.run('echo one; sleep 0.2; echo two; sleep 0.2; seq 1 100000', {
      command_id: 'streamed',
      stream: true,
      keep_bytes: { head: 2 << 20, tail: 0 },
    });
    const first = await envd.client.event('output', (frame) => frame.header.command_id === 'streamed');
    expect(first.header.offset).toBe(0);
    expect(first.body.toString()).toBe('one\n');
    const result = await running;
    const lumps = envd.client.events.filter((frame) => frame.header.command_id === 'streamed');
    let offset = 0;
    for (const lump of lumps) {
      expect(lump.header.offset).toBe(offset);
      expect(lump.body.length).toBeLessThanOrEqual(256 << 10);
      offset += lump.body.length;
    }
    expect(Buffer.concat(lumps.map((lump) => lump.body)).toString()).toBe(result.text);
  });

  it('starts for whoever attaches where the command is', async () => {
    const running = envd.run('echo before; sleep 0.4; echo after', { command_id: 'joined' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const other = await RawClient.connect(envd.socket);
    const reply = await other.request('attach', { command_id: 'joined', stream: true });
    expect(reply.body.toString()).toBe('before\nafter\n');
    const lumps = other.events.filter((frame) => frame.header.event === 'output');
    expect(lumps.map((lump) => [lump.header.offset, lump.body.toString()])).toEqual([[7, 'after\n']]);
    other.close();
    await running;
  });
});
