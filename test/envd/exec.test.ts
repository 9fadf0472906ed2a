import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from './raw-client.js';
import { StartedEnvd, WORKSPACE } from './started-envd.js';

let envd: StartedEnvd;
let count = 0;
beforeAll(async () => {
  envd = await StartedEnvd.start({ agentUid: 61_200, args: ['--nproc', '600'] });
});
afterAll(() => envd.stop());

const exec = (argv: string[], fields: Record<string, unknown> = {}, body?: Uint8Array): Promise<Frame> =>
  envd.client.request(
    'exec',
    { command_id: `exec-${count++}`, argv, cwd: WORKSPACE, user: 'agent', timeout_ms: 20_000, ...fields },
    body,
  );

describe('a program beside the shell', () => {
  it('has its output and error output apart, and its exit code', async () => {
    const { header, body } = await exec(['sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect(header).toMatchObject({ status: 'exited', exit_code: 7, stdout_bytes: 4, stderr_bytes: 4, output_bytes: 8 });
    expect(body.toString()).toBe('out\nerr\n');
  });

  it('can have them together, in order', async () => {
    const { header, body } = await exec(['sh', '-c', 'echo 1; echo 2 >&2; echo 3'], { merge_stderr: true });
    expect([header.stdout_bytes, header.stderr_bytes, body.toString()]).toEqual([6, 0, '1\n2\n3\n']);
  });

  it.each([
    ['agent', '61200 61200 /home/agent'],
    ['evaluator', '61001 61001 /nonexistent'],
    ['root', '0 0 /root'],
  ])('runs as %s', async (user, expected) => {
    const { body } = await exec(['sh', '-c', 'echo $(id -u) $(id -G) $HOME'], { user });
    expect(body.toString()).toBe(`${expected}\n`);
  });

  it('has a clean environment, and what the caller adds', async () => {
    const { body } = await exec(['env'], { env: { SEED: '42' } });
    expect(body.toString().trim().split('\n').sort()).toEqual([
      'HOME=/home/agent',
      'LANG=C.UTF-8',
      'LOGNAME=agent',
      'PATH=/usr/local/bin:/usr/bin:/bin',
      'SEED=42',
      'USER=agent',
    ]);
  });

  it('reads what the caller sends', async () => {
    const input = Buffer.alloc(1_000_000, 'x');
    const { body } = await exec(['wc', '-c'], { stdin_bytes: input.length }, input);
    expect(body.toString()).toBe('1000000\n');
  });

  it.each([
    [['no-such-program'], 127, 'envd: no-such-program: No such file or directory\n'],
    [['/etc/passwd'], 126, 'envd: /etc/passwd: Permission denied\n'],
    [['sh', '-c', 'kill -9 $$'], 137, ''],
  ])('that cannot run or is killed says so: %j', async (argv, code, text) => {
    const { header, body } = await exec(argv);
    expect([header.status, header.exit_code, body.toString()]).toEqual(['exited', code, text]);
  });

  it('is killed with its whole tree at its limit, and keeps its output [B4]', async () => {
    const script = 'echo partial; setsid sleep 6001 & (setsid sleep 6002 &); sleep 6003';
    const { header, body } = await exec(['sh', '-c', script], { timeout_ms: 400, user: 'evaluator' });
    expect([header.status, header.exit_code, body.toString()]).toEqual(['timed_out', 137, 'partial\n']);
    expect(await envd.text('pgrep -x sleep; true')).toBe('');
  });

  it('leaves nothing behind when it ends [B5]', async () => {
    const script = 'setsid sleep 6101 & (setsid sleep 6102 &); echo done';
    expect((await exec(['sh', '-c', script], { user: 'evaluator' })).body.toString()).toBe('done\n');
    expect(await envd.text('sleep 0.1; pgrep -x sleep; true')).toBe('');
  });

  it.each(['agent', 'evaluator'])('ends when it multiplies as %s [B4]', async (user) => {
    const bomb = 'import os, time\nwhile True:\n  try: os.fork()\n  except OSError: time.sleep(0.01)\n';
    const { header } = await exec(['python3', '-c', bomb], { timeout_ms: 800, user });
    expect(header.status).toBe('timed_out');
    expect(
      (
        await exec(['pgrep', '-c', '-u', user === 'agent' ? '61200' : user, 'python3'], { user: 'root' })
      ).body.toString(),
    ).toBe('0\n');
  });

  it('can be interrupted', async () => {
    const running = exec(['sleep', '6201'], { command_id: 'stoppable' });
    await envd.client.request('interrupt', { command_id: 'stoppable' });
    expect((await running).header).toMatchObject({ status: 'interrupted', exit_code: 137 });
  });

  it('runs at once with others and with the shell, whose limits do not touch it', async () => {
    const shell = envd.run('sleep 100', { timeout_ms: 300 });
    const programs = [1, 2, 3].map((n) => exec(['sh', '-c', `sleep 0.6; echo ${n}`]));
    expect((await shell).status).toBe('timed_out');
    expect((await Promise.all(programs)).map((reply) => reply.body.toString())).toEqual(['1\n', '2\n', '3\n']);
  });

  it('is not run twice under one id', async () => {
    const fields = { command_id: 'twice' };
    await exec(['sh', '-c', 'echo x >> twice'], fields);
    await exec(['sh', '-c', 'echo x >> twice'], fields);
    expect(await envd.read('twice')).toBe('x\n');
  });

  it('has long output cut on each side', async () => {
    const keep = { head: 4, tail: 4 };
    const { header, body } = await exec(['sh', '-c', 'seq 1 1000; seq 2000 3000 >&2'], { keep_bytes: keep });
    expect(header).toMatchObject({ stdout_bytes: 8, stderr_bytes: 8, omitted_at: 4, stderr_omitted_at: 4 });
    expect(header.omitted_bytes + header.stderr_omitted_bytes + 16).toBe(header.output_bytes);
    expect(body.toString()).toBe('1\n2\n000\n2000000\n');
  });

  it.each([
    [{ argv: [] }, 'bad_request'],
    [{ argv: ['a\0b'] }, 'bad_request'],
    [{ argv: ['true'], user: 'nobody' }, 'bad_request'],
    [{ argv: ['true'], env: { 'A=B': 'c' } }, 'bad_request'],
    [{ argv: ['true'], stdin_bytes: 5 }, 'bad_request'],
    [{ argv: ['true'], cwd: '/no/such/place' }, 'no_such_file'],
  ])('is refused when it makes no sense: %j [B1]', async (fields, code) => {
    expect(await envd.errorOf('exec', { command_id: 'bad', user: 'agent', cwd: '/', ...fields })).toBe(code);
  });
});
