import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { imageRemedy } from '../../sandbox/image-remedy.js';
import { Cgroups } from '../../sandbox/local/cgroups.js';
import { LocalBackend } from '../../sandbox/local/local-sandbox.js';
import type { Check } from './check.js';
import { imageContent } from './image-content.js';
import { runProgram } from './run-program.js';

/** What sandboxes without Docker need. The line `Local backend` says whether they work. */
export const checkLocal: Check = async (config) => {
  const backend = new LocalBackend({ rootfs: config.rootfs, runDir: config.runDir });
  const [version, cgroups, release, content, probe] = await Promise.all([
    runProgram('bwrap', ['--version']),
    Cgroups.find().catch(() => null),
    readRelease(config.rootfs),
    imageContent('cpu'),
    backend.probe().catch((error: Error) => ({ available: false, detail: error.message, remedy: null })),
  ]);
  await backend.close();
  const isStale = release !== null && content !== null && release !== content;
  return [
    {
      name: 'bubblewrap',
      status: version === null ? 'missing' : 'ok',
      detail: version ?? 'no bwrap in the path',
      purpose: 'makes sandboxes where no Docker engine answers',
      remedy: version === null ? 'apt-get install bubblewrap' : null,
    },
    {
      name: 'Control groups',
      status: cgroups === null ? 'warn' : 'ok',
      detail: cgroups === null ? 'none that this process may write' : `version ${cgroups.version}`,
      purpose: 'limit memory, CPU and processes of local sandboxes',
      remedy: cgroups === null ? 'Run the server as root, or in a systemd unit with Delegate=yes.' : null,
    },
    {
      name: 'Root file system',
      status: release === null ? 'missing' : isStale ? 'warn' : 'ok',
      detail:
        release === null
          ? `none at ${config.rootfs}`
          : `${config.rootfs} (${release}${isStale ? ', older than the sources' : ''})`,
      purpose: 'what local sandboxes run in',
      remedy: release === null || isStale ? imageRemedy('gymsmith/cpu', config.rootfs) : null,
    },
    {
      name: 'Local backend',
      status: probe.available ? 'ok' : 'missing',
      detail: probe.detail,
      purpose: 'sandboxes of this machine without a container engine',
      remedy: probe.remedy,
    },
  ];
};

/** @returns the content hash that a root file system was made from; null when there is none */
async function readRelease(rootfs: string): Promise<string | null> {
  const text = await readFile(path.join(rootfs, 'etc', 'gymsmith-release'), 'utf8').catch(() => null);
  return /"content":"(\w+)"/.exec(text ?? '')?.[1] ?? null;
}
