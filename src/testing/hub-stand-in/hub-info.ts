import { createHash } from 'node:crypto';
import type { HubCommit, HubRepo } from './hub-repo.js';

/** Fields that a listing tells without being asked for more. */
const LISTED = [
  'author',
  'disabled',
  'gated',
  'lastModified',
  'likes',
  'trendingScore',
  'private',
  'sha',
  'description',
  'downloads',
  'tags',
  'createdAt',
];

/** Fields that the page of a repository tells without being asked for more. */
const SHOWN = [...LISTED.filter((name) => name !== 'trendingScore'), 'cardData', 'siblings', 'usedStorage'];

/** What may be asked for of a dataset by `expand`. */
const EXPANDABLE: ReadonlySet<string> = new Set([
  ...LISTED,
  ...SHOWN,
  'citation',
  'downloadsAllTime',
  'gitalyUid',
  'paperswithcode_id',
  'resourceGroup',
  'xetEnabled',
]);

/** A repository as the Hub's API tells it. @param fields which of its fields; the id is always told */
export function describe(repo: HubRepo, commit: HubCommit, fields: readonly string[], withBlobs = false): object {
  const all = allFields(repo, commit, withBlobs);
  const told = Object.fromEntries(fields.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])));
  const { id, type } = repo.facts;
  const _id = createHash('sha1').update(`${type} ${id}`).digest('hex').slice(0, 24);
  return { _id, id, ...(type === 'model' && { modelId: id }), ...told };
}

/** Fields that an address asks for. @param kind `one` repository, or a `list` @returns null when there is no such field */
export function wantedFields(url: URL, kind: 'one' | 'list'): string[] | null {
  const wanted = [...url.searchParams.getAll('expand'), ...url.searchParams.getAll('expand[]')];
  const areKnown = url.pathname.startsWith('/api/models') || wanted.every((name) => EXPANDABLE.has(name));
  if (wanted.length > 0) return areKnown ? wanted : null;
  const isFull = ['true', '1', 'True'].includes(url.searchParams.get('full') ?? '');
  return kind === 'one' ? SHOWN : isFull ? [...LISTED, 'cardData', 'siblings'] : LISTED;
}

function allFields(repo: HubRepo, { sha, at, files }: HubCommit, withBlobs: boolean): Record<string, unknown> {
  const { id, isPrivate = false, isDisabled = false, downloads = 0, likes = 0 } = repo.facts;
  const { data, tags, description } = repo.card;
  return {
    author: id.includes('/') ? id.split('/')[0] : undefined,
    cardData: data,
    citation: null,
    createdAt: repo.commits[0]?.at,
    description,
    disabled: isDisabled,
    downloads,
    downloadsAllTime: downloads * 12,
    gated: repo.gated,
    lastModified: at,
    likes,
    paperswithcode_id: null,
    private: isPrivate,
    sha,
    siblings: [...files.values()].map(({ path, size, oid, lfs }) => ({
      rfilename: path,
      ...(withBlobs && { size, blobId: oid, ...(lfs && { lfs: { sha256: lfs.oid, ...lfs } }) }),
    })),
    tags,
    trendingScore: 0,
    usedStorage: [...files.values()].reduce((sum, { size }) => sum + size, 0),
    xetEnabled: false,
  };
}
