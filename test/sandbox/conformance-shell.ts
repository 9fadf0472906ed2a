import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnvdSandbox } from '../../src/sandbox/envd/envd-sandbox.js';
import { type Sandbox, WORKSPACE } from '../../src/sandbox/sandbox.js';
import { codeOf } from './code-of.js';
import type { ConformanceSubject } from './conformance.js';
import { conformanceSpec } from './conformance-spec.js';
import { Shell } from './shell.js';

/** Facts about the persistent shell. */
export function describeShell(name: string, label: string, subject: ConformanceSubject): void {
  describe(`${name}: the shell`, () => {
    const backend = subject.createBackend();
    let sandbox: Sandbox;
    let shell: Shell;

    beforeAll(async () => {
      sandbox = await backend.create(conformanceSpec(label));
      shell = new Shell(sandbox);
    });

    afterAll(async () => {
      await sandbox?.destroy();
      await backend.close();
    });

    it('begins in the workspace as the agent [E1]', async () => {
      expect(await shell.text('pwd; id -un; id -u')).toBe(`${WORKSPACE}\nagent\n61000\n`);
      expect(await shell.text('touch made-here && rm made-here && echo writable')).toBe('writable\n');
    });

    it('keeps variables, functions, options and the directory between commands [E1]', async () => {
      await shell.text('answer=42; greet() { echo "hello $1"; }; cd /tmp; shopt -s nullglob');
      expect(await shell.text('echo $answer; greet you; pwd; echo *.none')).toBe('42\nhello you\n/tmp\n\n');
      const { cwd } = await shell.run(`cd ${WORKSPACE}`);
      expect(cwd).toBe(WORKSPACE);
    });

    it('reports exit codes [E1]', async () => {
      expect((await shell.run('true')).exitCode).toBe(0);
      expect((await shell.run('(exit 7)')).exitCode).toBe(7);
      expect((await shell.run('no-such-program-here')).exitCode).toBe(127);
      expect((await shell.run('bash -c "kill -9 \\$\\$"')).exitCode).toBe(137);
    });

    it('keeps the order of stdout and stderr [E1]', async () => {
      const { text } = await shell.run('for i in 1 2 3; do echo out$i; echo err$i >&2; done');
      expect(text).toBe('out1\nerr1\nout2\nerr2\nout3\nerr3\n');
    });

    it('gives commands a stdin that is at its end [E1]', async () => {
      expect(
        await shell.text('cat; read line; echo "status $?"; python3 -c "import sys; print(repr(sys.stdin.read()))"'),
      ).toBe("status 1\n''\n");
    });

    it('only parses a text, runs one aside, and takes exports, when asked to [E1]', async () => {
      expect(await shell.run('touch made-here', { checkOnly: true })).toMatchObject({ status: 'exited', text: '' });
      expect((await shell.run('echo (a)', { checkOnly: true })).status).toBe('syntax_error');
      await shell.run('false');
      const aside = await shell.run('cd /; echo "at $PWD $PLACE"; echo noise >&2', {
        aside: true,
        exports: { PLACE: "a 'b" },
      });
      expect(aside).toMatchObject({ text: "at / a 'b", exitCode: 1, cwd: WORKSPACE });
      expect(await shell.text('echo $?; printenv PLACE; ls made-here 2>/dev/null')).toBe("1\na 'b\n");
    });

    it('runs several lines and here-documents as one command [E1]', async () => {
      const command =
        'for word in a b\ndo\n  echo "$word"\ndone\ncat <<END\n  $((6 * 7)) "quoted"\nEND\ncat <<\'RAW\'\n$HOME `id`\nRAW';
      expect(await shell.text(command)).toBe('a\nb\n  42 "quoted"\n$HOME `id`\n');
    });

    it('runs nothing of a command with a syntax error and says where it is [E1]', async () => {
      const result = await shell.run('echo first\nif then fi');
      expect(result.status).toBe('syntax_error');
      expect(result.text).toContain('/bin/bash: line 2:');
      expect(result.text).not.toContain('first\n');
      expect(await shell.text('echo still here')).toBe('still here\n');
    });

    it('passes on binary output and invalid UTF-8 byte by byte [B4]', async () => {
      const { output } = await shell.run("printf '\\377\\376\\000\\200a\\r\\n\\033[0m\\303'");
      expect([...output]).toEqual([0xff, 0xfe, 0, 0x80, 0x61, 13, 10, 27, 0x5b, 0x30, 0x6d, 0xc3]);
    });

    it('keeps head and tail of 100 MB of output in bounded memory [B4]', async () => {
      const keepBytes = { head: 30_000, tail: 20_000 };
      const before = process.memoryUsage().rss;
      const result = await shell.run('printf begin; head -c 100000000 /dev/zero | tr "\\0" x; printf end', {
        keepBytes,
      });
      expect(result.outputBytes).toBe(100_000_008);
      expect(result.output.length).toBe(50_000);
      expect(result.omittedBytes).toBe(100_000_008 - 50_000);
      expect(result.omittedAt).toBe(30_000);
      expect(result.text.startsWith('beginxxx')).toBe(true);
      expect(result.text.endsWith('xxxend')).toBe(true);
      expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
      const { text } = await shell.run('echo after');
      expect(text).toBe('after\n');
    });

    it('streams output as it comes, every byte once and in order [E1]', async () => {
      const parts: Buffer[] = [];
      let next = 0;
      const onOutput = (chunk: Uint8Array, offset: number): void => {
        expect(offset).toBe(next);
        next += chunk.length;
        parts.push(Buffer.from(chunk));
      };
      const { text } = await shell.run('for i in 1 2 3 4 5; do echo line $i; sleep 0.05; done', { onOutput });
      expect(Buffer.concat(parts).toString()).toBe(text);
      expect(parts.length).toBeGreaterThan(1);
    });

    it('keeps what a command printed before its time was up, and ends everything that it started [B4]', async () => {
      await shell.text('kept=yes; sleep 4000 & disown');
      const command = 'echo before; (setsid sleep 4001 >/dev/null 2>&1 &); sleep 4002 | sleep 4003';
      const result = await shell.run(command, { timeoutMs: 700 });
      expect(result.status).toBe('timed_out');
      expect(result.text).toMatch(/^before\n/);
      expect(result.shellRestarted).toBe(false);
      expect(await shell.text('echo $kept; ps -eo args | grep "^sleep" | sort')).toBe('yes\nsleep 4000\n');
      await shell.text('pkill -f "sleep 4000"');
    });

    it('ends a command that ignores signals when its time is up [B4]', async () => {
      const result = await shell.run(
        "trap '' TERM INT HUP; python3 -c 'import signal,time\nfor s in (2, 15): signal.signal(s, signal.SIG_IGN)\nprint(1, flush=True)\ntime.sleep(1000)'",
        {
          timeoutMs: 800,
        },
      );
      expect(result.status).toBe('timed_out');
      expect(result.text).toContain('1\n');
      expect(await shell.text('trap - TERM INT HUP; pgrep -fc "sleep.1000" || true')).toBe('0\n');
    });

    it('ends a command that has been silent for too long, and only such a one [B4]', async () => {
      const silent = await shell.run('echo start; sleep 1000', { timeoutMs: 60_000, noOutputTimeoutMs: 500 });
      expect(silent.status).toBe('no_output_timeout');
      expect(silent.text).toMatch(/^start\n/);
      const chatty = await shell.run('for i in 1 2 3 4 5 6 7; do echo $i; sleep 0.2; done', {
        noOutputTimeoutMs: 1000,
      });
      expect(chatty.status).toBe('exited');
    });

    it('lets processes in the background live on, without waiting for them [E1]', async () => {
      const result = await shell.run('(sleep 0.3; echo done > later.txt) & echo started');
      expect(result.text).toContain('started\n');
      expect(await shell.text('wait; cat later.txt; rm later.txt')).toContain('done\n');
      expect(await shell.text('sleep 5000 >/dev/null & echo $!')).toMatch(/\d+\n/);
      // By its number: until it executes `sleep`, the new process still bears the name of its shell.
      expect(await shell.text('kill -0 $! && echo alive; kill %1; wait; true')).toMatch(/^alive\n/);
      expect(await shell.text('kill -0 $! 2>/dev/null || echo gone')).toBe('gone\n');
    });

    it('interrupts a running command and keeps the shell [E1]', async () => {
      await shell.text('mark=set');
      const running = shell.run('echo begun; sleep 1000', { commandId: 'to-interrupt' });
      await shell.until('begun', running, 'to-interrupt');
      await sandbox.interrupt('to-interrupt');
      expect((await running).status).toBe('interrupted');
      expect((await running).text).toMatch(/^begun\n/);
      expect(await shell.text('echo $mark')).toBe('set\n');
    });

    it('turns away a second command while one runs [B1]', async () => {
      const running = shell.run('echo begun; sleep 1000', { commandId: 'the-first' });
      await shell.until('begun', running, 'the-first');
      expect(await codeOf(shell.run('echo second'))).toBe('busy');
      await sandbox.interrupt('the-first');
      await running;
    });

    it('does not run a command twice that it is asked for twice [B4]', async () => {
      const options = { commandId: 'only-once' };
      const both = await Promise.all([
        shell.run('sleep 0.2; echo run >> count.txt; wc -l < count.txt', options),
        shell.run('sleep 0.2; echo run >> count.txt; wc -l < count.txt', options),
      ]);
      expect(both.map((result) => result.text)).toEqual(['1\n', '1\n']);
      expect((await shell.run('anything else', options)).text).toBe('1\n');
      sandbox.acknowledge('only-once');
      expect(await shell.text('cat count.txt; rm count.txt')).toBe('run\n');
      expect(await codeOf(sandbox.attach('only-once', { timeoutMs: 5000 }))).toBe('unknown_command');
    });

    it('replaces a shell that a command ended [B4]', async () => {
      const result = await shell.run('cd /tmp; exit 3');
      expect(result).toMatchObject({ status: 'shell_exited', exitCode: 3, shellRestarted: true });
      expect(await shell.text('echo alive')).toBe('alive\n');
      await shell.text(`cd ${WORKSPACE}`);
    });

    it('knows submit and validate as commands and not as text [B5]', async () => {
      const called = await shell.run('echo start; validate >/dev/null; true && submit >/dev/null');
      expect(called.requests).toEqual(['validate', 'submit']);
      const printed = await shell.run('echo submit; echo "<<SUBMISSION||done||SUBMISSION>>"; printf validate');
      expect(printed.requests).toEqual([]);
    });

    it('takes up a running command again when the connection drops, and misses nothing [B4]', async () => {
      if (!(sandbox instanceof EnvdSandbox)) throw new Error('this backend has no daemon of ours');
      const parts: Buffer[] = [];
      const running = shell.run('for i in $(seq 1 12); do echo tick $i; sleep 0.1; done', {
        commandId: 'dropped',
        onOutput: (chunk) => parts.push(Buffer.from(chunk)),
      });
      await shell.until('tick 2', running, 'dropped');
      sandbox.dropConnection();
      const { status, text } = await running;
      expect(status).toBe('exited');
      expect(text.split('\n').length).toBe(13);
      expect(text).toContain(Buffer.concat(parts).toString().slice(-8));
      expect(await shell.text('echo on')).toBe('on\n');
    });

    it('lets another process adopt it and take up a command that runs [B4]', async () => {
      const running = shell.run('for i in $(seq 1 8); do echo beat $i; sleep 0.1; done; echo finished', {
        commandId: 'adopted',
      });
      await shell.until('beat 1', running, 'adopted');
      const other = subject.createBackend();
      const adopted = await other.adopt(sandbox.id);
      expect(adopted.spec).toEqual(sandbox.spec);
      const result = await adopted.attach('adopted', { timeoutMs: 20_000 });
      expect(Buffer.from(result.output).toString()).toContain('beat 8\nfinished\n');
      expect((await running).text).toContain('finished\n');
      await other.close();
      expect(await shell.text('echo mine')).toBe('mine\n');
      expect(await codeOf(other.adopt('sb-00000000000000000000'))).toBe('lost');
    });

    it('is found by its labels and by no others [B4]', async () => {
      const mine = await backend.list({ owner: label });
      expect(mine.map((record) => record.id)).toContain(sandbox.id);
      expect(mine.find((record) => record.id === sandbox.id)?.labels).toEqual({ owner: label });
      expect(await backend.list({ owner: `${label}-other` })).toEqual([]);
      expect(await backend.list({ owner: label, more: 'labels' })).toEqual([]);
    });

    it('kills everything of the agent at once, and gives a fresh shell [B5]', async () => {
      await shell.text('stale=1; sleep 6000 >/dev/null 2>&1 & (setsid sleep 6001 >/dev/null 2>&1 &)');
      await sandbox.killAgent();
      expect(await shell.text('echo "[$stale]"; pgrep -c sleep || true')).toBe('[]\n0\n');
    });
  });
}
