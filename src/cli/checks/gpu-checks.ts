import type { Check, CheckResult } from './check.js';
import { runProgram } from './run-program.js';

/** NVIDIA devices, and what hands them to containers. */
export const checkGpus: Check = async () => {
  const listed = await runProgram('nvidia-smi', [
    '--query-gpu=name,memory.total,driver_version',
    '--format=csv,noheader',
  ]);
  const gpus = listed?.split('\n').filter(Boolean) ?? [];
  const devices: CheckResult = {
    name: 'NVIDIA GPUs',
    status: gpus.length > 0 ? 'ok' : 'missing',
    detail:
      gpus.length > 0
        ? `${gpus.length}: ${[...new Set(gpus)].join('; ')}`
        : 'none; tasks that need none run all the same',
    purpose: 'tasks that train on a GPU',
    remedy:
      gpus.length > 0
        ? null
        : 'Nothing to do without a GPU; with one, install the NVIDIA driver until nvidia-smi lists it.',
  };
  if (gpus.length === 0) return [devices];
  const toolkit = await runProgram('nvidia-ctk', ['--version']);
  const version = toolkit?.split('\n')[0] ?? null;
  return [
    devices,
    {
      name: 'NVIDIA container toolkit',
      status: version === null ? 'missing' : 'ok',
      detail: version ?? 'no nvidia-ctk in the path',
      purpose: 'hands GPUs to Docker sandboxes; local ones do without',
      remedy:
        version === null
          ? 'Install nvidia-container-toolkit, then: nvidia-ctk runtime configure --runtime=docker, and restart Docker.'
          : null,
    },
  ];
};
