import path from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { imageRemedy } from '../../src/sandbox/image-remedy.js';

const BUILD = `bash ${path.join(PROJECT_ROOT, 'docker', 'build.sh')}`;

it.each([
  ['gymsmith/cpu', undefined, 'npm run setup'],
  ['gymsmith/cpu:0.1.0', '/state/rootfs/cpu', 'npm run setup'],
  ['gymsmith/gpu', undefined, `${BUILD} gpu`],
  ['gymsmith/gpu', '/state/rootfs/gpu', `${BUILD} gpu --rootfs /state/rootfs/gpu`],
  ['python:3.12', undefined, 'docker pull python:3.12'],
])('says how to get %s (root file system: %s) [B1]', (image, rootfs, command) => {
  expect(imageRemedy(image, rootfs)).toBe(command);
});
