import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HubAccount, HubAccounts, Refusal } from './hub-account.js';
import { answerApi } from './hub-api.js';
import {
  answerFault,
  cutAnswer,
  cutUpload,
  drawFaults,
  HUB_FAULTS,
  type HubFault,
  type HubFaultName,
} from './hub-fault.js';
import { answerFile, isSigned } from './hub-files.js';
import { HubLfs, type HubUpload } from './hub-lfs.js';
import { answerList } from './hub-list.js';
import { type HubCommitFacts, HubRepo, type HubRepoFacts, type HubRepoType } from './hub-repo.js';
import { answerReposApi } from './hub-repos-api.js';
import { answerError, type HubRequest } from './hub-request.js';
import { answerWrite, isWrite } from './hub-writes.js';
import { answerViewer, isViewerAddress } from './viewer-api.js';

/** How a stand-in of the Hub behaves. */
export interface HubStandInOptions {
  host?: string;
  /** 0, the default: any that is free. */
  port?: number;
  /** Wait before every answer. */
  latencyMs?: number;
  /** False: a mirror that has no dataset viewer. Default true. */
  hasViewer?: boolean;
  /** Share of requests that fail so, and what decides which. */
  faults?: { rates: Partial<Record<HubFaultName, number>>; seed: number };
  /** Who has a token; empty, the default: every token may read and write everything. */
  accounts?: readonly HubAccount[];
  /** Large files of more are uploaded in parts of so many bytes. */
  partBytes?: number;
  /** Most bytes of a commit, large files apart. */
  maxCommitBytes?: number;
  /** Told of every request once it is answered. */
  onRequest?: (request: { method: string; url: string; status: number }) => void;
}

const PART_BYTES = 16 * 2 ** 20;
const MAX_COMMIT_BYTES = 2 ** 30;
const LFS = /^(.+)\.git\/info\/lfs\/objects\/(batch|verify)$/;
const REPO = /^\/(?:(api)\/)?(?:(datasets|models)(?:\/|$))?(.*)$/;

/**
 * A server that answers as the Hugging Face Hub does, from repositories in memory: searches; info, tree and paths of a repository, its
 * files with entity tags, commits, large-file storage behind a redirect, and ranges; repositories made, files uploaded and committed. At the same address it answers as the Hub's dataset
 * viewer, from the rows of repositories that have some.
 */
export class HubStandIn implements AsyncDisposable {
  /** Requests so far: method, and address with query. */
  readonly requests: { method: string; url: string; range: string | undefined; authorization: string | undefined }[] =
    [];
  readonly #repos: HubRepo[] = [];
  readonly #faults: { fault: HubFault; address: RegExp; isOnce: boolean }[] = [];
  readonly #draw: () => HubFault | null;
  readonly #accounts: HubAccounts;
  readonly #lfs: HubLfs;

