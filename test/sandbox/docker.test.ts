import { rm } from 'node:fs/promises';
import { afterAll } from 'vitest';
import { describeConformance } from './conformance.js';
import { dockerSubject } from './docker-subject.js';
import { testRunDir } from './run-dir.js';

const runDir = testRunDir('docker');

afterAll(() => rm(runDir, { recursive: true, force: true }));

describeConformance('docker', dockerSubject(runDir));
