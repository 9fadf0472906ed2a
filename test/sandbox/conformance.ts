import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnvdSandbox } from '../../src/sandbox/envd-sandbox.js';
import {
  type Sandbox,
  type SandboxBackend,
  SandboxError,
  WORKSPACE,
} from '../../src/sandbox/sandbox.js';
import { conformanceSpec } from './conformance-spec.js';
import { Shell } from './shell.js';

/** What the suite must know about the backend under test. */
export interface ConformanceSubject {
  /** A backend object of its own, as another server process would have. */
  createBackend(): SandboxBackend;
  /** Kills the daemon from outside, as no program inside can. */
  killDaemon(id: string): Promise<void>;
  /** Everything that is left of a sandbox on this machine. */
  leftovers(id: string): Promise<string[]>;
  /** Whether the daemon runs as another user than the agent. */
  separatesUsers: boolean;
  /** What limits can be shown; without control groups there is none for processors. */
  limitsProcessors: boolean;
}

/** Parts of the suite, each with a sandbox or two of its own. */
export type ConformancePart = 'shell' | 'files' | 'limits' | 'life';

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof SandboxError ? error.code : `not a SandboxError: ${error}`),
  );
}

/** Facts that hold for every backend. */
export function describeConformance(
  name: string,
  subject: ConformanceSubject,
  parts: readonly ConformancePart[] = ['shell', 'files', 'limits', 'life'],
): void {
  const label = `test-${name}-${randomBytes(4).toString('hex')}`;

  describe.runIf(parts.includes('shell'))(`${name}: the shell`, () => {
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
      expect(await shell.text('pgrep -fc "sleep 5000"; kill %1; wait; true')).toMatch(/^1\n/);
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

  describe.runIf(parts.includes('files'))(`${name}: files and programs`, () => {
    const backend = subject.createBackend();
    let sandbox: Sandbox;
    let shell: Shell;
    let data: string;

    beforeAll(async () => {
      data = await mkdtemp(path.join(tmpdir(), 'gymsmith-data-'));
      await chmod(data, 0o755);
      await writeFile(path.join(data, 'train.csv'), 'a,b\n1,2\n', { mode: 0o666 });
      await writeFile(path.join(data, 'notes.txt'), 'noted\n', { mode: 0o644 });
      const file = (name: string, at: string) => ({ hostPath: path.join(data, name), path: `${WORKSPACE}/${at}` });
      const mounts = [
        file('', 'data'),
        file('notes.txt', 'data/inside/notes.txt'),
        file('notes.txt', 'papers/only.txt'),
      ];
      const spec = conformanceSpec(label, { mounts });
      sandbox = await backend.create(spec);
      shell = new Shell(sandbox);
    });

    afterAll(async () => {
      await sandbox?.destroy();
      await backend.close();
      await rm(data, { recursive: true, force: true });
    });

    it('puts files with their owner and mode, and reads them back byte by byte [E1]', async () => {
      const contents = randomBytes(9_000_001);
      const script = Buffer.from('#!/bin/sh\necho ran\n');
      await sandbox.putFiles([
        { path: `${WORKSPACE}/deep/er/big.bin`, contents, mode: 0o640, user: 'agent' },
        { path: `${WORKSPACE}/run.sh`, contents: script, mode: 0o755, user: 'agent' },
        { path: `${WORKSPACE}/empty`, contents: new Uint8Array(0), mode: 0o600, user: 'root' },
      ]);
      expect(Buffer.from(await sandbox.getFile(`${WORKSPACE}/deep/er/big.bin`, 10_000_000)).equals(contents)).toBe(
        true,
      );
      expect(await shell.text('./run.sh; stat -c "%a" deep/er/big.bin run.sh empty')).toBe('ran\n640\n755\n600\n');
      if (subject.separatesUsers) {
        expect(await shell.text('stat -c "%U" run.sh empty deep; cat empty; echo x > deep/new')).toMatch(
          /^agent\nroot\nagent\n.*Permission denied\n$/,
        );
      }
    });

    it('says why a file cannot be read or written [B1]', async () => {
      await shell.text('ln -s /etc/passwd link; ln -s /tmp linked-dir; mkdir -p dir; echo four > four');
      expect(await codeOf(sandbox.getFile(`${WORKSPACE}/nothing`, 100))).toBe('no_such_file');
      expect(await codeOf(sandbox.getFile(`${WORKSPACE}/dir`, 100))).toBe('not_a_file');
      expect(await codeOf(sandbox.getFile(`${WORKSPACE}/four`, 4))).toBe('too_large');
      expect(await codeOf(sandbox.getFile(`${WORKSPACE}/link`, 10_000))).toBe('forbidden_path');
      const file = { contents: Buffer.from('x'), mode: 0o644, user: 'agent' as const };
      expect(await codeOf(sandbox.putFiles([{ ...file, path: `${WORKSPACE}/linked-dir/x` }]))).toBe('forbidden_path');
      expect(await codeOf(sandbox.putFiles([{ ...file, path: 'relative' }]))).toBe('forbidden_path');
    });

    it('finds files by pattern and refuses links [B5]', async () => {
      await shell.text(
        'mkdir -p ckpt/sub; echo 12345 > ckpt/a.pt; echo 1 > ckpt/sub/b.pt; ln -sf /etc/shadow ckpt/evil.pt',
      );
      const { files, refused, truncated } = await sandbox.findFiles(WORKSPACE, ['ckpt/**'], {
        maxFiles: 10,
        maxBytes: 1000,
      });
      expect(files.map((file) => [file.path, file.sizeBytes])).toEqual([
        ['ckpt/a.pt', 6],
        ['ckpt/sub/b.pt', 2],
      ]);
      expect(refused).toEqual([{ path: 'ckpt/evil.pt', reason: 'link' }]);
      expect(truncated).toBe(false);
    });

    it('makes and removes directories [E1]', async () => {
      await sandbox.makeDirectory(`${WORKSPACE}/made/by/us`, 0o755, 'agent');
      expect(await shell.text('touch made/by/us/file && stat -c %a made/by/us')).toBe('755\n');
      await sandbox.remove(`${WORKSPACE}/made`);
      expect((await shell.run('ls made')).exitCode).toBe(2);
    });

    it('runs programs outside the shell, with stdout and stderr apart [E2]', async () => {
      const program =
        'import os, sys; print(os.getuid(), os.environ["EXTRA"]); print("oops", file=sys.stderr); sys.exit(4)';
      const base = { cwd: '/tmp', timeoutMs: 20_000, keepBytes: { head: 1000, tail: 1000 } };
      const user = subject.separatesUsers ? 'evaluator' : 'agent';
      const result = await sandbox.exec({
        ...base,
        commandId: 'exec-1',
        argv: ['python3', '-c', program],
        user,
        env: { EXTRA: 'given' },
      });
      expect(result).toMatchObject({ status: 'exited', exitCode: 4, omittedBytes: 0 });
      expect(Buffer.from(result.stdout).toString()).toBe(`${subject.separatesUsers ? 61001 : 61000} given\n`);
      expect(Buffer.from(result.stderr).toString()).toBe('oops\n');
      const late = await sandbox.exec({
        ...base,
        commandId: 'exec-2',
        argv: ['sh', '-c', 'echo part; sleep 1000'],
        user,
        timeoutMs: 500,
      });
      expect(late.status).toBe('timed_out');
      expect(Buffer.from(late.stdout).toString()).toBe('part\n');
    });

    it('runs the editing commands without a shell [E1]', async () => {
      await shell.text('printf "one\\ntwo\\nthree\\n" > lines.txt');
      const opened = await sandbox.tool({ name: 'open', args: ['lines.txt'] });
      expect(opened.exitCode).toBe(0);
      expect(Buffer.from(opened.output).toString()).toContain('2:two');
      expect(opened.openFile).toBe(`${WORKSPACE}/lines.txt`);
    });

    it('shows data that nobody inside can change [E2]', async () => {
      expect(await shell.text('cat data/train.csv')).toBe('a,b\n1,2\n');
      for (const attempt of [
        'echo x >> data/train.csv',
        'echo x > data/new',
        'rm -f data/train.csv',
        'mv data elsewhere',
      ]) {
        expect((await shell.run(attempt)).exitCode).not.toBe(0);
      }
      const chmod = await sandbox.exec({
        commandId: 'as-root',
        argv: ['sh', '-c', 'echo x >> data/train.csv || mount -o remount,rw data || chmod 777 data/train.csv'],
        cwd: WORKSPACE,
        user: 'root',
        timeoutMs: 10_000,
        keepBytes: { head: 1000, tail: 1000 },
      });
      expect(chmod.exitCode).not.toBe(0);
      expect(await shell.text('cat data/train.csv')).toBe('a,b\n1,2\n');
    });

    it('shows single files, and data mounted inside other data [E2]', async () => {
      expect(await shell.text('ls papers data data/inside; cat papers/only.txt data/inside/notes.txt')).toBe(
        'data:\ninside\nnotes.txt\ntrain.csv\n\ndata/inside:\nnotes.txt\n\npapers:\nonly.txt\nnoted\nnoted\n',
      );
      expect((await shell.run('echo x > papers/only.txt')).exitCode).not.toBe(0);
    });

    it('stands still while it is frozen, and goes on after that [B5]', async () => {
      await shell.text('(while true; do echo x >> ticks; sleep 0.02; done) >/dev/null 2>&1 & disown');
      await shell.text('sleep 0.2');
      await sandbox.freeze();
      const size = async (): Promise<number> => (await sandbox.getFile(`${WORKSPACE}/ticks`, 1 << 20)).length;
      const frozen = await size();
      expect(frozen).toBeGreaterThan(0);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await size()).toBe(frozen);
      await sandbox.thaw();
      await shell.text('sleep 0.3');
      expect(await size()).toBeGreaterThan(frozen);
      await sandbox.killAgent();
    });

    it('takes a snapshot of the workspace and puts it back [R3]', async () => {
      await shell.text('mkdir -p keep; echo precious > keep/file; chmod 700 keep/file; ln -s file keep/alias');
      const snapshot = await sandbox.snapshot(64 << 20);
      expect(await codeOf(sandbox.snapshot(1000))).toBe('too_large');
      await shell.text('rm -rf keep');
      await sandbox.restore(snapshot);
      expect(await shell.text('cat keep/alias; stat -c "%a %U" keep/file')).toBe('precious\n700 agent\n');
    });
  });

  describe.runIf(parts.includes('limits'))(`${name}: isolation and limits`, () => {
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

    it.runIf(subject.limitsProcessors)('gets no more processor time than it was granted [B4]', async () => {
      const spin =
        'import time; w = time.time(); c = time.process_time()\nwhile time.time() - w < 2: pass\nprint((time.process_time() - c) / (time.time() - w))';
      expect(Number(await shell.text(`python3 -c '${spin}'`))).toBeLessThan(0.75);
    });
  });

  describe.runIf(parts.includes('life'))(`${name}: life and death`, () => {
    const backend = subject.createBackend();

    afterAll(async () => {
      for (const { id } of await backend.list({ owner: label })) await backend.destroy(id);
      await backend.close();
    });

    it('is lost when its daemon is killed, and says so to all who wait [B4]', async () => {
      const sandbox = await backend.create(conformanceSpec(label));
      const shell = new Shell(sandbox);
      const running = shell.run('echo begun; sleep 1000', { commandId: 'doomed' });
      await shell.until('begun', running, 'doomed');
      const failed = codeOf(running);
      await subject.killDaemon(sandbox.id);
      expect(await sandbox.lost).not.toBe('');
      expect(await failed).toBe('lost');
      expect(await codeOf(shell.run('echo anything'))).toBe('lost');
      expect(await codeOf(backend.adopt(sandbox.id))).toBe('lost');
      await sandbox.destroy();
      expect(await subject.leftovers(sandbox.id)).toEqual([]);
    });

    it('ends by itself when its lifetime is over, with all its processes [B4]', async () => {
      const sandbox = await backend.create(conformanceSpec(label, { lifetimeMs: 600_000 }));
      await new Shell(sandbox).text('sleep 7000 >/dev/null 2>&1 & (setsid sleep 7001 >/dev/null 2>&1 &)');
      await sandbox.setLifetime(300);
      expect(await sandbox.lost).not.toBe('');
      await sandbox.destroy();
      expect(await subject.leftovers(sandbox.id)).toEqual([]);
    });

    it('leaves nothing behind when it is destroyed, however often [B4]', async () => {
      const sandbox = await backend.create(conformanceSpec(label));
      expect(await subject.leftovers(sandbox.id)).not.toEqual([]);
      await new Shell(sandbox).text('sleep 8000 >/dev/null 2>&1 & (setsid sleep 8001 >/dev/null 2>&1 &)');
      await Promise.all([sandbox.destroy(), sandbox.destroy(), backend.destroy(sandbox.id)]);
      await sandbox.destroy();
      await backend.destroy(sandbox.id);
      await backend.destroy('sb-00000000000000000000');
      await backend.destroy('../../etc');
      expect(await subject.leftovers(sandbox.id)).toEqual([]);
      expect(await sandbox.lost).toContain('destroyed');
      expect(await codeOf(new Shell(sandbox).run('true'))).toBe('lost');
    });

    it('is not made for a creation that was given up [B4]', async () => {
      const abort = new AbortController();
      const creation = backend.create(
        conformanceSpec(label, { labels: { owner: label, mark: 'given-up' } }),
        abort.signal,
      );
      abort.abort(new Error('given up'));
      await expect(creation).rejects.toThrow('given up');
      expect(await backend.list({ owner: label, mark: 'given-up' })).toEqual([]);
    });

    it('says which image is missing [B1]', async () => {
      const creation = backend.create(conformanceSpec(label, { image: 'gymsmith/no-such-image' }));
      expect(await codeOf(creation)).toBe('no_such_image');
    });

    it('tells whether it can work here [B1]', async () => {
      expect(await backend.probe()).toMatchObject({ available: true, remedy: null });
    });
  });
}
