import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, WORKSPACE } from '../../src/sandbox/sandbox.js';
import { codeOf } from './code-of.js';
import type { ConformanceSubject } from './conformance.js';
import { conformanceSpec } from './conformance-spec.js';
import { Shell } from './shell.js';

/** Facts about files, data and programs outside the shell. */
export function describeFiles(name: string, label: string, subject: ConformanceSubject): void {
  describe(`${name}: files and programs`, () => {
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

    it('keeps what it writes where it was lent a directory to write [E4]', async () => {
      const lent = await mkdtemp(path.join(tmpdir(), 'gymsmith-lent-'));
      await chmod(lent, 0o777);
      try {
        const spec = conformanceSpec(label, { writable: [{ hostPath: lent, path: '/mnt/lent/here' }] });
        const borrower = await backend.create(spec);
        try {
          await new Shell(borrower).text('mkdir /mnt/lent/here/made && echo kept > /mnt/lent/here/made/file');
        } finally {
          await borrower.destroy();
        }
        expect(await readFile(path.join(lent, 'made', 'file'), 'utf8')).toBe('kept\n');
      } finally {
        await rm(lent, { recursive: true, force: true });
      }
    });

    it('gives every program what the task adds to the environment, also in a fresh shell [E4]', async () => {
      const environment = { programs: ['/mnt/own/bin'], variables: { OWN: "it's own" } };
      const other = await backend.create(conformanceSpec(label, { environment }));
      try {
        const told = 'echo "$OWN $PATH"';
        const inShell = new Shell(other);
        expect(await inShell.text(told)).toMatch(/^it's own .*\.local\/bin:\/mnt\/own\/bin:\//);
        await inShell.run('exit');
        expect(await inShell.text(told)).toMatch(/^it's own .*\.local\/bin:\/mnt\/own\/bin:\//);
        const run = await other.exec({
          commandId: 'told',
          argv: ['sh', '-c', 'echo "$OWN $PATH"'],
          cwd: '/',
          user: 'evaluator',
          timeoutMs: 10_000,
          keepBytes: { head: 0, tail: 1000 },
        });
        expect(new TextDecoder().decode(run.stdout)).toMatch(/^it's own \/mnt\/own\/bin:\//);
      } finally {
        await other.destroy();
      }
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

    it('takes a snapshot of the workspace and puts it back [E7]', async () => {
      await shell.text('mkdir -p keep; echo precious > keep/file; chmod 700 keep/file; ln -s file keep/alias');
      const snapshot = await sandbox.snapshot(64 << 20);
      expect(await codeOf(sandbox.snapshot(1000))).toBe('too_large');
      await shell.text('rm -rf keep');
      await sandbox.restore(snapshot);
      expect(await shell.text('cat keep/alias; stat -c "%a %U" keep/file')).toBe('precious\n700 agent\n');
    });
  });
}
