import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INSTALL = fileURLToPath(new URL('../../scripts/train-venv.sh', import.meta.url));

/** The Python of the student's training: torch, transformers, trl, peft, datasets, tokenizers and tiktoken. */
export interface TrainEnvironment {
  python: string;
  /** Directory of the virtual environment. */
  root: string;
  /** Directory with the files of test/python/downloads.txt. */
  downloads: string;
}

/** Installs the environment when it is not there yet (minutes, 6 GB). */
export async function trainEnvironment(): Promise<TrainEnvironment> {
  const { stdout } = await run('bash', [INSTALL], { maxBuffer: 2 ** 24 });
  const [python, downloads] = stdout.trim().split('\t');
  if (!python || !downloads) throw new Error('The install script did not name the environment.');
  return { python, root: path.resolve(python, '../..'), downloads };
}
