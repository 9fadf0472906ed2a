import { rm } from 'node:fs/promises';
import { afterAll } from 'vitest';
import { describeConformance } from './conformance.js';
import { localSubject } from './local-subject.js';
import { testRunDir } from './run-dir.js';

const runDir = testRunDir('local');

afterAll(() => rm(runDir, { recursive: true, force: true }));

describeConformance('local', localSubject(runDir));
// Whoever is not root has run just that above.
if (process.getuid?.() === 0) {
  describeConformance('local without root', localSubject(runDir, { isRoot: false }), ['files', 'limits', 'life']);
}
