import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionDropped, EnvdConnection } from '../../src/sandbox/envd/envd-connection.js';
import { encodeFrame } from '../../src/sandbox/envd/envd-frame.js';
import { EnvdSandbox } from '../../src/sandbox/envd/envd-sandbox.js';
import { SandboxError } from '../../src/sandbox/sandbox.js';
import { FakeDaemon } from './fake-daemon.js';
import { toySpec } from './toy-backend.js';

let daemon: FakeDaemon;

beforeEach(async () => {
  daemon = await new FakeDaemon().start();
});

afterEach(() => daemon.stop());

const connect = (): Promise<EnvdSandbox> =>
  EnvdSandbox.connect('sb-1', toySpec('a'), daemon, AbortSignal.timeout(10_000));

const run = { timeoutMs: 5000, keepBytes: { head: 10, tail: 10 } };

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof SandboxError ? error.code : String(error)),
  );
}

/** Lets the connection drop once, at the first request of that kind. */
function dropOnce(op: string): void {
  let isDropped = false;
  daemon.handle = (frame, reply, socket) => {
    if (frame.header.op === op && !isDropped) {
      isDropped = true;
      socket.destroy();
    } else reply({});
  };
}

describe('a sandbox behind its daemon', () => {
  it('answers each request with its own reply, in whatever order they come [B4]', async () => {
    const waiting: (() => void)[] = [];
    daemon.handle = ({ header }, reply) => {
      waiting.unshift(() => reply({ size: 1, eof: true }, Buffer.from(String(header.path))));
      if (waiting.length === 20) for (const go of waiting) go();
    };
    const sandbox = await connect();
    const files = await Promise.all(Array.from({ length: 20 }, (_, index) => sandbox.getFile(`/f${index}`, 100)));
    expect(files.map((file) => Buffer.from(file).toString())).toEqual(Array.from({ length: 20 }, (_, i) => `/f${i}`));
    await sandbox.destroy();
  });

  it('asks again over a new connection what is safe to ask twice [B4]', async () => {
    dropOnce('mkdir');
    const sandbox = await connect();
    await sandbox.makeDirectory('/a', 0o755, 'agent');
    expect(daemon.connections).toBe(2);
    expect(daemon.seen.map((header) => header.op)).toEqual(['mkdir', 'mkdir']);
    await sandbox.destroy();
  });

  it('asks for a command again under the same id, so that it does not run twice [B4]', async () => {
    dropOnce('run');
    const sandbox = await connect();
    await sandbox.run('echo', { ...run, commandId: 'c1' });
    expect(daemon.seen.map((header) => header.command_id)).toEqual(['c1', 'c1']);
    await sandbox.destroy();
  });

  it('does not repeat an edit whose outcome it does not know [B4]', async () => {
    dropOnce('tool');
    const sandbox = await connect();
    expect(await codeOf(sandbox.tool({ name: 'edit', args: [] }))).toBe('io_error');
    expect(daemon.seen.length).toBe(1);
    await sandbox.destroy();
  });

  it('sends a file from its beginning again when the connection drops in the middle [B4]', async () => {
    let parts = 0;
    daemon.handle = ({ header }, reply, socket) => {
      if (header.op === 'put' && ++parts === 2) socket.destroy();
      else reply({});
    };
    const sandbox = await connect();
    const contents = new Uint8Array(9 << 20);
    await sandbox.putFiles([{ path: '/a', contents, mode: 0o644, user: 'agent' }]);
    expect(daemon.seen.map((header) => header.offset)).toEqual([0, 4 << 20, 0, 4 << 20, 8 << 20]);
    await sandbox.destroy();
  });

  it('gives up a request that ends every connection [B4]', async () => {
    daemon.handle = (_frame, _reply, socket) => socket.destroy();
    const sandbox = await connect();
    expect(await codeOf(sandbox.freeze())).toBe('io_error');
    await sandbox.destroy();
  });

  it('hands out repeated output only once [B4]', async () => {
    const sandbox = await connect();
    daemon.handle = ({ header }, reply) => {
      const output = (offset: number, text: string): void => {
        daemon.broadcast({ event: 'output', command_id: header.command_id, offset }, Buffer.from(text));
      };
      output(0, 'abc');
      output(0, 'abcd');
      output(2, 'cd');
      output(4, 'e');
      daemon.broadcast({ event: 'output', command_id: 'of another', offset: 0 }, Buffer.from('!'));
      reply({});
    };
    const seen: [string, number][] = [];
    const onOutput = (chunk: Uint8Array, offset: number): void => {
      seen.push([Buffer.from(chunk).toString(), offset]);
    };
    await sandbox.run('x', { ...run, commandId: 'c', onOutput });
    expect(seen).toEqual([
      ['abc', 0],
      ['d', 3],
      ['e', 4],
    ]);
    await sandbox.destroy();
  });

  it('does not wait for ever for a daemon that hangs [B4]', async () => {
    daemon.handle = () => {};
    const sandbox = await connect();
    expect(await codeOf(sandbox.attach('c', { timeoutMs: 50 }))).toBe('deadline');
    await sandbox.destroy();
  });

  it('is lost when another daemon answers in the place of its own [B4]', async () => {
    const sandbox = await connect();
    daemon.welcome = { ...daemon.welcome, instance: 'two' };
    daemon.dropAll();
    expect(await sandbox.lost).toContain('replaced');
    expect(await codeOf(sandbox.freeze())).toBe('lost');
    await sandbox.destroy();
  });

  it('is lost at once when the backend knows that it is gone, and for good when nobody answers any more [B4]', async () => {
    const sandbox = await connect();
    daemon.gone = 'it was killed';
    await daemon.stop();
    expect(await sandbox.lost).toBe('it was killed');
    await sandbox.destroy();
    daemon = await new FakeDaemon().start();
    const other = await connect();
    await daemon.stop();
    expect(await other.lost).toContain('does not answer any more');
    await other.destroy();
  });

  it('refuses a daemon of another version, and one that is none [B1]', async () => {
    daemon.welcome = { ...daemon.welcome, wire: 2 };
    await expect(connect()).rejects.toMatchObject({ code: 'protocol', message: expect.stringContaining('wire 2') });
    daemon.welcome = { hello: 'there' };
    await expect(connect()).rejects.toMatchObject({ code: 'protocol' });
  });

  it('keeps the deadline of a request that waits behind one that the daemon does not read [B4]', async () => {
    const deaf = new Duplex({ read() {}, write() {} });
    deaf.push(Buffer.concat(encodeFrame(daemon.welcome, new Uint8Array(0))));
    const connection = await EnvdConnection.open(deaf);
    const large = connection.request({ op: 'put' }, 60_000, new Uint8Array(1 << 20));
    const refused = expect(large).rejects.toBeInstanceOf(ConnectionDropped);
    await expect(connection.request({ op: 'thaw' }, 10)).rejects.toMatchObject({ code: 'deadline' });
    connection.close();
    await refused;
  });

  it('takes an answer that came in time, also when this process was held up past the deadline [B4]', async () => {
    const connection = await EnvdConnection.open(await daemon.connect(AbortSignal.timeout(10_000)));
    daemon.handle = (_frame, reply) => {
      reply({ done: true });
      const until = performance.now() + 50;
      while (performance.now() < until);
    };
    await expect(connection.request({ op: 'thaw' }, 20)).resolves.toMatchObject({ header: { done: true } });
    connection.close();
  });

  it('survives rubbish on the connection by taking a new one [B4]', async () => {
    const sandbox = await connect();
    let isFirst = true;
    daemon.handle = (_frame, reply, socket) => {
      if (isFirst) socket.write(Buffer.alloc(64, 0xff));
      else reply({});
      isFirst = false;
    };
    await sandbox.thaw();
    expect(daemon.connections).toBe(2);
    await sandbox.destroy();
  });

  it('tells the codes of the daemon apart, and keeps its words [B1]', async () => {
    const sandbox = await connect();
    const refuse = (code: string): void => {
      daemon.handle = (_frame, reply) => reply({ ok: false, error: { code, message: 'in its words' } });
    };
    for (const [code, ours] of [
      ['busy', 'busy'],
      ['no_such_file', 'no_such_file'],
      ['unknown_command', 'unknown_command'],
      ['internal', 'io_error'],
      ['bad_request', 'protocol'],
      ['something new', 'protocol'],
    ]) {
      refuse(code!);
      await expect(sandbox.freeze()).rejects.toMatchObject({ code: ours, message: 'in its words' });
    }
    await sandbox.destroy();
  });

  it('leaves the sandbox alone when it only gives up the connection [B4]', async () => {
    const sandbox = await connect();
    sandbox.disconnect();
    expect(await codeOf(sandbox.freeze())).toBe('unavailable');
    expect(daemon.destroyed).toBe(0);
  });

  it('is destroyed once, however often it is asked for, and rejects what is pending [B4]', async () => {
    daemon.handle = () => {};
    const sandbox = await connect();
    const pending = codeOf(sandbox.run('x', { ...run, commandId: 'c' }));
    await Promise.all([sandbox.destroy(), sandbox.destroy()]);
    expect(await pending).toBe('lost');
    expect(daemon.destroyed).toBe(1);
  });
});
