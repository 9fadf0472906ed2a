import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { makeDirectories } from '../files/make-directories.js';
import type { TaskDetail } from '../protocol/index.js';

/** What names a run in MLGym. */
export interface RunName {
  model: string;
  /** The task's own id, as its YAML has it. */
  taskId: string;
  agent: string;
  /** Null: what the endpoint prefers. */
  temperature: number | null;
  topP: number | null;
  /** Dollars; 0: no limit. */
  costLimit: number;
  suffix?: string;
}

/** @returns the name of a run without its number: a file name, in the form that MLGym's scripts take apart */
export function runName({ model, taskId, agent, temperature, topP, costLimit, suffix }: RunName): string {
  const decimals = (value: number | null) => (value === null ? 'none' : value.toFixed(2));
  const settings = [`t-${decimals(temperature)}`, `p-${decimals(topP)}`, `c-${decimals(costLimit)}`, 'install-0'];
  return [model, taskId, agent, ...settings, ...(suffix ? [suffix] : [])].map(fileName).join('__');
}

/** A run's own directory and its number among those of its name. */
export interface RunDirectory {
  path: string;
  index: number;
}

/**
 * Makes a new directory for a run; an existing one is never touched.
 * @param root where the runs of a user are
 * @returns the directory with the lowest number that is free
 * @throws the fault of the file system
 */
export async function makeRunDirectory(root: string, name: string): Promise<RunDirectory> {
  await makeDirectories(root);
  for (let index = 0; ; index++) {
    const directory = path.join(root, `${name}_run_${index}`);
    try {
      await mkdir(directory);
      return { path: directory, index };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** MLGym replaces colons alone; the name of a model may have slashes. A whole name has at most 255 bytes. */
function fileName(part: string): string {
  return part.replace(/[:/\\]|[^\x20-\x7e]/g, '-').slice(0, 64);
}

/** @returns the id that a task has in its YAML, from which MLGym makes the names of files */
export function taskIdOf({ task, template }: Pick<TaskDetail, 'task' | 'template'>): string {
  return fileName(template.id ?? task.replace(/^.*\//, '').replace(/-v\d+$/, ''));
}