  private constructor(
    private readonly listener: Server,
    private readonly options: HubStandInOptions,
  ) {
    const { rates, seed } = options.faults ?? { rates: {}, seed: 0 };
    this.#draw = drawFaults(rates, seed);
    this.#accounts = new HubAccounts(options.accounts ?? []);
    this.#lfs = new HubLfs(options.partBytes ?? PART_BYTES);
    listener.on('request', (request, response) => {
      const { method = 'GET', url = '/' } = request;
      response.once('close', () => options.onRequest?.({ method, url, status: response.statusCode }));
      this.#answer(request, response).catch((error: unknown) => {
        if (error instanceof Refusal && !response.headersSent) {
          return answerError(response, error.status, error.code, error.message, error.facts);
        }
        if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'text/plain' });
        response.end(String(error));
      });
    });
  }

  /** @throws Error when the address cannot be listened on */
  static async listen(options: HubStandInOptions = {}): Promise<HubStandIn> {
    const listener = createServer();
    listener.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(listener, 'listening');
    return new HubStandIn(listener, options);
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** Address to give to clients as that of the Hub, and as that of its dataset viewer. */
  get url(): string {
    return `http://${this.options.host ?? '127.0.0.1'}:${this.port}`;
  }

  /** Adds a repository with its first commit. */
  add(facts: HubRepoFacts, commit: HubCommitFacts): HubRepo {
    const repo = new HubRepo(facts);
    repo.commit(commit);
    return this.addRepo(repo);
  }

  /** Adds a repository as it is, such as one of `loadHubRepos`. */
  addRepo(repo: HubRepo): HubRepo {
    this.#repos.push(repo);
    return repo;
  }

  /** Bytes of large files that came in so far, in order. */
  get uploads(): readonly HubUpload[] {
    return this.#lfs.uploads;
  }

  /** A repository as it stands; null: there is none. */
  repo(type: HubRepoType, id: string): HubRepo | null {
    return this.#repos.find((repo) => repo.isNamed(type, id) === 'yes') ?? null;
  }

  /** Answers the next requests whose address (path and query) fits with these instead, one each. */
  failNext(faults: readonly HubFault[], address = /^/): void {
    for (const fault of faults) this.#faults.push({ fault, address, isOnce: true });
  }

  /** Answers every request whose address (path and query) fits with this instead. */
  failAlways(fault: HubFault, address: RegExp): void {
    this.#faults.push({ fault, address, isOnce: false });
  }

  async close(): Promise<void> {
    if (!this.listener.listening) return;
    this.listener.closeAllConnections();
    this.listener.close();
    await once(this.listener, 'close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request;
    const url = new URL(request.url ?? '/', this.url);
    const { range, authorization } = headers;
    this.requests.push({ method, url: url.pathname + url.search, range, authorization });
    const fault = this.#faultFor(url);
    await sleep((this.options.latencyMs ?? 0) + (fault?.delayMs ?? 0));
    if (fault?.cutsUpload) return cutUpload(request);
    if (fault?.isCut) cutAnswer(response);
    if (fault?.status !== undefined) return answerFault(response, fault);
    const token = authorization?.replace(/^Bearer /, '') ?? null;
    if (isViewerAddress(url)) return this.#answerViewer(request, response, url);
    if (this.#lfs.owns(url)) return this.#lfs.answerStorage({ request, response, url });
    const accounts = this.#accounts;
    const isAnswered = await answerReposApi({
      request,
      response,
      url,
      base: this.url,
      token,
      accounts,
      repos: this.#repos,
    });
    if (isAnswered) return;
    const [, api, kind, rest = ''] = REPO.exec(url.pathname) ?? [];
    const type: HubRepoType = kind === 'datasets' ? 'dataset' : 'model';
    // Storage carries its own right in the address, and no account.
    const account = isSigned(url) ? null : accounts.of(token);
    const maySee = ({ facts }: HubRepo) => !facts.isPrivate || isSigned(url) || accounts.maySee(account, facts.id);
    if (api && kind && rest === '') {
      const seen = this.#repos.filter((repo) => repo.facts.type === type && maySee(repo));
      return answerList(response, url, this.url, seen);
    }
    const [, large = rest, action] = LFS.exec(rest) ?? [];
    const found = this.#find(type, large.split('/').map(decodeURIComponent));
    if (!found || !maySee(found.repo)) {
      const isLocked = token === null && !isSigned(url);
      return answerError(response, isLocked ? 401 : 404, 'RepoNotFound', 'Repository not found');
    }
    const { repo, parts } = found;
    if (found.isRedirect) {
      const place = `/${[...(api ? [api] : []), ...(kind ? [kind] : []), repo.facts.id, ...parts].join('/')}${url.search}`;
      response.writeHead(307, { Location: place });
      response.end();
      return;
    }
    const asked: HubRequest = { request, response, url, repo, parts, base: this.url, port: this.port };
    if (action !== undefined || (api && isWrite(asked))) {
      const [namespace = ''] = repo.facts.id.split('/');
      const writer = accounts.writer(
        token,
        namespace,
        `You don't have write access to the repository ${repo.facts.id}`,
      );
      return action === undefined
        ? answerWrite(asked, this.options.maxCommitBytes ?? MAX_COMMIT_BYTES)
        : this.#lfs.answerGit(asked, action, writer);
    }
    if (api) return answerApi(asked);
    if (repo.facts.isDisabled) return answerError(response, 403, null, 'Access to this resource is disabled.');
    if (repo.gated && !isSigned(url)) {
      return answerError(
        response,
        token === null ? 401 : 403,
        'GatedRepo',
        `Access to ${type} ${repo.facts.id} is restricted.`,
      );
    }
    return answerFile(asked);
  }

  #answerViewer(request: IncomingMessage, response: ServerResponse, url: URL): void {
    if (this.options.hasViewer ?? true) {
      const find = (dataset: string) => this.#find('dataset', dataset.split('/'));
      answerViewer({ request, response, url, base: this.url, find });
      return;
    }
    response.writeHead(404, { 'Content-Type': 'text/html' });
    response.end('<!doctype html><title>404</title>');
  }

  #faultFor(url: URL): HubFault | null {
    const index = this.#faults.findIndex(({ address }) => address.test(url.pathname + url.search));
    const found = this.#faults[index];
    if (found?.isOnce) this.#faults.splice(index, 1);
    const drawn = found?.fault ?? this.#draw();
    // Only the viewer says this; elsewhere it would be a fault that clients need not know.
    return drawn === HUB_FAULTS.not_ready && !isViewerAddress(url) ? null : drawn;
  }

  #find(type: HubRepoType, parts: readonly string[]): { repo: HubRepo; parts: string[]; isRedirect: boolean } | null {
    for (const length of [2, 1]) {
      const id = parts.slice(0, length).join('/');
      for (const repo of this.#repos) {
        const named = repo.isNamed(type, id);
        if (named !== 'no') return { repo, parts: parts.slice(length), isRedirect: named === 'redirect' };
      }
    }
    return null;
  }
}
