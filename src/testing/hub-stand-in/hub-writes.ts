import { buffer } from 'node:stream/consumers';
import { largeFiles, line } from './git-attributes.js';
import { Refusal } from './hub-account.js';
import type { HubCommit, HubRepo } from './hub-repo.js';
import { answerJson, type HubRequest } from './hub-request.js';

/** Files of more are not taken as part of a commit, and never are text. */
const REGULAR_BYTES = 10_000_000;
const ATTRIBUTES = '.gitattributes';

type Line =
  | { key: 'header'; value: { summary?: string; parentCommit?: string } }
  | { key: 'file'; value: { path: string; content: string; encoding?: 'base64' | 'utf-8' } }
  | { key: 'lfsFile'; value: { path: string; oid?: string; size?: number } }
  | { key: 'deletedFile' | 'deletedFolder'; value: { path: string } };

interface Preupload {
  files: { path: string; size: number; sample: string }[];
  gitAttributes?: string;
}

const VERBS = ['preupload', 'commit', 'branch', 'settings'] as const;
type Verb = (typeof VERBS)[number];

/** Whether a request to `/api/{datasets,models}/{id}/...` changes the repository, or prepares for it. */
export function isWrite({ request, parts }: HubRequest): boolean {
  return request.method !== 'GET' && request.method !== 'HEAD' && VERBS.includes(parts[0] as Verb);
}

/**
 * Answers what changes a repository.
 * @param maxBytes what a commit may have
 * @throws Refusal
 */
export async function answerWrite(asked: HubRequest, maxBytes: number): Promise<void> {
  const { request, response, repo, parts, url, base } = asked;
  const [verb, ...rest] = parts as [Verb, ...string[]];
  const branch = rest.join('/');
  const body = await buffer(request);
  if (verb === 'settings') {
    const { private: isPrivate, visibility } = parsed<{ private?: boolean; visibility?: string }>(body);
    repo.facts.isPrivate = isPrivate ?? visibility === 'private';
    return answerJson(response, { private: repo.facts.isPrivate });
  }
  if (verb === 'branch') return answerBranch(asked, branch, body);
  const head = repo.at(branch);
  if (!head || !repo.heads.includes(branch)) {
    throw new Refusal(404, `Invalid rev id: ${branch}`, 'RevisionNotFound');
  }
  if (verb === 'preupload') return answerJson(response, { files: uploadModes(parsed<Preupload>(body), head) });
  if (body.length > maxBytes) throw new Refusal(413, 'Payload too large');
  if (url.searchParams.has('create_pr')) throw new Refusal(400, 'The stand-in opens no pull requests.');
  const sha = commit(repo, head, branch, body);
  const place = `${base}/${repo.facts.type === 'dataset' ? 'datasets/' : ''}${repo.facts.id}`;
  answerJson(response, { success: true, commitOid: sha, commitUrl: `${place}/commit/${sha}`, hookOutput: '' });
}

function parsed<T>(body: Buffer): T {
  try {
    return (body.length === 0 ? {} : JSON.parse(body.toString())) as T;
  } catch {
    throw new Refusal(400, 'Invalid JSON');
  }
}

function answerBranch({ request, response, repo }: HubRequest, branch: string, body: Buffer): void {
  if (request.method === 'DELETE') {
    if (branch === 'main') throw new Refusal(403, "You can't delete the default branch");
    if (!repo.branches.delete(branch)) throw new Refusal(404, `Invalid rev id: ${branch}`, 'RevisionNotFound');
    answerJson(response, { success: true });
    return;
  }
  const asked = parsed<{ startingPoint?: string; emptyBranch?: boolean; overwrite?: boolean }>(body);
  if (repo.heads.includes(branch) && !asked.overwrite) {
    throw new Refusal(409, `Reference already exists: refs/heads/${branch}`);
  }
  const start = repo.at(asked.startingPoint ?? 'main');
  if (!start) throw new Refusal(404, `Invalid rev id: ${asked.startingPoint}`, 'RevisionNotFound');
  if (asked.emptyBranch) {
    repo.branches.delete(branch);
    repo.commit({ files: { [ATTRIBUTES]: contentsOf(start, ATTRIBUTES) }, title: 'initial commit', branch });
  } else repo.branches.set(branch, [start]);
  answerJson(response, { success: true });
}

