import type { FileHashes } from './file-hashes.js';
import type { PackFault } from './pack-fault.js';

/** What a task is loaded from and with. */
export interface TaskSource {
  /** Real path of the pack. */
  root: string;
  /** Name of the configuration file without its ending. */
  stem: string;
  configFile: string;
  sidecarFile: string | null;
  /** Env id where no sidecar names one. */
  defaultEnvId: string;
  /** Whether facts about MLGym's own tasks apply. */
  isMlgym: boolean;
  hashes: FileHashes;
  sink: PackFault[];
}
