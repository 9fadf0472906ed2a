import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerApi } from './hub-api.js';
import { answerFile, isSigned } from './hub-files.js';
import { type HubCommitFacts, HubRepo, type HubRepoFacts, type HubRepoType } from './hub-repo.js';
import { answerError, type HubRequest } from './hub-request.js';

/** What is done to one request instead of answering it. */
export interface HubFault {
  status: number;
  headers?: Readonly<Record<string, string>>;
}

const REPO = /^\/(?:(api)\/)?(?:(datasets|models)\/)?(.*)$/;

/**
 * A server that answers as the Hugging Face Hub does, from repositories in memory: info, tree and paths of a repository, its files
 * with entity tags, commits, large-file storage behind a redirect, and ranges.
 */
export class HubStandIn implements AsyncDisposable {
  /** Requests so far: method, and address with query. */
  readonly requests: { method: string; url: string; range: string | undefined; authorization: string | undefined }[] =
    [];
  readonly #repos: HubRepo[] = [];
  readonly #faults: HubFault[] = [];
  #faultsFor = /^/;

  private constructor(private readonly listener: Server) {
    listener.on('request', (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'text/plain' });
        response.end(String(error));
      });
    });
  }

  static async listen(): Promise<HubStandIn> {
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new HubStandIn(listener);
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** Address to give to clients as that of the Hub. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Adds a repository with its first commit. */
  add(facts: HubRepoFacts, commit: HubCommitFacts): HubRepo {
    const repo = new HubRepo(facts);
    repo.commit(commit);
    this.#repos.push(repo);
    return repo;
  }

  /** Answers the next requests whose address fits with these instead, one each. */
  failNext(faults: readonly HubFault[], address = /^/): void {
    this.#faultsFor = address;
    this.#faults.push(...faults);
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
    const fault = this.#faultsFor.test(url.pathname) ? this.#faults.shift() : undefined;
    if (fault) {
      response.writeHead(fault.status, { 'Content-Type': 'application/json', ...fault.headers });
      response.end(JSON.stringify({ error: 'a fault that the test asked for' }));
      return;
    }
    const [, api, kind, rest = ''] = REPO.exec(url.pathname) ?? [];
    const type: HubRepoType = kind === 'datasets' ? 'dataset' : 'model';
    const found = this.#find(type, rest.split('/').map(decodeURIComponent));
    const token = authorization?.replace(/^Bearer /, '') ?? null;
    const isLocked = token === null && !isSigned(url);
    if (!found || (found.repo.facts.isPrivate && isLocked)) {
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
    if (api) return answerApi(asked);
    if (repo.facts.isGated && !isSigned(url)) {
      return answerError(
        response,
        token === null ? 401 : 403,
        'GatedRepo',
        `Access to ${type} ${repo.facts.id} is restricted.`,
      );
    }
    return answerFile(asked);
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
