import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readConfig } from '../../src/config.js';
import { Cgroups } from '../../src/sandbox/local/cgroups.js';
import { findProcesses, readDaemonPid } from '../../src/sandbox/local/local-process.js';
import { localPaths } from '../../src/sandbox/local/local-record.js';
import { LocalBackend, type LocalBackendOptions } from '../../src/sandbox/local/local-sandbox.js';
import type { ConformanceSubject } from './conformance.js';

const hasGroups = (await Cgroups.find()) !== null;

/** Local sandboxes below a directory of their own. */
export function localSubject(runDir: string, options: Partial<LocalBackendOptions> = {}): ConformanceSubject {
  const { rootfs } = readConfig();
  const directory = path.join(runDir, 'local');
  return {
    separatesUsers: options.isRoot ?? process.getuid?.() === 0,
    limitsProcessors: hasGroups,
    createBackend: () => new LocalBackend({ rootfs, runDir, ...options }),
    killDaemon: async (id) => {
      process.kill((await readDaemonPid(localPaths(directory, id).info))!, 'SIGKILL');
    },
    leftovers: async (id) => {
      const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(id));
      const groups = ((await (await Cgroups.find())?.list()) ?? []).filter((group) => group === id);
      const directories = (await readdir(directory).catch(() => [])).filter((entry) => entry === id);
      return [...(await findProcesses(id)).map((pid) => `process ${pid}`), ...mounts, ...groups, ...directories];
    },
  };
}
