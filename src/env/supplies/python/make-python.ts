import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import type { NetworkSettings } from '../../../config.js';
import { type Sandbox, SandboxError } from '../../../sandbox/sandbox.js';
import type { Task, TaskFile } from '../../task.js';
import { byLine } from '../output-lines.js';
import { PREPARE_PLACE, PYTHON_PLACE, WORK_PLACE } from '../places.js';
import type { PreparationListener } from '../preparation-listener.js';
import { inPreparationSandbox, type PreparationPlace, putOwnFile, runScript } from '../preparation-sandbox.js';
import { SupplyFault } from '../supply-fault.js';
import type { PythonRecord, PythonStore } from './python-store.js';

const TIMEOUT_MS = 2 * 3600_000;
const SHOWN_LINES = 15;
/** Lines of pip that say what takes the time. */
const TELLING = /^(?:Collecting|\s*Downloading|Building wheel|Installing collected packages)/;
/** What pip says of an environment at most. */
const TOLD_BYTES = 2 ** 20;
/** Of what installing prints, kept at most. */
const LOG_BYTES = 16 * 2 ** 20;
const CERTIFICATES = '/tmp/certificates.pem';

/** What is to be made. */
export interface PythonJob {
  task: Task;
  requirements: TaskFile;
  key: string;
  store: PythonStore;
  place: PreparationPlace;
  listener: PreparationListener;
  signal?: AbortSignal;
}

/**
 * Makes the Python environment of a task: complete or not at all. Packages that a try which was cut off had downloaded are used again.
 * @throws SupplyFault with the end of what pip said and the place of all of it; the signal's reason
 */
export async function makePython(job: PythonJob): Promise<PythonRecord> {
  const { task, requirements, key, store, place, listener, signal } = job;
  const making = store.making(key);
  const work = path.join(making, 'work');
  await mkdir(store.directory, { recursive: true, mode: 0o700 });
  await mkdir(work, { recursive: true });
  await putOwnFile(path.join(work, 'requirements.txt'), await readFile(requirements.hostPath));
  const constraints = task.sidecar.constraints.map((line) => `${line}\n`).join('');
  await putOwnFile(path.join(work, 'constraints.txt'), constraints);
  listener.onPart(`making the Python environment of ${task.envId}`);
  const facts = {
    task,
    network: 'open' as const,
    mounts: [],
    writable: [
      { hostPath: path.join(making, 'env'), path: PYTHON_PLACE },
      { hostPath: work, path: WORK_PLACE },
    ],
    timeoutMs: TIMEOUT_MS,
  };
  const logFile = path.join(making, 'install.log');
  const [packages, python] = await inPreparationSandbox(
    place,
    facts,
    async (sandbox) => {
      await install(job, sandbox, logFile);
      // By way of the sandbox: what was installed could have left links there, to files of this machine.
      return Promise.all([told(sandbox, 'packages.txt'), told(sandbox, 'python.txt')]);
    },
    signal,
  );
  const record: PythonRecord = {
    version: 1,
    image: task.sidecar.resources.image,
    python: python.trim(),
    packages: packages.split('\n').filter(Boolean),
    prepared_at: new Date().toISOString(),
  };
  await writeFile(path.join(making, 'record.json'), `${JSON.stringify(record, null, 2)}\n`);
  await rm(work, { recursive: true, force: true });
  await store.put(key, making);
  return record;
}

async function install(job: PythonJob, sandbox: Sandbox, logFile: string): Promise<void> {
  const { task, place, listener, signal } = job;
  const log = createWriteStream(logFile);
  const tell = byLine((line) => {
    if (TELLING.test(line)) listener.onNote(line.trim());
  });
  try {
    const settings = await networkExports(sandbox, place.network);
    const script = `${settings}bash ${PREPARE_PLACE}/python-environment.sh ${PYTHON_PLACE} ${WORK_PLACE}`;
    const { exitCode, tail } = await runScript(sandbox, `(${script})`, {
      timeoutMs: TIMEOUT_MS,
      signal,
      onText: (text) => {
        if (log.bytesWritten + log.writableLength < LOG_BYTES) log.write(text);
        tell(text);
      },
    });
    if (exitCode === 0) return;
    const end = tail.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n  ');
    throw new SupplyFault(
      `The requirements of ${task.envId} could not be installed:\n  ${end}`,
      `All of it: ${logFile}. What was downloaded is used again by the next try.`,
    );
  } finally {
    log.end();
    await finished(log);
  }
}

async function told(sandbox: Sandbox, name: string): Promise<string> {
  const contents = await sandbox.getFile(`${WORK_PLACE}/${name}`, TOLD_BYTES).catch((error: unknown) => {
    if (!(error instanceof SandboxError)) throw error;
    throw new SupplyFault(`What was installed left no ${name} to be read: ${error.message}`, null, { cause: error });
  });
  return new TextDecoder().decode(contents);
}

/** Shell text that tells pip how this machine reaches the index. */
async function networkExports(sandbox: Sandbox, { pip, certificates, proxies }: NetworkSettings): Promise<string> {
  const variables: Record<string, string | undefined> = {
    ...pip,
    http_proxy: proxies.http,
    https_proxy: proxies.https,
    no_proxy: proxies.no,
  };
  if (certificates !== undefined) {
    const contents = await readFile(certificates).catch((error: Error) => {
      throw new SupplyFault(`The certificates cannot be read: ${error.message}`, 'Correct PIP_CERT or SSL_CERT_FILE.');
    });
    await sandbox.putFiles([{ path: CERTIFICATES, contents, mode: 0o644, user: 'root' }]);
    variables.PIP_CERT = CERTIFICATES;
  }
  return Object.entries(variables)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'; `)
    .join('');
}
