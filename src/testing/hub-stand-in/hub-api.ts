import { text } from 'node:stream/consumers';
import { describe, wantedFields } from './hub-info.js';
import { CONVERTED, type HubCommit, type HubFile } from './hub-repo.js';
import { answerError, answerJson, type HubRequest } from './hub-request.js';

/** Entries of one page of a tree. */
const PAGE = 1000;

/** Answers `/api/{datasets,models}/{id}/...`. */
export async function answerApi(asked: HubRequest): Promise<void> {
  const { response, repo, parts } = asked;
  const [verb, revision = 'main', ...below] = parts;
  if (repo.facts.isDisabled) return answerError(response, 403, null, 'Access to this resource is disabled.');
  if (verb === 'refs') return answerRefs(asked);
  if (verb === 'parquet') return answerParquet(asked, parts.slice(1));
  const commit = repo.at(revision);
  if (!commit) return answerError(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
  if (verb === undefined || verb === 'revision') return answerInfo(asked, commit);
  if (verb === 'tree') return answerTree(asked, commit, below.join('/'));
  if (verb === 'paths-info') return answerPaths(asked, commit);
  if (verb === 'commits') return answerCommits(asked, revision);
  return answerError(response, 404, 'EntryNotFound', 'Not found');
}

function entryOf(file: HubFile): object {
  return { type: 'file', oid: file.oid, size: file.size, path: file.path, ...(file.lfs && { lfs: file.lfs }) };
}

function answerInfo({ response, repo, url }: HubRequest, commit: HubCommit): void {
  const fields = wantedFields(url, 'one');
  if (!fields) {
    answerError(response, 400, null, 'Invalid query: expand');
    return;
  }
  answerJson(response, describe(repo, commit, fields, url.searchParams.get('blobs') === 'true'));
}

function answerRefs({ response, repo }: HubRequest): void {
  const branches = repo.heads.map((name) => ({ name, ref: `refs/heads/${name}`, targetCommit: repo.at(name)?.sha }));
  const converted = repo.at(CONVERTED);
  answerJson(response, {
    tags: [],
    branches,
    converts: converted ? [{ name: 'parquet', ref: CONVERTED, targetCommit: converted.sha }] : [],
  });
}

/** Addresses of the converted files: all, of a subset, of a split, or one of them. */
function answerParquet({ response, repo, base }: HubRequest, [config, split, file]: string[]): void {
  const all: Record<string, Record<string, string[]>> = {};
  for (const path of repo.at(CONVERTED)?.files.keys() ?? []) {
    const [inConfig = '', inSplit = '', name = ''] = path.split('/');
    const splits = all[inConfig] ?? {};
    all[inConfig] = splits;
    const place = `${base}/api/datasets/${repo.facts.id}/parquet/${inConfig}/${inSplit}`;
    splits[inSplit] = [...(splits[inSplit] ?? []), `${place}/${Number.parseInt(name, 10)}.parquet`];
  }
  const found = config === undefined ? all : split === undefined ? all[config] : all[config]?.[split];
  if (!found || repo.tables.length === 0) {
    answerError(response, 404, null, 'Not found');
    return;
  }
  if (file === undefined) {
    answerJson(response, found);
    return;
  }
  const path = `${config}/${split}/${file.replace('.parquet', '').padStart(4, '0')}.parquet`;
  response.writeHead(302, {
    Location: `${base}/datasets/${repo.facts.id}/resolve/${encodeURIComponent(CONVERTED)}/${path}`,
  });
  response.end();
}

/** Commits of a branch, newest first. */
function answerCommits({ response, repo }: HubRequest, revision: string): void {
  const commits = (repo.branches.get(revision) ?? repo.commits).toReversed();
  const shown = commits.map(({ sha, title, at }) => ({ id: sha, title, message: '', authors: [], date: at }));
  answerJson(response, shown, { 'X-Total-Count': String(shown.length) });
}

function answerTree({ response, url, base }: HubRequest, { files }: HubCommit, directory: string): void {
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

async function answerPaths({ request, response }: HubRequest, { files }: HubCommit): Promise<void> {
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
