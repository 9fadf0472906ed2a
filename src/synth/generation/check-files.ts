import type { Candidate } from '../candidate.js';
import { faultOfRepositoryFiles } from '../from-repo/repository-variables.js';
import { FILES_LIMITS } from '../teacher/answers/files-limits.js';
import type { AnswerFile } from '../teacher/teacher.js';
import { shadowedModule } from './shadowed-module.js';

const MAX_PATH = 120;
const NAME = /^[\w][\w.-]*(?:\/[\w][\w.-]*)*$/;
const CLUTTER = /(?:^|\/)__pycache__(?:\/|$)|\.pyc$/;

/** What an answer lacks or has too much of. */
interface FilesFault {
  fault: 'generation_malformed' | 'files_missing';
  detail: string;
}

const PROGRAMS = ['baseline.py', 'evaluate.py'];
/** Leave submissions that are worse and better than the baseline's, where the data does not give them. */
const CHECKS = ['checks/weak.py', 'checks/reference.py'];
const requiredAnywhere: ReadonlySet<string> = new Set([...PROGRAMS, ...CHECKS]);

/** What the teacher must write for a candidate. */
export function requiredFiles(candidate: Candidate): string[] {
  return candidate.proposal?.submission.kind === 'predictions' ? PROGRAMS : [...PROGRAMS, ...CHECKS];
}

/** Names that the teacher may not take, and why. */
function reservation(candidate: Candidate): (name: string) => string | null {
  const { proposal, grounding } = candidate;
  const given = new Set(grounding?.files.map((file) => file.path));
  const handedIn = proposal?.submission.kind === 'program' ? [] : (proposal?.submission.files ?? []);
  return (name) => {
    if (given.has(name)) return 'is a file of the data, which is in place already';
    if (given.size > 0 && (name === 'data' || name.startsWith('data/')))
      return 'lies in data/, which holds the dataset';
    if (handedIn.includes(name)) return 'is what is handed in: baseline.py makes it, so it may not be there before';
    return null;
  };
}

/** Why a path is no place for a file; null when it is one. */
function faultOfName(name: string): string | null {
  if (name.length > MAX_PATH) return `is longer than ${MAX_PATH} characters`;
  if (!NAME.test(name)) return 'is no path of letters, digits, "_", "-", "." and "/" inside the workspace';
  return CLUTTER.test(name) ? 'is a compiled file' : null;
}

/** Why one file cannot be used, as the end of a sentence; null when it can. */
function faultOfFile(
  { path, text }: AnswerFile,
  paths: readonly string[],
  reserved: (name: string) => string | null,
): string | null {
  const fault = faultOfName(path) ?? reserved(path);
  if (fault !== null) return fault;
  const above = paths.find((other) => path.startsWith(`${other}/`));
  if (above !== undefined) return `lies below ${above}, which is a file`;
  if (path === 'hidden' || path === 'checks') return 'is the name of a directory';
  // Programs of the gates run beside the others; what is hidden is data.
  const module = shadowedModule(path.replace(/^checks\//, ''));
  if (module !== null) return `would be imported in place of the module ${module}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > FILES_LIMITS.fileBytes) return `has ${bytes} bytes, and ${FILES_LIMITS.fileBytes} are the most`;
  return text.trim() === '' && requiredAnywhere.has(path) ? 'is empty' : null;
}

/** Answers as they come: without `./`, of files that are given twice the last one. */
export function tidyFiles(files: readonly AnswerFile[]): AnswerFile[] {
  const byPath = new Map(files.map((file) => [file.path.replace(/^(?:\.\/)+/, ''), file.text]));
  return [...byPath].map(([path, text]) => ({ path, text }));
}

/**
 * Judges names and sizes of the files of an attempt. What the programs do is for the gates.
 * @param files tidy ones
 * @returns the first thing that is wrong, null when there is none; and the files that can be kept whatever the others are
 */
export function checkFiles(
  candidate: Candidate,
  files: readonly AnswerFile[],
): { fault: FilesFault | null; usable: AnswerFile[] } {
  const malformed = (detail: string, usable: AnswerFile[] = []) => ({
    fault: { fault: 'generation_malformed' as const, detail },
    usable,
  });
  if (files.length > FILES_LIMITS.files)
    return malformed(`${files.length} files were given, and ${FILES_LIMITS.files} are the most`);
  const total = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (total > FILES_LIMITS.totalBytes)
    return malformed(`all files have ${total} bytes, and ${FILES_LIMITS.totalBytes} are the most`);
  const reserved = reservation(candidate);
  const paths = files.map((file) => file.path);
  const judged = files.map((file) => ({ file, fault: faultOfFile(file, paths, reserved) }));
  const usable = judged.filter(({ fault }) => fault === null).map(({ file }) => file);
  const faulty = judged.find(({ fault }) => fault !== null);
  if (faulty) return malformed(`${JSON.stringify(faulty.file.path.slice(0, 2 * MAX_PATH))} ${faulty.fault}`, usable);
  const ofRepository = faultOfRepositoryFiles(candidate, files);
  if (ofRepository !== null) return malformed(ofRepository, usable);
  const missing = requiredFiles(candidate).filter((name) => !paths.includes(name));
  if (missing.length === 0) return { fault: null, usable };
  return { fault: { fault: 'files_missing', detail: `There is no ${missing.join(', no ')}` }, usable };
}
