import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartedEnvd, WORKSPACE } from './started-envd.js';

let envd: StartedEnvd;
beforeAll(async () => {
  envd = await StartedEnvd.start({ agentUid: 61_100, args: ['--nproc', '600'] });
});
afterAll(() => envd.stop());

/** Processes of that name that still run; bash may tell of killed ones first. */
const alive = async (name: string): Promise<number> =>
  Number((await envd.text(`pgrep -cx ${name}; true`)).trim().split('\n').at(-1));

describe('a command over its time', () => {
  it('ends with its partial output, and the shell goes on [B4]', async () => {
    const result = await envd.run('word=kept; cd /tmp; echo partial; sleep 100', { timeout_ms: 300 });
    expect(result).toMatchObject({ status: 'timed_out', exit_code: 137, shell_restarted: false, cwd: '/tmp' });
    expect(result.text).toMatch(/^partial\n\/bin\/bash: line 1: +\d+ Killed +sleep 100\n$/);
    expect(await envd.text(`echo $word; cd ${WORKSPACE}`)).toBe('kept\n');
  });

  it('takes everything along that it started, also in other sessions and orphaned [B4]', async () => {
    const result = await envd.run(
      'setsid sh -c "sleep 1001 & sleep 1002" & (sleep 1003 &); nohup sleep 1004 & (setsid setsid sleep 1005 &); sleep 1006',
      { timeout_ms: 500 },
    );
    expect(result.status).toBe('timed_out');
    expect(await alive('sleep')).toBe(0);
  });

  it('leaves what earlier commands run in the background, and what that starts [B4]', async () => {
    await envd.run('(while true; do sleep 0.05; echo tick >> ticks; done) & job=$!; sleep 0.2');
    expect((await envd.run('sleep 2001 & sleep 2002', { timeout_ms: 300 })).status).toBe('timed_out');
    const ticks = 'a=$(wc -l < ticks); sleep 0.4; b=$(wc -l < ticks); [ $b -gt $a ] && echo ticking; ';
    expect(await envd.text(`${ticks} pgrep -f "sleep 200[12]"; kill $job`)).toMatch(
      /^(\/bin\/bash: .* Killed .*\n)?ticking\n$/,
    );
  });

  it('is asked to go on only with what follows in its list', async () => {
    expect(await envd.run('for i in 1 2 3; do sleep 100; done; echo after', { timeout_ms: 300 })).toMatchObject({
      status: 'timed_out',
      exit_code: 0,
      text: expect.stringMatching(/after\n$/),
    });
  });

  it('is told apart from one that is merely silent', async () => {
    const result = await envd.run('echo words; for i in 1 2 3 4; do sleep 0.2; echo $i; done; sleep 100', {
      no_output_timeout_ms: 600,
    });
    expect(result).toMatchObject({ status: 'no_output_timeout', exit_code: 137 });
    expect(result.text).toMatch(/^words\n1\n2\n3\n4\n/);
  });

  it('loses its shell when that cannot be brought back, and keeps its directory [B4]', async () => {
    expect(await envd.run('cd /tmp; echo loop; while true; do :; done', { timeout_ms: 200 })).toMatchObject({
      status: 'interrupt_failed',
      exit_code: null,
      text: 'loop\n',
      cwd: '/tmp',
      shell_restarted: true,
    });
    expect(await envd.run('pwd')).toMatchObject({ status: 'exited', text: '/tmp\n', shell_restarted: false });
    await envd.run(`cd ${WORKSPACE}`);
  });

  it.each([
    ['exec sleep 100', 'interrupt_failed'],
    ['trap "" INT TERM HUP; sleep 100', 'timed_out'],
    ['kill -STOP $$', 'timed_out'],
    ['set -n', 'interrupt_failed'],
    ['builtin() { :; }', 'interrupt_failed'],
    ['exec 10>&- 11>&- 12>&-; sleep 100', 'interrupt_failed'],
    ['set -e; sleep 100', 'interrupt_failed'],
  ])('is ended whatever it did to the shell: %s [B4]', async (command, status) => {
    const result = await envd.run(command, { timeout_ms: 200 });
    expect(result.status).toBe(status);
    expect(await envd.run('echo back; sleep 0')).toMatchObject({ status: 'exited', text: 'back\n' });
    await envd.client.request('reset_shell', { cwd: WORKSPACE, env: {} });
    expect(await alive('sleep')).toBe(0);
  });

  it.each([
    ['in bash', ':(){ :|:& };:; sleep 100'],
    ['that runs from its parents', 'python3 -c "\nimport os\nwhile True:\n  if os.fork(): os._exit(0)\n"; sleep 100'],
    [
      'that fills the table',
      'python3 -c "\nimport os, time\nwhile True:\n  try: os.fork()\n  except OSError: time.sleep(0.01)\n"',
    ],
  ])('ends when it is a fork bomb %s [B4]', async (_kind, command) => {
    expect((await envd.run(command, { timeout_ms: 1000 })).status).toMatch(/timed_out|interrupt_failed/);
    // What bash's bomb left as background jobs of an earlier command goes with the next limit at the latest.
    await envd.run('sleep 100', { timeout_ms: 500 });
    expect(await envd.run('ls / >/dev/null && echo fine')).toMatchObject({
      status: 'exited',
      text: expect.stringMatching(/fine\n$/),
    });
    expect((await envd.client.request('state')).header.processes).toBe(0);
  });

  it('ends when its memory or files are refused', async () => {
    expect(await envd.run('ulimit -v 200000; python3 -c "x = bytearray(1 << 30)"')).toMatchObject({
      status: 'exited',
      exit_code: 1,
    });
    await envd.client.request('reset_shell', { cwd: WORKSPACE, env: {} });
    expect((await envd.run('ulimit -f 1; head -c 1000000 /dev/zero > big; ls')).status).toBe('exited');
    await envd.client.request('reset_shell', { cwd: WORKSPACE, env: {} });
  });
});

describe('an interrupt', () => {
  it('ends the running command and keeps what it wrote', async () => {
    const running = envd.run('echo started; sleep 100', { command_id: 'long', stream: true });
    await envd.client.event('output', (frame) => frame.header.command_id === 'long');
    expect((await envd.client.request('interrupt', { command_id: 'long' })).header.ok).toBe(true);
    expect(await running).toMatchObject({
      status: 'interrupted',
      exit_code: 137,
      text: expect.stringMatching(/^started\n/),
    });
    expect(await envd.text('echo next')).toBe('next\n');
  });

  it('of a command that nobody knows is an error', async () => {
    expect(await envd.errorOf('interrupt', { command_id: 'never' })).toBe('unknown_command');
  });

  it('of a finished command changes nothing', async () => {
    await envd.client.request('run', { command_id: 'over', command: 'echo over' });
    expect((await envd.client.request('interrupt', { command_id: 'over' })).header.ok).toBe(true);
    expect((await envd.client.request('attach', { command_id: 'over' })).header.status).toBe('exited');
  });
});

describe('resource limits of the daemon', () => {
  it('hold for the agent and cannot be raised', async () => {
    const limited = await StartedEnvd.start({
      agentUid: 61_101,
      args: ['--nofile', '300', '--fsize-bytes', '1048576', '--nproc', '500'],
    });
    try {
      expect(await limited.text('ulimit -n; ulimit -f; ulimit -u; ulimit -c; ulimit -n 301 2>&1 | tail -c 24')).toBe(
        '300\n1024\n500\n0\nOperation not permitted\n',
      );
    } finally {
      await limited.stop();
    }
  });
});
