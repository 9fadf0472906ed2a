import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { Output } from '../../src/cli/output.js';
import { reportError } from '../../src/cli/report-error.js';
import { StorageFault, storageFault } from '../../src/files/storage-fault.js';

const run = promisify(execFile);

function systemError(fields: object): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), fields);
}

it('is told from faults of candidates, of the network and of others, with the place and what to do [B1][S8]', () => {
  const fault = storageFault(new Error('write failed', { cause: systemError({ code: 'ENOSPC', path: '/r/a' }) }), '/r');
  expect(fault).toBeInstanceOf(StorageFault);
  expect(fault?.message).toBe(
    '/r/a cannot be used (ENOSPC: no space left on device, write). The disk is full: make room.',
  );
  expect(storageFault(fault, '/other')).toBe(fault);
  const copy = { code: 'ENOSPC', path: '/from', dest: '/to' };
  expect(storageFault(systemError(copy), '/r')?.message).toMatch(/^\/to cannot/);
  expect(storageFault(systemError({ code: 'EROFS' }), '/r')?.message).toMatch(/^\/r cannot .*only be read/);
  expect(storageFault(systemError({ code: 'EACCES', syscall: 'connect' }), '/r')).toBeNull();
  expect(storageFault(systemError({ code: 'ENOENT', path: '/r/a' }), '/r')).toBeNull();
  expect(storageFault('no error', '/r')).toBeNull();
});

it('is printed with place and remedy, and other errors of the system as they are [B1]', () => {
  const printed = (error: Error) => {
    const lines: string[] = [];
    const stream = Object.assign(new PassThrough(), { write: (text: string) => lines.push(text) > 0 });
    expect(reportError(error, new Output(stream), false)).toBe(1);
    return lines.join('');
  };
  expect(printed(systemError({ code: 'ENOSPC', path: '/r/report.html' }))).toBe(
    'error: /r/report.html cannot be used (ENOSPC: no space left on device, write). The disk is full: make room.\n',
  );
  const program = systemError({ code: 'EACCES', path: 'bwrap', syscall: 'spawn bwrap' });
  expect(printed(program)).toMatch(/^error: ENOSPC: no space left on device, write\nRun it again with --debug/);
});

it('ends journal, packs and data of tasks as a fault of the disk, and leaves nothing half written [B1][S8]', async () => {
  const root = await mkdtemp(path.join(tmpdir(), 'full-'));
  try {
    const rows = Array.from({ length: 400 }, (_, at) => `${at}${'word '.repeat(100)},${at % 3}`);
    await writeFile(path.join(root, 'table.csv'), ['text,label', ...rows].join('\n'));
    const disk = path.join(root, 'disk');
    const writer = path.join(import.meta.dirname, 'full-disk-writer.ts');
    const box = ['--dev-bind', '/', '/', '--size', '65536', '--tmpfs', disk];
    const program = [process.execPath, '--import', 'tsx', writer, disk, path.join(root, 'table.csv')];
    const { stdout } = await run('bwrap', [...box, '--', ...program]);
    const { said, left } = JSON.parse(stdout);
    for (const way of ['journal', 'pack', 'data']) {
      expect(said[way]).toMatchObject({ name: 'StorageFault', message: expect.stringContaining(disk) });
      expect(said[way].message).toMatch(/ENOSPC.*make room\.$/);
    }
    expect(said.attempt).toMatchObject({ message: expect.stringMatching(/^ENOSPC/) });
    expect(left.filter((name: string) => !name.endsWith('.json.new'))).toEqual([]);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
