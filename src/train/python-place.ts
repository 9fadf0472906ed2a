import { spawn } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PROJECT_ROOT } from '../config.js';
import { linesOf } from './lines-of.js';
import { recipeCommand } from './recipe-command.js';
import { recipeSettings } from './recipe-settings.js';
import { TrainError } from './train-error.js';
import type { TrainJob, TrainPlace, TrainProcess } from './train-place.js';

/** A Python of this machine. The recipe ends at its next step, with a checkpoint, when the process that started it is gone. */
export class PythonPlace implements TrainPlace {
  readonly name: string;

  /** @param models directory of what is downloaded from the Hub */
  constructor(
    private readonly python: string,
    private readonly models: string,
  ) {
    this.name = python;
  }

  async start(job: TrainJob, onLine: (line: string) => void): Promise<TrainProcess> {
    const { settings, places, gpus, processes, local } = job;
    const paths = { dataset: settings.dataset, model: settings.model, out: places.root };
    await writeFile(places.recipe, JSON.stringify(recipeSettings(settings, paths)));
    const recipe = path.join(PROJECT_ROOT, 'docker', 'train');
    const log = await open(places.log, 'a');
    const child = spawn(this.python, recipeCommand(recipe, places.recipe, processes, ['--stop-with-input']), {
      // The end of this pipe tells it that nobody is left; a group of its own keeps a Ctrl-C at the terminal from it.
      stdio: ['pipe', 'pipe', log.fd],
      detached: true,
      env: {
        ...process.env,
        PYTHONDONTWRITEBYTECODE: '1',
        HF_HOME: this.models,
        ...(local.model && local.dataset ? { HF_HUB_OFFLINE: '1' } : {}),
        CUDA_VISIBLE_DEVICES: gpus.join(','),
      },
    });
    child.stdout?.on('data', linesOf(onLine));
    const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    const failed = await new Promise<Error | null>((resolve) => {
      child.once('spawn', () => resolve(null));
      child.once('error', resolve);
    });
    await log.close();
    if (failed) {
      const remedy = 'Name a Python that has the libraries of docker/train/requirements.txt: --python PATH';
      throw new TrainError('settings', `${this.python} cannot be started: ${failed.message}`, remedy);
    }
    // It is gone before it was told so.
    child.stdin?.on('error', () => {});
    const kill = async () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    };
    return { isTakenUp: false, ended, kill, remove: kill };
  }
}
