import { readdir, readFile } from 'node:fs/promises';
import { readConfig } from '../../src/config.js';
import { Cgroups } from '../../src/sandbox/cgroups.js';
import { findProcesses, readDaemonPid } from '../../src/sandbox/local-process.js';
import { localPaths } from '../../src/sandbox/local-record.js';
import { LocalBackend } from '../../src/sandbox/local-sandbox.js';
import { type ConformanceSubject, describeConformance } from './conformance.js';

const { rootfs } = readConfig();

function subject(runDir: string, isRoot: boolean): ConformanceSubject {
  return {
    separatesUsers: isRoot,
    createBackend: () => new LocalBackend({ rootfs, runDir, isRoot }),
    killDaemon: async (id) => {
      process.kill((await readDaemonPid(localPaths(runDir, id).info))!, 'SIGKILL');
    },
    leftovers: async (id) => {
      const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(id));
      const groups = ((await (await Cgroups.find())?.list()) ?? []).filter((group) => group === id);
      const directories = (await readdir(runDir).catch(() => [])).filter((entry) => entry === id);
      return [...(await findProcesses(id)).map((pid) => `process ${pid}`), ...mounts, ...groups, ...directories];
    },
  };
}

describeConformance('local', subject('/run/gymsmith-test-local', true));
