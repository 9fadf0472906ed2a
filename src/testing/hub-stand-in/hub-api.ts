import { text } from 'node:stream/consumers';
import type { HubFile, HubRepo } from './hub-repo.js';
import { answerError, answerJson, type HubRequest } from './hub-request.js';

type Commit = HubRepo['commits'][number];

/** Entries of one page of a tree. */
const PAGE = 1000;

/** Answers `/api/{datasets,models}/{id}/...`. */
export async function answerApi(asked: HubRequest): Promise<void> {
  const { response, repo, parts } = asked;
  const [verb, revision = 'main', ...below] = parts;
  const commit = repo.at(revision);
  if (!commit) return answerError(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
  if (verb === undefined || verb === 'revision') return answerInfo(asked, commit);
  if (verb === 'tree') return answerTree(asked, commit, below.join('/'));
  if (verb === 'paths-info') return answerPaths(asked, commit);
  return answerError(response, 404, 'EntryNotFound', 'Not found');
}

function entryOf(file: HubFile): object {
  const size = file.contents.length;
  return { type: 'file', oid: file.oid, size, path: file.path, ...(file.lfs && { lfs: file.lfs }) };
}

function answerInfo({ response, repo, url }: HubRequest, { sha, at, files }: Commit): void {
  const { id, type, isPrivate = false, isGated = false } = repo.facts;
  const withBlobs = url.searchParams.get('blobs') === 'true';
  const all: Record<string, unknown> = {
    author: id.includes('/') ? id.split('/')[0] : undefined,
    sha,
    lastModified: at,
    createdAt: repo.commits[0]?.at,
    private: isPrivate,
    gated: isGated ? 'auto' : false,
    disabled: false,
    downloads: 0,
    likes: 0,
    tags: [],
    siblings: [...files.values()].map((file) => ({
      rfilename: file.path,
      ...(withBlobs && { size: file.contents.length, blobId: file.oid, ...(file.lfs && { lfs: file.lfs }) }),
    })),
  };
  const wanted = url.searchParams.getAll('expand');
  const shown = wanted.length === 0 ? all : Object.fromEntries(wanted.map((name) => [name, all[name]]));
  answerJson(response, { _id: '0'.repeat(24), id, ...(type === 'model' && { modelId: id }), ...shown });
}

function answerTree({ response, url, base }: HubRequest, { files }: Commit, directory: string): void {
  const prefix = directory === '' ? '' : `${directory}/`;
  const isRecursive = ['true', '1', 'True'].includes(url.searchParams.get('recursive') ?? '');
  const below = [...files.values()].filter((file) => file.path.startsWith(prefix));
  if (below.length === 0 && directory !== '') {
    answerError(response, 404, 'EntryNotFound', `${directory} does not exist on the repository`);
    return;
  }
  const entries = new Map<string, object>();
  for (const file of below) {
    const names = file.path.slice(prefix.length).split('/');
    for (let depth = 1; depth < (isRecursive ? names.length : Math.min(2, names.length)); depth++) {
      const path = prefix + names.slice(0, depth).join('/');
      entries.set(path, { type: 'directory', oid: '0'.repeat(40), size: 0, path });
    }
    if (isRecursive || names.length === 1) entries.set(file.path, entryOf(file));
  }
  const limit = Number(url.searchParams.get('limit') ?? PAGE);
  const from = Number(url.searchParams.get('cursor') ?? 0);
  const next = new URL(url.pathname + url.search, base);
  next.searchParams.set('cursor', String(from + limit));
  const hasMore = entries.size > from + limit;
  const page = [...entries.values()].slice(from, from + limit);
  answerJson(response, page, hasMore ? { Link: `<${next.href}>; rel="next"` } : {});
}

async function answerPaths({ request, response }: HubRequest, { files }: Commit): Promise<void> {
  const body = await text(request);
  const isJson = request.headers['content-type']?.includes('json');
  const paths = isJson
    ? (JSON.parse(body) as { paths: string | string[] }).paths
    : new URLSearchParams(body).getAll('paths');
  const entries = [paths].flat().flatMap((path) => {
    const file = files.get(path);
    if (file) return [entryOf(file)];
    const isDirectory = path !== '' && [...files.keys()].some((name) => name.startsWith(`${path}/`));
    return isDirectory ? [{ type: 'directory', oid: '0'.repeat(40), size: 0, path }] : [];
  });
  answerJson(response, entries);
}
