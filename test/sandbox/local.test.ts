import { rm } from 'node:fs/promises';
import { afterAll } from 'vitest';
import { describeConformance } from './conformance.js';
import { localSubject } from './local-subject.js';

const runDir = `/run/gymsmith-test-local-${process.pid}`;

afterAll(() => rm(runDir, { recursive: true, force: true }));

describeConformance('local', localSubject(runDir));
describeConformance('local without root', localSubject(runDir, { isRoot: false }), ['files', 'limits', 'life']);
