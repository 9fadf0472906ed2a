import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import type { ConformanceSubject } from './conformance.js';
import { conformanceSpec } from './conformance-spec.js';
import { Shell } from './shell.js';

/** Facts about what the agent cannot reach and cannot use up. */
export function describeLimits(name: string, label: string, subject: ConformanceSubject): void {
  describe(`${name}: isolation and limits`, () => {
    const backend = subject.createBackend();
    let sandbox: Sandbox;
    let shell: Shell;

    beforeAll(async () => {
      process.env.GYMSMITH_TEST_SECRET = 'of-the-server';
      const spec = conformanceSpec(label);
      sandbox = await backend.create({ ...spec, resources: { ...spec.resources, cpus: 0.5 } });
      shell = new Shell(sandbox);
    });

    afterAll(async () => {
      await sandbox?.destroy();
      await backend.close();
    });

    it('has no network [B5]', async () => {
      expect(await shell.text('tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "')).toBe('lo\n');
      expect((await shell.run('exec 3<>/dev/tcp/1.1.1.1/53', { timeoutMs: 5000 })).text).toMatch(/unreachable/i);
    });

    it.each(['agent', 'evaluator', 'root'] as const)('has no sockets that leave the sandbox: %s [B5]', async (user) => {
      const script = [
        'import socket',
        'for family in (1, 2, 10, 16): socket.socket(family, socket.SOCK_DGRAM if family == 16 else socket.SOCK_STREAM)',
        'for family in (38, 40, 30, 31, 44):',
        '    try: print(socket.socket(family, socket.SOCK_STREAM))',
        '    except OSError: pass',
        'import ctypes',
        'print(ctypes.CDLL(None).syscall(ctypes.c_long(425), 1, 0))',
      ].join('\n');
      const keepBytes = { head: 1000, tail: 1000 };
      const options = { commandId: `sockets-${user}`, cwd: '/', user, timeoutMs: 10_000, keepBytes };
      const { exitCode, stdout } = await sandbox.exec({ ...options, argv: ['python3', '-c', script] });
      expect([exitCode, Buffer.from(stdout).toString()]).toEqual([0, '-1\n']);
    });

    it('sees its own processes only, and nothing of the server [B5]', async () => {
      const own = await shell.text('ps -eo pid= | wc -l');
      expect(Number(own)).toBeLessThan(12);
      expect(
        await shell.text('cat /proc/*/environ 2>/dev/null | tr "\\0" "\\n" | grep -c GYMSMITH_TEST_SECRET || true'),
      ).toBe('0\n');
      expect(await shell.text('hostname')).toBe('gymsmith\n');
    });

    it('keeps the agent away from the daemon [B5]', async () => {
      const kill = await shell.run('kill -9 1; kill -STOP 1; kill -9 -1');
      expect(['interrupted', 'shell_exited', 'exited', 'interrupt_failed']).toContain(kill.status);
      expect(await shell.text('echo alive')).toBe('alive\n');
      if (!subject.separatesUsers) return;
      expect((await shell.run('ls /run/gymsmith')).text).toContain('Permission denied');
      const connect = 'import socket; socket.socket(socket.AF_UNIX).connect("/run/gymsmith/envd.sock")';
      expect((await shell.run(`python3 -c '${connect}'`)).text).toContain('PermissionError');
      expect((await shell.run('cat /proc/1/environ /proc/1/mem')).exitCode).not.toBe(0);
      expect((await shell.run('echo x > /opt/gymsmith/envd/envd.py')).exitCode).not.toBe(0);
    });

    it('gives the agent no way to more rights [B5]', async () => {
      expect((await shell.run('unshare --user --map-root-user id')).exitCode).not.toBe(0);
      expect((await shell.run('mount -t tmpfs none /mnt')).exitCode).not.toBe(0);
      expect(await shell.text('find / -xdev -perm /6000 -type f 2>/dev/null | wc -l')).toBe('0\n');
      expect(await shell.text('grep -E "^(NoNewPrivs|CapEff):" /proc/self/status')).toBe(
        'CapEff:\t0000000000000000\nNoNewPrivs:\t1\n',
      );
      expect(
        (await shell.run('echo x > /usr/bin/python3; echo x > /etc/passwd; mknod /tmp/sda b 8 0')).exitCode,
      ).not.toBe(0);
    });

    it('kills a program that takes too much memory, and goes on [B4]', async () => {
      await shell.text('before=kept');
      const greedy =
        'python3 -c \'b = bytearray(3 << 30)\nfor i in range(0, len(b), 4096): b[i] = 1\nprint("had it " + "all")\'';
      const result = await shell.run(greedy, { timeoutMs: 60_000 });
      expect(result.exitCode).not.toBe(0);
      expect(result.text).not.toContain('had it all');
      expect(await shell.text('echo $before')).toBe('kept\n');
    });

    it('contains a fork bomb, and answers afterwards [B4]', async () => {
      const result = await shell.run('bomb() { bomb | bomb & }; bomb; sleep 2', { timeoutMs: 6000 });
      expect(['exited', 'timed_out', 'interrupt_failed']).toContain(result.status);
      await sandbox.killAgent();
      expect(await shell.text('echo survived')).toBe('survived\n');
      expect(Number(await shell.text('ps -e --no-headers | wc -l'))).toBeLessThan(20);
    });

    it('refuses more files than the disk holds, and goes on [B4]', async () => {
      const result = await shell.run('head -c 1G /dev/zero > big; stat -c %s big > /dev/null; ls -l big', {
        timeoutMs: 60_000,
      });
      expect(result.text).toContain('No space left on device');
      expect((await shell.run('head -c 1G /dev/zero > /tmp/big')).text).toContain('No space left on device');
      expect(await shell.text('rm big /tmp/big; echo fine > small; cat small')).toBe('fine\n');
    });

    it('gets no more processor time than it was granted, or says before that nothing limits it [B4]', async () => {
      if (!subject.limitsProcessors) {
        expect((await backend.probe()).detail).toMatch(/CPU (is|are) not limited/);
        return;
      }
      const spin =
        'import time; w = time.time(); c = time.process_time()\nwhile time.time() - w < 2: pass\nprint((time.process_time() - c) / (time.time() - w))';
      expect(Number(await shell.text(`python3 -c '${spin}'`))).toBeLessThan(0.75);
    });
  });
}
