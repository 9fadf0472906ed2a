import { existsSync } from 'node:fs';
import path from 'node:path';
import { PROJECT_ROOT } from '../config.js';

/** Only a clone has it; an installed package has `docker/build.sh` alone. */
const HAS_SETUP = existsSync(path.join(PROJECT_ROOT, 'scripts', 'setup.sh'));

/**
 * @param rootfs where the root file system of local sandboxes belongs; without it the image of the Docker engine is meant
 * @returns the command that gets an image that is missing
 */
export function imageRemedy(image: string, rootfs?: string): string {
  const name = /^gymsmith\/([\w.-]+?)(:[\w.-]+)?$/.exec(image)?.[1];
  if (name === undefined) return `docker pull ${image}`;
  if (name === 'cpu' && HAS_SETUP) return 'npm run setup';
  const build = `bash ${path.join(PROJECT_ROOT, 'docker', 'build.sh')} ${name}`;
  return rootfs === undefined ? build : `${build}${name === 'cpu' ? ' --no-docker' : ''} --rootfs ${rootfs}`;
}
