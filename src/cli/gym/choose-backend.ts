import type { Config } from '../../config.js';
import { imageRemedy } from '../../sandbox/image-remedy.js';
import type { CleanableBackend } from '../../sandbox/janitor.js';
import type { SandboxBackend } from '../../sandbox/sandbox.js';
import { CliError } from '../cli-error.js';

/** Image that every task without a GPU runs in. */
const CPU_IMAGE = 'gymsmith/cpu';

/** A backend that can be cleaned up after. */
type Backend = SandboxBackend & CleanableBackend;

/** The backend that sandboxes come from, and the reason. */
export interface ChosenBackend {
  backend: Backend;
  /** What it is and why it was taken. */
  why: string;
}

type Candidate = { name: 'docker' | 'local'; open: () => Promise<{ backend: Backend; fault: string | null }> };

/**
 * Docker when its engine answers and has the image, else bubblewrap; or the one that the settings name.
 * @throws CliError saying what each backend lacks
 */
export async function chooseBackend(
  config: Pick<Config, 'backend' | 'dockerHosts' | 'runDir' | 'rootfs'>,
): Promise<ChosenBackend> {
  const all: Candidate[] = [
    { name: 'docker', open: () => openDocker(config) },
    { name: 'local', open: () => openLocal(config) },
  ];
  const candidates = all.filter(({ name }) => config.backend === 'auto' || config.backend === name);
  const faults: string[] = [];
  for (const { name, open } of candidates) {
    const { backend, fault } = await open();
    const { available, detail, remedy } = await backend.probe();
    if (available && fault === null) {
      const reason =
        config.backend === 'auto' ? (faults.length === 0 ? 'taken by default' : faults.join('; ')) : 'as asked';
      return { backend, why: `${detail} (${reason})` };
    }
    await backend.close();
    faults.push(`${name}: ${available ? fault : detail}${!available && remedy ? ` - ${remedy}` : ''}`);
  }
  throw new CliError(
    `No sandbox can be made here.\n  ${faults.join('\n  ')}`,
    'See what is missing and how to get it: gymsmith doctor',
  );
}

async function openDocker({
  runDir,
  dockerHosts,
}: Pick<Config, 'dockerHosts' | 'runDir'>): Promise<{ backend: Backend; fault: string | null }> {
  const { DockerBackend } = await import('../../sandbox/docker/docker-sandbox.js');
  const backend = new DockerBackend({
    runDir,
    engines: dockerHosts.length > 0 ? dockerHosts.map((host) => ({ host })) : [{}],
  });
  const hasImage = await backend.hasImage(CPU_IMAGE).catch(() => false);
  return { backend, fault: hasImage ? null : `the engine has no image ${CPU_IMAGE} - ${imageRemedy(CPU_IMAGE)}` };
}

async function openLocal(config: Pick<Config, 'runDir' | 'rootfs'>): Promise<{ backend: Backend; fault: null }> {
  const { LocalBackend } = await import('../../sandbox/local/local-sandbox.js');
  return { backend: new LocalBackend({ runDir: config.runDir, rootfs: config.rootfs }), fault: null };
}