function contentsOf(commit: HubCommit, path: string): string {
  const file = commit.files.get(path);
  return file ? new TextDecoder().decode(file.contents) : '';
}

function uploadModes({ files, gitAttributes }: Preupload, head: HubCommit): object[] {
  if (!Array.isArray(files)) throw new Refusal(400, 'Invalid input: files');
  const isLarge = largeFiles(gitAttributes ?? contentsOf(head, ATTRIBUTES));
  return files.map(({ path, size, sample }) => {
    const isBinary = Buffer.from(sample, 'base64').includes(0);
    const uploadMode = size > 0 && (isLarge(path) || size > REGULAR_BYTES || isBinary) ? 'lfs' : 'regular';
    return { path, uploadMode, shouldIgnore: false, oid: head.files.get(path)?.oid ?? null };
  });
}

function commit(repo: HubRepo, head: HubCommit, branch: string, body: Buffer): string {
  const lines = body
    .toString()
    .split('\n')
    .filter((text) => text.trim() !== '')
    .map((text) => parsed<Line>(Buffer.from(text)));
  const [header, ...operations] = lines;
  if (header?.key !== 'header' || !header.value.summary) throw new Refusal(400, 'Invalid input: summary is required');
  const { parentCommit, summary: title } = header.value;
  if (parentCommit !== undefined && !head.sha.startsWith(parentCommit)) {
    throw new Refusal(412, 'A commit has happened since. Please refresh and try again.');
  }
  const files: Record<string, Uint8Array | string> = {};
  const lfs = new Set<string>();
  for (const [path, file] of head.files) {
    files[path] = file.contents;
    if (file.lfs) lfs.add(path);
  }
  for (const operation of operations) apply(repo, operation, files, lfs);
  track(files, lfs);
  return repo.commit({ files, lfs: [...lfs], title, branch });
}

function apply(repo: HubRepo, operation: Line, files: Record<string, Uint8Array | string>, lfs: Set<string>): void {
  if (operation.key === 'header') throw new Refusal(400, 'Invalid input: more than one header');
  const path = operation.key === 'deletedFolder' ? operation.value.path.replace(/\/$/, '') : operation.value.path;
  if (typeof path !== 'string' || path.split('/').some((part) => ['', '.', '..', '.git'].includes(part))) {
    throw new Refusal(400, `Invalid path: ${path}`);
  }
  if (operation.key === 'deletedFile' || operation.key === 'deletedFolder') {
    const isGone = (name: string) =>
      name === path || (operation.key === 'deletedFolder' && name.startsWith(`${path}/`));
    const gone = Object.keys(files).filter(isGone);
    if (gone.length === 0) throw new Refusal(404, `A file with the name "${path}" does not exist`, 'EntryNotFound');
    for (const name of gone) {
      delete files[name];
      lfs.delete(name);
    }
    return;
  }
  if (operation.key === 'lfsFile') {
    const { oid = '', size } = operation.value;
    const stored = repo.objects.get(oid);
    if (!stored || stored.length !== size) {
      throw new Refusal(400, `LFS pointer pointed to a file that does not exist: "${path}"`);
    }
    files[path] = stored;
    lfs.add(path);
    return;
  }
  if (operation.key !== 'file') throw new Refusal(400, `Invalid key: ${(operation as { key: string }).key}`);
  const { content, encoding } = operation.value;
  const contents = Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8');
  if (contents.length > REGULAR_BYTES) {
    throw new Refusal(400, `Your push was rejected because it contains files larger than 10 MiB: ${path}`);
  }
  files[path] = contents;
  lfs.delete(path);
}

/** Large files that no pattern means get a line of their own. */
function track(files: Record<string, Uint8Array | string>, lfs: ReadonlySet<string>): void {
  const given = files[ATTRIBUTES] ?? '';
  const attributes = typeof given === 'string' ? given : new TextDecoder().decode(given);
  const isLarge = largeFiles(attributes);
  const missing = [...lfs].filter((path) => !isLarge(path));
  if (missing.length > 0) files[ATTRIBUTES] = `${attributes}${missing.map((path) => `${line(path)}\n`).join('')}`;
}
