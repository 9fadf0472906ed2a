import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';

interface Packed {
  files: { path: string }[];
}

it('packs what an installed package needs to serve: programs, images, packs, and nothing that a run left', async () => {
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json', '--loglevel=error'];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: PROJECT_ROOT, maxBuffer: 8 << 20 });
  const [packed] = JSON.parse(stdout) as [Packed];
  const names = packed.files.map((file) => file.path);
  expect(names).toEqual(
    expect.arrayContaining([
      'bin/gymsmith.js',
      'docker/build.sh',
      'docker/cpu/Dockerfile',
      'docker/envd/envd.py',
      'packs/reference/configs/tasks/breast-cancer.yaml',
      'packs/reference/gymsmith/breast-cancer.json',
      'packs/reference/solutions/breast-cancer.json',
    ]),
  );
  expect(names.filter((name) => /__pycache__|\.pyc$|^(src|test|bench)\//.test(name))).toEqual([]);
});

it('exports only what the build makes from a source', () => {
  const { exports } = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, { types: string; default: string }>;
  };
  const sources = Object.values(exports).flatMap((entry) => [
    entry.default.replace('/dist/', '/src/').replace(/\.js$/, '.ts'),
    entry.types.replace('/dist/', '/src/').replace(/\.d\.ts$/, '.ts'),
  ]);
  expect(sources.filter((file) => !existsSync(path.join(PROJECT_ROOT, file)))).toEqual([]);
  expect(Object.keys(exports)).toEqual(['./client', './protocol', './testing']);
});
