import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartedEnvd, WORKSPACE } from './started-envd.js';

describe.each([
  ['as process 1', true],
  ['below another process 1', false],
])('a daemon without root, %s', (_where, isPid1) => {
  let envd: StartedEnvd;
  beforeAll(async () => {
    envd = await StartedEnvd.start({ isSingleUser: true, isPid1 });
  });
  afterAll(() => envd.stop());

  it('runs commands, programs of any user and tools as its own user', async () => {
    expect(await envd.text('id -u; echo "$(pwd)"')).toBe(`61000\n${WORKSPACE}\n`);
    for (const user of ['agent', 'evaluator', 'root']) {
      const { body } = await envd.client.request('exec', { command_id: user, argv: ['id', '-u'], cwd: '/', user });
      expect(body.toString()).toBe('61000\n');
    }
    expect(await envd.run('echo "')).toMatchObject({ status: 'syntax_error' });
    await envd.write('f.py', 'x = 1\n');
    expect(await envd.text('open f.py && edit 1:1 <<< "x = y"')).toMatch(/1:x = 1[\s\S]*F821 undefined name 'y'/);
  });

  it('ends commands, bombs and jobs [B4]', async () => {
    expect(
      (await envd.run('sleep 1 & setsid sleep 7001 & (sleep 7002 &); sleep 7003', { timeout_ms: 300 })).status,
    ).toBe('timed_out');
    expect(await envd.text('pgrep -x sleep; true')).toMatch(/^(.*Killed.*\n)*$/);
    // Elsewhere it can only chase them process by process.
    if (isPid1) {
      const bomb =
        'import os, time\nfor i in range(7): os.fork()\nwhile True: time.sleep(0.001); os.fork() or os._exit(0)';
      expect((await envd.run(`python3 -c '${bomb}'; sleep 100`, { timeout_ms: 700 })).status).toMatch(
        /timed_out|interrupt_failed/,
      );
      // The last of hundreds may be dead and not yet reaped.
      await expect.poll(async () => (await envd.client.request('state')).header.processes).toBe(0);
    }
    await envd.run('setsid sleep 7004 & sleep 7005 &');
    await envd.client.request('kill_agent');
    expect((await envd.client.request('state')).header.processes).toBe(0);
  });

  it('freezes and thaws', async () => {
    await envd.run('(while sleep 0.05; do echo tick >> ticks; done) &');
    await envd.client.request('freeze');
    const before = await envd.read('ticks').catch(() => '');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await envd.read('ticks').catch(() => '')).toBe(before);
    await envd.client.request('thaw');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect((await envd.read('ticks')).length).toBeGreaterThan(before.length);
  });

  it('puts and gets files, and refuses links [B5]', async () => {
    const path = `${WORKSPACE}/d/file`;
    expect((await envd.client.request('put', { path, user: 'root', mode: 0o600 }, Buffer.from('x'))).header.ok).toBe(
      true,
    );
    expect((await envd.client.request('get', { path })).body.toString()).toBe('x');
    await envd.run('ln -s /etc/passwd pw');
    expect(await envd.errorOf('get', { path: `${WORKSPACE}/pw` })).toBe('forbidden_path');
    const { header } = await envd.client.request('archive', { root: WORKSPACE });
    const tar = await envd.client.request('get_archive', { archive_id: header.archive_id });
    await envd.client.request('unarchive', { root: `${WORKSPACE}/copy`, user: 'agent' }, tar.body);
    expect(await envd.text('cat copy/d/file')).toBe('x');
  });
});
