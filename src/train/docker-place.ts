import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import { PROJECT_ROOT } from '../config.js';
import { linesOf } from './lines-of.js';
import { recipeCommand } from './recipe-command.js';
import { recipeSettings } from './recipe-settings.js';
import { TrainError } from './train-error.js';
import type { TrainJob, TrainPlace, TrainProcess } from './train-place.js';

/** Label with the hash of the directory that a container trains in. */
const LABEL = 'org.gymsmith.train';
const AT = { recipe: '/recipe', dataset: '/dataset', model: '/model', out: '/out', models: '/models' } as const;
/** Shared memory of processes that load rows, and of NCCL. */
const SHM_BYTES = 8 * 2 ** 30;

interface DockerPlaceOptions {
  image: string;
  /** Virtual environment of this machine whose Python is used instead of the image's, mounted where it lies. */
  environment: string | null;
  /** Directory of what is downloaded from the Hub. */
  models: string;
  hubToken: string | undefined;
}

/**
 * Containers of an image. One that outlived the program which started it goes on training, and is taken up by the next that trains in
 * the same directory.
 */
export class DockerPlace implements TrainPlace {
  readonly name: string;

  constructor(private readonly options: DockerPlaceOptions) {
    this.name = `a container of ${options.image}`;
  }

  async start(job: TrainJob, onLine: (line: string) => void): Promise<TrainProcess> {
    const { default: Client } = await import('dockerode');
    const docker = new Client();
    const label = `${LABEL}=${createHash('sha256').update(job.places.root).digest('hex').slice(0, 32)}`;
    const earlier = await this.#earlier(docker, label);
    const container = earlier ?? (await this.#create(docker, job, label));
    try {
      const { ended } = await follow(container, job.places.log, onLine, earlier !== null);
      return {
        isTakenUp: earlier !== null,
        ended,
        kill: () => container.kill().catch(() => {}),
        remove: () => remove(container),
      };
    } catch (error) {
      await remove(container);
      throw error;
    }
  }

  /** @returns a container that still trains; what else is left of earlier ones is removed */
  async #earlier(docker: Docker, label: string): Promise<Docker.Container | null> {
    const found = await docker.listContainers({ all: true, filters: { label: [label] } }).catch((error: Error) => {
      const remedy = 'Start it, or train with a Python of this machine: --place python --python PATH';
      throw new TrainError('settings', `The Docker engine does not answer: ${error.message}`, remedy);
    });
    let running: Docker.Container | null = null;
    for (const { Id, State } of found) {
      const container = docker.getContainer(Id);
      if (State === 'running' && running === null) running = container;
      else await remove(container);
    }
    return running;
  }

  async #create(docker: Docker, job: TrainJob, label: string): Promise<Docker.Container> {
    const { settings, places, gpus, processes, local } = job;
    const { image, environment, models, hubToken } = this.options;
    const paths = {
      dataset: local.dataset ? AT.dataset : settings.dataset,
      model: local.model ? AT.model : settings.model,
      out: AT.out,
    };
    const needsHub = !local.dataset || !local.model;
    await writeFile(places.recipe, JSON.stringify(recipeSettings(settings, paths)));
    if (needsHub) await mkdir(models, { recursive: true });
    const readOnly = (source: string, target: string) => `${source}:${target}:ro`;
    const python = environment === null ? 'python3' : path.join(environment, 'bin', 'python');
    const [name, value] = label.split('=') as [string, string];
    try {
      return await docker.createContainer({
        Image: image,
        Entrypoint: [python],
        Cmd: recipeCommand(AT.recipe, `${AT.out}/${path.basename(places.recipe)}`, processes, []),
        WorkingDir: '/tmp',
        Hostname: 'gymsmith',
        // Files in the directory belong to whoever asked for them.
        User: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
        Labels: { [name]: value, 'org.gymsmith.owner': 'train' },
        Env: [
          'HOME=/tmp',
          'PYTHONDONTWRITEBYTECODE=1',
          // All processes are in this container; without a network no other interface would be found.
          ...(processes > 1 ? ['GLOO_SOCKET_IFNAME=lo', 'NCCL_SOCKET_IFNAME=lo'] : []),
          ...(process.env.OMP_NUM_THREADS ? [`OMP_NUM_THREADS=${process.env.OMP_NUM_THREADS}`] : []),
          ...(needsHub ? [`HF_HOME=${AT.models}`] : ['HF_HOME=/tmp/hub', 'HF_HUB_OFFLINE=1']),
          ...(needsHub && hubToken ? [`HF_TOKEN=${hubToken}`] : []),
        ],
        HostConfig: {
          Binds: [
            readOnly(path.join(PROJECT_ROOT, 'docker', 'train'), AT.recipe),
            `${places.root}:${AT.out}`,
            ...(local.dataset ? [readOnly(settings.dataset, AT.dataset)] : []),
            ...(local.model ? [readOnly(settings.model, AT.model)] : []),
            ...(environment === null ? [] : [readOnly(environment, environment)]),
            ...(needsHub ? [`${models}:${AT.models}`] : []),
          ],
          ...(needsHub ? {} : { ExtraHosts: ['gymsmith:127.0.0.1'] }),
          NetworkMode: needsHub ? 'bridge' : 'none',
          ShmSize: SHM_BYTES,
          Init: true,
          CapDrop: ['ALL'],
          SecurityOpt: ['no-new-privileges'],
          LogConfig: { Type: 'json-file', Config: { 'max-size': '64m', 'max-file': '1' } },
          ...(gpus.length > 0
            ? { DeviceRequests: [{ Driver: 'nvidia', DeviceIDs: [...gpus], Capabilities: [['gpu']] }] }
            : {}),
        },
      });
    } catch (error) {
      throw creationError(image, error as Error & { statusCode?: number });
    }
  }
}

/** @returns the end of the container, after its last line was given */
async function follow(
  container: Docker.Container,
  logFile: string,
  onLine: (line: string) => void,
  isRunning: boolean,
): Promise<{ ended: Promise<number | null> }> {
  if (!isRunning) {
    await container.start().catch((error: Error) => {
      const isGpu = /nvidia|device driver|gpu/i.test(error.message);
      const remedy = isGpu
        ? 'Install the NVIDIA container toolkit; gymsmith doctor shows what is there.'
        : 'docker logs and dockerd say more.';
      throw new TrainError(isGpu ? 'gpu' : 'other', `The container does not start: ${error.message}`, remedy);
    });
  }
  const stream = await container.logs({ follow: true, stdout: true, stderr: true });
  const [out, err] = [new PassThrough(), createWriteStream(logFile, { flags: isRunning ? 'w' : 'a' })];
  out.on('data', linesOf(onLine));
  container.modem.demuxStream(stream, out, err);
  const drained = new Promise<void>((resolve) =>
    stream.once('end', resolve).once('close', resolve).once('error', resolve),
  );
  const end = async () => {
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    await drained;
    err.end();
    return StatusCode > 128 ? null : StatusCode;
  };
  return { ended: end() };
}

async function remove(container: Docker.Container): Promise<void> {
  await container.remove({ force: true, v: true }).catch(() => {});
}

function creationError(image: string, error: Error & { statusCode?: number }): TrainError {
  if (error.statusCode !== 404)
    return new TrainError('other', `No container can be made: ${error.message}`, 'See dockerd.');
  const name = /^gymsmith\/(\w+)(?::|$)/.exec(image)?.[1];
  const build = name ? `bash ${path.join(PROJECT_ROOT, 'docker', 'build.sh')} ${name}` : `docker pull ${image}`;
  return new TrainError('settings', `There is no image ${image}.`, build);
}
