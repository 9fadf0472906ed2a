import type { ServerResponse } from 'node:http';
import type { HubFile } from './hub-repo.js';
import { answerError, type HubRequest } from './hub-request.js';

/** Query that marks an address of the large-file storage, which is another origin than the Hub. */
const STORAGE = 'X-Amz-Signature';

/** Whether an address carries its own right to be read. */
export function isSigned(url: URL): boolean {
  return url.searchParams.has(STORAGE);
}

/** Answers `/{datasets/}{id}/resolve/{revision}/{path}`. */
export function answerFile({ request, response, url, repo, parts, port }: HubRequest): void {
  const [verb, revision = '', ...path] = parts;
  const commit = verb === 'resolve' || verb === 'raw' ? repo.at(revision) : null;
  const file = commit?.files.get(path.join('/'));
  if (commit) response.setHeader('X-Repo-Commit', commit.sha);
  if (!file) {
    const code = commit || verb !== 'resolve' ? 'EntryNotFound' : 'RevisionNotFound';
    answerError(response, 404, code, code === 'EntryNotFound' ? 'Entry not found' : `Invalid rev id: ${revision}`);
    return;
  }
  response.setHeader('Accept-Ranges', 'bytes');
  if (file.lfs && !isSigned(url)) {
    const place = new URL(url.pathname, `http://localhost:${port}`);
    place.searchParams.set(STORAGE, 'stand-in');
    const linked = { 'X-Linked-Size': String(file.lfs.size), 'X-Linked-ETag': `"${file.lfs.oid}"` };
    response.writeHead(302, { ...linked, Location: place.href, ETag: `"${file.oid}"` });
    response.end();
    return;
  }
  response.setHeader('ETag', `"${file.lfs?.oid ?? file.oid}"`);
  sendRange(response, file, request.headers.range, request.method === 'HEAD');
}

function sendRange(response: ServerResponse, { contents }: HubFile, range: string | undefined, isHead: boolean): void {
  const size = contents.length;
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const start = Number(from ?? 0);
  const end = Math.min(size, to ? Number(to) + 1 : size);
  if (from !== undefined && start >= size) {
    response.writeHead(416, { 'Content-Range': `bytes */${size}` });
    response.end();
    return;
  }
  const part = contents.subarray(start, end);
  response.writeHead(from === undefined ? 200 : 206, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(part.length),
    ...(from !== undefined && { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
  });
  response.end(isHead ? undefined : part);
}
