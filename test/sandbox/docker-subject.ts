import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { DockerEngineOptions } from '../../src/sandbox/docker/docker-engine.js';
import { DockerBackend } from '../../src/sandbox/docker/docker-sandbox.js';
import type { ConformanceSubject } from './conformance.js';

const run = promisify(execFile);

/** Containers of this machine's engine, with directories below one of their own. */
export function dockerSubject(runDir: string, engine: DockerEngineOptions = {}): ConformanceSubject {
  return {
    separatesUsers: true,
    limitsProcessors: true,
    createBackend: () => new DockerBackend({ runDir, engines: [engine] }),
    killDaemon: async (id) => {
      await run('docker', ['kill', '--signal', 'KILL', id]);
    },
    leftovers: async (id) => {
      const { stdout } = await run('docker', ['ps', '--all', '--quiet', '--filter', `label=gymsmith.id=${id}`]);
      const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(id));
      const directories = (await readdir(path.join(runDir, 'docker')).catch(() => [])).filter((entry) => entry === id);
      return [...stdout.split('\n').filter(Boolean), ...mounts, ...directories];
    },
  };
}
