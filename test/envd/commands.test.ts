import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from './raw-client.js';
import { StartedEnvd } from './started-envd.js';

let envd: StartedEnvd;
beforeAll(async () => {
  envd = await StartedEnvd.start();
});
afterAll(() => envd.stop());

describe('results', () => {
  it('are kept until they are acknowledged; the same id never runs twice', async () => {
    const command = { command_id: 'once', command: 'echo ran >> runs; cat runs' };
    const first = await envd.client.request('run', command);
    const second = await envd.client.request('run', { ...command, command: 'echo something else' });
    expect(second.body.toString()).toBe('ran\n');
    expect({ ...second.header, id: 0 }).toEqual({ ...first.header, id: 0 });
    expect((await envd.client.request('attach', { command_id: 'once' })).body.toString()).toBe('ran\n');
    await envd.client.request('ack', { command_id: 'once' });
    expect(await envd.errorOf('attach', { command_id: 'once' })).toBe('unknown_command');
    expect((await envd.client.request('run', command)).body.toString()).toBe('ran\nran\n');
    await envd.client.request('ack', { command_id: 'once' });
  });

  it('wait for a client that was cut off while the command ran [B4]', async () => {
    const first = await RawClient.connect(envd.socket);
    first.request('run', { command_id: 'orphan', command: 'echo a; sleep 0.4; echo b' }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 150));
    first.close();
    const second = await RawClient.connect(envd.socket);
    expect(second.events[0]?.header.commands).toEqual([{ command_id: 'orphan', state: 'running' }]);
    expect((await second.request('attach', { command_id: 'orphan' })).body.toString()).toBe('a\nb\n');
    second.close();
    const third = await RawClient.connect(envd.socket);
    expect(third.events[0]?.header.commands).toEqual([{ command_id: 'orphan', state: 'finished' }]);
    expect((await third.request('run', { command_id: 'orphan', command: 'true' })).body.toString()).toBe('a\nb\n');
    await third.request('ack', { command_id: 'orphan' });
    third.close();
  });

  it('go to everybody who waits', async () => {
    const other = await RawClient.connect(envd.socket);
    const running = envd.client.request('run', { command_id: 'shared', command: 'sleep 0.2; echo same' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const attached = await other.request('attach', { command_id: 'shared' });
    expect(attached.body.toString()).toBe((await running).body.toString());
    other.close();
  });

  it('of the oldest commands go first when there are too many', async () => {
    for (let i = 0; i < 70; i++) await envd.client.request('run', { command_id: `many-${i}`, command: 'true' });
    expect(await envd.errorOf('attach', { command_id: 'many-5' })).toBe('unknown_command');
    expect((await envd.client.request('attach', { command_id: 'many-6' })).header.status).toBe('exited');
    for (let i = 6; i < 70; i++) await envd.client.request('ack', { command_id: `many-${i}` });
  });
});

describe('a connection', () => {
  it('is greeted with who is there', async () => {
    expect(envd.client.events[0]?.header).toMatchObject({
      event: 'welcome',
      wire: 1,
      agent_uid: 61_000,
      instance: expect.stringMatching(/^[0-9a-f]{16}$/),
      started_at_ms: expect.any(Number),
    });
  });

  it.each([
    ['a header that is no JSON', '{"id":'],
    ['a header that is no object', '[1]'],
    ['deeply nested JSON', '['.repeat(100_000)],
  ])('that sends %s is cut, alone [B1]', async (_what, header) => {
    const broken = await RawClient.connect(envd.socket);
    broken.send(header);
    await broken.closed;
    expect(await envd.text('echo fine')).toBe('fine\n');
  });

  it('that announces too much is cut [B1]', async () => {
    const broken = await RawClient.connect(envd.socket);
    broken.socket.write(Buffer.from([0, 0x20, 0, 0, 0, 0, 0, 0]));
    await broken.closed;
  });

  it('gets an error for what it may not ask, and stays [B1]', async () => {
    expect(await envd.errorOf('fly', {})).toBe('bad_request');
    expect(await envd.errorOf('get', { path: 7 })).toBe('bad_request');
    expect(await envd.errorOf('lifetime', { ms: -1 })).toBe('bad_request');
    expect(await envd.errorOf('run', { command_id: 'x', command: 'true', timeout_ms: true })).toBe('bad_request');
    envd.client.send({ op: 'state' });
    expect(await envd.text('echo fine')).toBe('fine\n');
  });

  it('may send its requests at once and byte by byte', async () => {
    const client = await RawClient.connect(envd.socket);
    const text = Buffer.from(JSON.stringify({ id: 77, op: 'put', path: '/home/agent/workspace/slow' }));
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32BE(text.length, 0);
    prefix.writeUInt32BE(4, 4);
    for (const byte of Buffer.concat([prefix, text, Buffer.from('slow')])) client.socket.write(Buffer.from([byte]));
    const replies = await Promise.all(Array.from({ length: 50 }, () => client.request('state')));
    expect(replies.every((reply) => reply.header.ok)).toBe(true);
    expect(await envd.read('slow')).toBe('slow');
    client.close();
  });

  it('that does not read holds up nobody', async () => {
    const lazy = await RawClient.connect(envd.socket);
    lazy.socket.pause();
    const keep = { head: 4 << 20, tail: 0 };
    lazy.request('run', { command_id: 'wide', command: 'head -c 4194304 /dev/zero', keep_bytes: keep }).catch(() => {});
    for (let i = 0; i < 40; i++) lazy.request('attach', { command_id: 'wide' }).catch(() => {});
    expect((await envd.client.request('attach', { command_id: 'wide' })).body.length).toBe(4 << 20);
    lazy.close();
    await envd.client.request('ack', { command_id: 'wide' });
  });
});

describe('control', () => {
  it('freezes and thaws everything of the agent; time stands still for its command [B5]', async () => {
    const running = envd.run('for i in 1 2 3 4; do sleep 0.1; echo tick >> ticks; done; echo finished', {
      timeout_ms: 1500,
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
    await envd.client.request('freeze');
    let looks = 0;
    const states = async () => {
      const look = {
        command_id: `look${looks++}`,
        argv: ['ps', '-u', 'agent', '-o', 'state='],
        cwd: '/',
        user: 'evaluator',
      };
      return new Set((await envd.client.request('exec', look)).body.toString().split(/\s+/));
    };
    // A process that waits for a processor counts as running until it meets the signal.
    await expect.poll(states).toEqual(new Set(['T', '']));
    const ticks = await envd.read('ticks').catch(() => '');
    await new Promise((resolve) => setTimeout(resolve, 1800));
    expect(await envd.read('ticks').catch(() => '')).toBe(ticks);
    expect(await envd.errorOf('run', { command_id: 'cold', command: 'true' })).toMatch(/busy/);
    await envd.client.request('thaw');
    expect(await running).toMatchObject({ status: 'exited', text: 'finished\n' });
  });

  it('leaves files alone while frozen, whatever commands the agent has queued [B5]', async () => {
    const script = [
      'import json, os, socket, struct, sys, time',
      'def call(name, args, text):',
      '    channel = socket.socket(socket.AF_UNIX)',
      "    channel.connect('/run/gymsmith-tools/tools.sock')",
      "    header = json.dumps({'name': name, 'args': args, 'cwd': os.getcwd()}).encode()",
      "    channel.sendall(struct.pack('>II', len(header), len(text)) + header + text)",
      '    return channel',
      "call('open', ['queued.txt'], b'').recv(1)",
      'calls = []',
      'for number in range(30):',
      "    calls.append(call('search_dir', ['nothing', '/usr/lib/python3.11'], b''))",
      "    calls.append(call('edit', ['1:1'], b'%d\\n' % number))",
      "open('ready', 'w')",
      'time.sleep(1000)',
    ];
    await envd.write('queue.py', script.join('\n'));
    await envd.write('queued.txt', 'start\n');
    await envd.run('(python3 queue.py &); until [ -e ready ]; do sleep 0.05; done');
    await envd.client.request('freeze');
    const before = await envd.read('queued.txt');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await envd.read('queued.txt')).toBe(before);
    expect(await envd.errorOf('tool', { name: 'open', args: ['queued.txt'] })).toBe('busy');
    await envd.client.request('thaw');
    await expect.poll(() => envd.read('queued.txt'), { timeout: 60_000 }).not.toBe(before);
    await envd.client.request('kill_agent');
    const killed = await envd.read('queued.txt');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await envd.read('queued.txt')).toBe(killed);
    expect(await envd.tool('open', ['queued.txt'])).toContain('queued.txt');
  });

  it('kills everything of the agent and gives a fresh shell in the same place', async () => {
    await envd.run('cd /tmp; setsid sleep 3001 & (sleep 3002 &); sleep 0.1');
    const running = envd.run('echo started; sleep 3003', { command_id: 'killed' });
    await new Promise((resolve) => setTimeout(resolve, 150));
    await envd.client.request('kill_agent');
    expect(await running).toMatchObject({ status: 'interrupted', shell_restarted: true, text: 'started\n' });
    expect((await envd.client.request('state')).header).toMatchObject({ cwd: '/tmp', processes: 0 });
    expect(await envd.run('pwd')).toMatchObject({ text: '/tmp\n', shell_restarted: false });
  });

  it('ends with its lifetime, whoever is connected, and takes everything along [B4]', async () => {
    const short = await StartedEnvd.start({ args: ['--lifetime-ms', '700'], isPid1: false });
    await short.run('setsid sleep 4001 & (sleep 4002 &) ; trap "" TERM');
    expect(await short.exited).toBe(0);
    expect(existsSync(short.socket)).toBe(false);
    await short.stop();
  });

  it('has its lifetime moved', async () => {
    const short = await StartedEnvd.start({ args: ['--lifetime-ms', '600'] });
    await short.client.request('lifetime', { ms: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(await short.text('echo alive')).toBe('alive\n');
    await short.client.request('lifetime', { ms: 10 });
    expect(await short.exited).toBe(0);
    await short.stop();
  });

  it('shuts down on request and on a signal', async () => {
    const first = await StartedEnvd.start();
    expect((await first.client.request('shutdown')).header.ok).toBe(true);
    expect(await first.exited).toBe(0);
    await first.stop();
  });

  it('works below another process 1', async () => {
    const second = await StartedEnvd.start({ isPid1: false });
    try {
      expect(await second.text('echo works; (setsid sleep 5001 &)')).toBe('works\n');
      expect((await second.run('sleep 5002 & (setsid sleep 5003 &); sleep 5004', { timeout_ms: 300 })).status).toBe(
        'timed_out',
      );
      expect(await second.text('pgrep -a -x sleep')).toMatch(/^(?:.*Killed.*\n)*\d+ sleep 5001\n$/);
      await second.client.request('kill_agent');
      expect((await second.client.request('state')).header.processes).toBe(0);
    } finally {
      await second.stop();
    }
  });
});
