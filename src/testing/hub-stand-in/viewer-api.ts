import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HubRepo } from './hub-repo.js';
import type { HubImage, HubTable } from './hub-table.js';
import { NOT_FOUND, notAccessible, RENAMED, ViewerError, whyNoRows } from './viewer-error.js';
import { info, parquet, size, splits, tablesOf } from './viewer-facts.js';
import { featureItems, firstRows, PAGE, rowItems } from './viewer-rows.js';
import { statistics } from './viewer-statistics.js';

/** A request to the dataset viewer. */
export interface ViewerRequest {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  base: string;
  /** @returns the repository, and whether it has another name now; null when there is none of the name */
  find: (dataset: string) => { repo: HubRepo; isRedirect: boolean } | null;
}

type Answer = (repo: HubRepo, asked: ViewerRequest) => object;

const VALID = { preview: true, viewer: true, search: true, filter: true, statistics: true };
const INVALID = { preview: false, viewer: false, search: false, filter: false, statistics: false };

/** What the viewer answers, by address. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  '/is-valid': (repo) => (whyNoRows(repo) ? INVALID : VALID),
  '/splits': (repo, { url }) => splits(repo, optional(url, 'config')),
  '/parquet': (repo, { url, base }) => parquet(repo, optional(url, 'config'), base),
  '/size': (repo, { url }) => size(repo, optional(url, 'config')),
  '/info': (repo, { url }) => info(repo, optional(url, 'config')),
  '/first-rows': (repo, asked) => {
    const table = tableOf(repo, asked.url);
    const { config, split, features } = table;
    const shown = firstRows(table, assetsOf(repo, table, asked.base, 'assets'));
    return { dataset: repo.facts.id, config, split, features: featureItems(features), ...shown };
  },
  '/rows': (repo, asked) => {
    const table = tableOf(repo, asked.url);
    const [offset, length] = [whole(asked.url, 'offset', 0), whole(asked.url, 'length', PAGE)];
    if (length > PAGE) {
      throw new ViewerError(422, 'InvalidParameter', `Parameter 'length' must not be greater than ${PAGE}`);
    }
    return {
      features: featureItems(table.features),
      rows: rowItems(table, offset, length, assetsOf(repo, table, asked.base, 'cached-assets')),
      num_rows_total: table.rows.length * (repo.facts.claimsTimes ?? 1),
      num_rows_per_page: PAGE,
      partial: (repo.facts.claimsTimes ?? 1) > 1,
    };
  },
  '/statistics': (repo, { url }) => statistics(tableOf(repo, url)),
};

/** Whether an address is one of the viewer's. */
export function isViewerAddress({ pathname }: URL): boolean {
  return pathname in ANSWERS || /^\/(?:cached-)?assets\//.test(pathname);
}

/** Answers a request to the dataset viewer. */
export function answerViewer(asked: ViewerRequest): void {
  const { response, url } = asked;
  try {
    const answer = ANSWERS[url.pathname];
    if (!answer) {
      answerAsset(asked);
      return;
    }
    requireParameters(url);
    const repo = accessible(asked, url.searchParams.get('dataset') ?? '');
    const fault = url.pathname === '/is-valid' ? null : whyNoRows(repo);
    if (fault) throw fault;
    send(response, 200, answer(repo, asked), { 'X-Revision': repo.commits.at(-1)?.sha ?? '' });
  } catch (error) {
    if (!(error instanceof ViewerError)) throw error;
    send(response, error.status, error.body, { 'X-Error-Code': error.code });
  }
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string>): void {
  const common = { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' };
  response.writeHead(status, { ...common, 'Cache-Control': `max-age=${status === 200 ? 120 : 10}`, ...headers });
  response.end(JSON.stringify(body));
}

function requireParameters({ pathname, searchParams }: URL): void {
  const isGiven = (name: string) => (searchParams.get(name) ?? '').trim() !== '';
  const missing = ['dataset', 'config', 'split'].find((name) => !isGiven(name));
  if (pathname === '/rows' && missing) {
    throw new ViewerError(422, 'MissingRequiredParameter', `Parameter '${missing}' is required`);
  }
  if (['/first-rows', '/statistics'].includes(pathname) && missing) {
    throw new ViewerError(422, 'MissingRequiredParameter', "Parameters 'dataset', 'config' and 'split' are required");
  }
  if (!isGiven('dataset')) throw new ViewerError(422, 'MissingRequiredParameter', "Parameter 'dataset' is required");
}

function accessible({ request, find }: ViewerRequest, dataset: string): HubRepo {
  const hasToken = request.headers.authorization !== undefined;
  const found = find(dataset);
  if (!found || found.repo.gated || found.repo.facts.isDisabled) throw notAccessible(hasToken);
  if (found.repo.facts.isPrivate) throw hasToken ? NOT_FOUND : notAccessible(false);
  if (found.isRedirect) throw RENAMED;
  return found.repo;
}

function optional(url: URL, name: string): string | null {
  return url.searchParams.get(name) || null;
}

function whole(url: URL, name: string, unless: number): number {
  const value = Number(url.searchParams.get(name) ?? unless);
  if (!Number.isInteger(value)) throw new ViewerError(422, 'InvalidParameter', `Parameter '${name}' must be integer`);
  if (value < 0) throw new ViewerError(422, 'InvalidParameter', `Parameter '${name}' must be positive`);
  return value;
}

function tableOf(repo: HubRepo, url: URL): HubTable {
  const split = url.searchParams.get('split');
  const table = tablesOf(repo, optional(url, 'config')).find((one) => one.split === split);
  if (!table) throw NOT_FOUND;
  return table;
}

function assetsOf(repo: HubRepo, { config, split }: HubTable, base: string, kind: string): string {
  return `${base}/${kind}/${repo.facts.id}/--/${repo.commits.at(-1)?.sha}/--/${config}/${split}`;
}

/** `/assets/{owner}/{name}/--/{revision}/--/{config}/{split}/{row}/{column}/image.png` */
function answerAsset(asked: ViewerRequest): void {
  const [, , owner, name, , , , config, split, row, column] = asked.url.pathname.split('/').map(decodeURIComponent);
  const repo = accessible(asked, `${owner}/${name}`);
  const table = repo.tables.find((one) => one.config === config && one.split === split);
  const image = table?.rows[Number(row)]?.[column ?? ''] as HubImage | undefined;
  if (!image?.bytes) throw NOT_FOUND;
  asked.response.writeHead(200, { 'Content-Type': 'image/png', 'Content-Length': String(image.bytes.length) });
  asked.response.end(image.bytes);
}
