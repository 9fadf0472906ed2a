import type { ServerResponse } from 'node:http';
import { describe, wantedFields } from './hub-info.js';
import type { HubRepo } from './hub-repo.js';
import { answerError, answerJson } from './hub-request.js';

/** Most repositories of one page. */
const PAGE = 1000;

const SORTS: Readonly<Record<string, (repo: HubRepo) => number | string>> = {
  createdAt: ({ commits }) => commits[0]?.at ?? '',
  downloads: ({ facts }) => facts.downloads ?? 0,
  id: ({ facts }) => facts.id,
  lastModified: ({ commits }) => commits.at(-1)?.at ?? '',
  likes: ({ facts }) => facts.likes ?? 0,
  likes30d: ({ facts }) => facts.likes ?? 0,
  trendingScore: ({ facts }) => facts.likes ?? 0,
};

/** Answers `/api/{datasets,models}`: a search, page by page. @param repos those that the client may see */
export function answerList(response: ServerResponse, url: URL, base: string, repos: readonly HubRepo[]): void {
  const query = url.searchParams;
  const fields = wantedFields(url, 'list');
  const sort = query.get('sort') ?? 'trendingScore';
  const key = SORTS[sort];
  const limit = Number(query.get('limit') ?? PAGE);
  if (!fields || !key || !(limit > 0)) {
    answerError(response, 400, null, `Invalid query: ${fields ? (key ? 'limit' : 'sort') : 'expand'}`);
    return;
  }
  const found = repos.filter((repo) => isFound(repo, query)).sort(compareBy(key, query.get('direction') === '1'));
  const from = Number(query.has('cursor') ? Buffer.from(query.get('cursor')!, 'base64url').toString() : 0);
  const until = from + Math.min(limit, PAGE);
  const next = new URL(url.pathname + url.search, base);
  next.searchParams.set('cursor', Buffer.from(String(until)).toString('base64url'));
  const page = found.slice(from, until).map((repo) => describe(repo, repo.commits.at(-1)!, fields));
  answerJson(response, page, found.length > until ? { Link: `<${next.href}>; rel="next"` } : {});
}

/** Every word of the search is part of the name, the author is its owner, and every filter one of its tags. */
function isFound({ facts, card }: HubRepo, query: URLSearchParams): boolean {
  const words = (query.get('search') ?? '').toLowerCase().split(/\s+/);
  const author = query.get('author');
  const filters = query.getAll('filter').flatMap((filter) => filter.split(','));
  return (
    words.every((word) => facts.id.toLowerCase().includes(word)) &&
    (author === null || facts.id.startsWith(`${author}/`)) &&
    filters.every((filter) => card.tags.includes(filter))
  );
}

function compareBy(key: (repo: HubRepo) => number | string, isRising: boolean): (a: HubRepo, b: HubRepo) => number {
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    if (left === right) return a.facts.id < b.facts.id ? -1 : 1;
    return left < right === isRising ? -1 : 1;
  };
}
