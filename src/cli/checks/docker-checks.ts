import Docker from 'dockerode';
import { imageRemedy } from '../../sandbox/image-remedy.js';
import type { Check, CheckResult } from './check.js';
import { imageContent } from './image-content.js';

const DEADLINE_MS = 5_000;
const IMAGES = [
  { target: 'cpu', purpose: 'tasks without a GPU', isRequired: true },
  { target: 'gpu', purpose: 'tasks with a GPU', isRequired: false },
];

/** The engine and its images. */
export const checkDocker: Check = async () => {
  const docker = new Docker({ timeout: DEADLINE_MS });
  let version: Docker.DockerVersion;
  try {
    version = await docker.version();
  } catch (error) {
    return [
      {
        name: 'Docker engine',
        status: 'missing',
        detail: `does not answer: ${(error as Error).message}`,
        purpose: 'makes sandboxes; the default',
        remedy:
          (error as NodeJS.ErrnoException).code === 'EACCES'
            ? 'Join the group docker and log in again (usermod -aG docker NAME, as root), or run as root.'
            : 'Install and start it (apt-get install docker.io; systemctl start docker), or set DOCKER_HOST.',
      },
    ];
  }
  const info = (await docker.info().catch(() => ({}))) as { Driver?: string; CgroupVersion?: string };
  const engine: CheckResult = {
    name: 'Docker engine',
    status: 'ok',
    detail: `${version.Version}, API ${version.ApiVersion}, ${info.Driver ?? '?'}, control groups v${info.CgroupVersion ?? '?'}`,
    purpose: 'makes sandboxes; the default',
    remedy: null,
  };
  return [engine, ...(await Promise.all(IMAGES.map((image) => checkImage(docker, image))))];
};

async function checkImage(
  docker: Docker,
  { target, purpose, isRequired }: (typeof IMAGES)[number],
): Promise<CheckResult> {
  const name = `gymsmith/${target}`;
  const [image, content] = await Promise.all([
    docker
      .getImage(`${name}:latest`)
      .inspect()
      .catch(() => null),
    imageContent(target),
  ]);
  const remedy = imageRemedy(name);
  const result = { name: `Image ${name}`, purpose };
  if (!image) return { ...result, status: isRequired ? 'missing' : 'warn', detail: 'not built', remedy };
  const built = image.Config.Labels?.['org.gymsmith.content'] ?? 'of unknown contents';
  const size = `${(image.Size / 2 ** 30).toFixed(1)} GiB`;
  if (content === null || built === content)
    return { ...result, status: 'ok', detail: `${built}, ${size}`, remedy: null };
  return { ...result, status: 'warn', detail: `${built}, ${size}, older than the sources (${content})`, remedy };
}
