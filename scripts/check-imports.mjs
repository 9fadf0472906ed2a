// Fails when a file imports against the table. The table is the one in ARCHITECTURE.md; the two are compared as well.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Who may import whom, by folder of `src`. `config` and `log` are files that everybody but protocol and client may use. */
const ALLOWED = {
  protocol: [],
  python: [],
  yaml: [],
  page: [],
  files: [],
  run: ['files'],
  hub: ['config'],
  sandbox: ['files', 'config', 'log'],
  store: ['files', 'run', 'config', 'log'],
  env: ['protocol', 'sandbox', 'python', 'yaml', 'files', 'hub', 'config', 'log'],
  client: ['protocol'],
  server: ['protocol', 'sandbox', 'env', 'store', 'files', 'config', 'log'],
  agent: ['protocol', 'client', 'python', 'yaml', 'log'],
  rollout: ['client', 'agent', 'store', 'protocol', 'python', 'yaml', 'files', 'run', 'page', 'hub', 'log'],
  benchmark: ['rollout', 'store', 'protocol', 'files', 'run', 'page', 'log'],
  train: ['rollout', 'files', 'run', 'page', 'config', 'log'],
  synth: [
    'env',
    'client',
    'agent',
    'rollout',
    'store',
    'protocol',
    'python',
    'yaml',
    'files',
    'run',
    'page',
    'config',
    'log',
  ],
  testing: [
    'protocol',
    'sandbox',
    'env',
    'server',
    'client',
    'store',
    'agent',
    'rollout',
    'synth',
    'yaml',
    'files',
    'run',
    'config',
    'log',
  ],
  cli: [
    'protocol',
    'sandbox',
    'env',
    'server',
    'client',
    'agent',
    'rollout',
    'benchmark',
    'train',
    'synth',
    'store',
    'python',
    'yaml',
    'files',
    'run',
    'page',
    'hub',
    'config',
    'log',
    'testing',
  ],
  config: [],
  log: ['config'],
};

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', ':(glob)src/**/*.ts', 'src/*.ts'],
  {
    encoding: 'utf8',
  },
).split('\n');
const faults = [];
const home = (file) => path.relative('src', file).split(path.sep)[0].replace(/\.ts$/, '');

for (const file of files.filter(Boolean)) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    continue;
  }
  const from = home(file);
  if (!(from in ALLOWED)) {
    faults.push(`${file}: the folder ${from} is not in the table of ${import.meta.url.split('/').pop()}`);
    continue;
  }
  for (const [, target] of text.matchAll(/(?:from|import\()\s*['"](\.{1,2}\/[^'"]+)['"]/g)) {
    const to = path.relative('.', path.resolve(path.dirname(file), target));
    if (!to.startsWith('src')) {
      if (!to.startsWith('package.json')) faults.push(`${file}: imports ${to}, which is outside src`);
      continue;
    }
    const place = home(to.replace(/\.js$/, '.ts'));
    if (place !== from && !ALLOWED[from].includes(place)) {
      faults.push(
        `${file}: ${from} may not import ${place} (${target}); it may import: ${ALLOWED[from].join(', ') || 'nothing'}`,
      );
    }
  }
  if (from === 'client' && /from 'node:/.test(text))
    faults.push(`${file}: the client also runs in browsers; no node: imports`);
}

const document = readFileSync('ARCHITECTURE.md', 'utf8');
for (const [folder, allowed] of Object.entries(ALLOWED)) {
  const row = document.match(new RegExp(`^\\| \`${folder}\` \\| (.*) \\|$`, 'm'));
  const listed = row?.[1].match(/`[\w]+`/g)?.map((word) => word.slice(1, -1)) ?? [];
  if (!row) faults.push(`ARCHITECTURE.md: the import table has no row for ${folder}`);
  else if (listed.sort().join() !== [...allowed].sort().join())
    faults.push(`ARCHITECTURE.md: row ${folder} says "${listed.join(', ')}", the check says "${allowed.join(', ')}"`);
}
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exitCode = 1;
}
