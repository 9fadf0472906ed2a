// Every requirement of test/requirements.json is cited by a test or a benchmark, and every cited id exists.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const requirements = JSON.parse(readFileSync('test/requirements.json', 'utf8'));
const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', ':(glob)test/**/*.ts', ':(glob)bench/**/*.ts'],
  {
    encoding: 'utf8',
  },
);
const cited = new Map();
for (const file of files.split('\n').filter(Boolean)) {
  for (const [, ids] of readFileSync(file, 'utf8').matchAll(/\[([A-Z]\d(?:,? [A-Z]\d)*)\]/g)) {
    for (const id of ids.split(/,? /)) cited.set(id, file);
  }
}
const faults = [
  ...Object.keys(requirements)
    .filter((id) => !cited.has(id))
    .map((id) => `${id} has no test: ${requirements[id]}`),
  ...[...cited]
    .filter(([id]) => !(id in requirements))
    .map(([id, file]) => `${file} cites ${id}, which is not a requirement`),
];
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exitCode = 1;
}
