import { rm } from 'node:fs/promises';
import { afterAll } from 'vitest';
import { DockerBackend } from '../../src/sandbox/docker/docker-sandbox.js';
import { describeConformance } from './conformance.js';
import { dockerSubject } from './docker-subject.js';
import { testRunDir } from './run-dir.js';

const runDir = testRunDir('relay');
const engine = { reach: 'relay' as const };

afterAll(async () => {
  const backend = new DockerBackend({ runDir, engines: [engine] });
  await backend.removeUnusedFiles();
  await backend.close();
  await rm(runDir, { recursive: true, force: true });
});

describeConformance('docker over a relay', dockerSubject(runDir, engine), ['shell', 'files', 'life']);
