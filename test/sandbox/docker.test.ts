import { rm } from 'node:fs/promises';
import { afterAll } from 'vitest';
import { describeConformance } from './conformance.js';
import { dockerSubject } from './docker-subject.js';

const runDir = `/run/gymsmith-test-docker-${process.pid}`;

afterAll(() => rm(runDir, { recursive: true, force: true }));

describeConformance('docker', dockerSubject(runDir));
