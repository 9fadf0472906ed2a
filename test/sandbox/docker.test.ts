import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { DockerBackend } from '../../src/sandbox/docker-sandbox.js';
import { type ConformanceSubject, describeConformance } from './conformance.js';

const run = promisify(execFile);
const runDir = '/run/gymsmith-test-docker';

const subject: ConformanceSubject = {
  separatesUsers: true,
  createBackend: () => new DockerBackend({ runDir }),
  killDaemon: async (id) => {
    await run('docker', ['kill', '--signal', 'KILL', id]);
  },
  leftovers: async (id) => {
    const { stdout } = await run('docker', ['ps', '--all', '--quiet', '--filter', `label=gymsmith.id=${id}`]);
    const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(id));
    const directories = (await readdir(runDir).catch(() => [])).filter((entry) => entry === id);
    return [...stdout.split('\n').filter(Boolean), ...mounts, ...directories];
  },
};

describeConformance('docker', subject);
