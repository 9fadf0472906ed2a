import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AnswerFile } from '../teacher/teacher.js';

/** Who may see a file of an attempt: the agent, the evaluator only, or the gates only. Also names of directories. */
const AUDIENCES = ['visible', 'hidden', 'checks'] as const;
type Audience = (typeof AUDIENCES)[number];

/** A program or helper of an attempt. */
export interface AttemptFile {
  audience: Audience;
  /** As the teacher names it: `baseline.py`, `hidden/levels.json`, `checks/weak.py`; those of agent and evaluator are workspace paths. */
  path: string;
  hostPath: string;
}

/** Directory of an attempt of a candidate; there when its files are complete. */
export function attemptDirectory(candidateDirectory: string, number: number): string {
  return path.join(candidateDirectory, 'attempts', String(number));
}

/** Who a file is for: the first name of its path says so. */
export function audienceOf(file: string): Audience {
  return file.startsWith('hidden/') ? 'hidden' : file.startsWith('checks/') ? 'checks' : 'visible';
}

/** Where a file lies below the directory of its attempt. */
function placeOf(file: string): string {
  return audienceOf(file) === 'visible' ? path.join('visible', file) : file;
}

async function isThere(place: string): Promise<boolean> {
  return stat(place).then(
    () => true,
    () => false,
  );
}

/**
 * Writes the files of an attempt, those of agent, evaluator and gates apart. All of them are there afterwards, or none; an attempt that
 * is written already stays as it is.
 */
export async function writeAttempt(
  candidateDirectory: string,
  number: number,
  files: readonly AnswerFile[],
): Promise<void> {
  const target = attemptDirectory(candidateDirectory, number);
  if (await isThere(target)) return;
  const parent = path.dirname(target);
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    if (name.startsWith(`.${number}-`)) await rm(path.join(parent, name), { recursive: true, force: true });
  }
  const aside = await mkdtemp(path.join(parent, `.${number}-`));
  try {
    for (const audience of AUDIENCES) await mkdir(path.join(aside, audience));
    for (const file of files) {
      const place = path.join(aside, placeOf(file.path));
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, file.text);
    }
    await rename(aside, target);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** The files of an attempt by path; none when it has no directory, because its answer could not be used. */
export async function listAttempt(candidateDirectory: string, number: number): Promise<AttemptFile[]> {
  const root = attemptDirectory(candidateDirectory, number);
  if (!(await isThere(root))) return [];
  const found: AttemptFile[] = [];
  for (const audience of AUDIENCES) {
    for (const entry of await readdir(path.join(root, audience), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const hostPath = path.join(entry.parentPath, entry.name);
      const below = path.relative(path.join(root, audience), hostPath).split(path.sep).join('/');
      found.push({ audience, path: audience === 'visible' ? below : `${audience}/${below}`, hostPath });
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The files of an attempt with their text, as the teacher gave them. */
export async function readAttempt(candidateDirectory: string, number: number): Promise<AnswerFile[]> {
  const files = await listAttempt(candidateDirectory, number);
  return Promise.all(files.map(async (file) => ({ path: file.path, text: await readFile(file.hostPath, 'utf8') })));
}
