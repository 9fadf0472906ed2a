import { createHash, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { type HubAccount, Refusal } from './hub-account.js';
import type { HubRepo } from './hub-repo.js';
import { answerJson, type HubRequest } from './hub-request.js';

/** Bytes of large files that came in: whole, or a part of one. */
export interface HubUpload {
  repo: string;
  oid: string;
  bytes: number;
  /** From 1; null: the file in one piece. */
  part: number | null;
}

interface Upload {
  repo: HubRepo;
  oid: string;
  size: number;
  partBytes: number | null;
  parts: Map<number, Uint8Array>;
}

interface Batch {
  operation?: string;
  transfers?: string[];
  objects?: { oid?: unknown; size?: unknown }[];
}

const STORAGE = '/large-files/';
const COMPLETE = '/api/complete_multipart';
const SIGNED = 'X-Amz-Signature=stand-in';

/** Large-file storage: hands out addresses to upload to, takes what is sent there, whole or in parts, and checks it. */
export class HubLfs {
  readonly uploads: HubUpload[] = [];
  readonly #open = new Map<string, Upload>();

  /** @param partBytes files of more are uploaded in parts of so many bytes */
  constructor(private readonly partBytes: number) {}

  /** Whether an address is one of the storage, which is no part of any repository. */
  owns(url: URL): boolean {
    return url.pathname.startsWith(STORAGE) || url.pathname === COMPLETE;
  }

  /** Answers `/{datasets/}{id}.git/info/lfs/objects/{batch,verify}`. @throws Refusal */
  async answerGit({ request, response, repo, base, port }: HubRequest, action: string, account: HubAccount) {
    const asked = (await bodyOf(request)) as Batch & { oid?: string; size?: number };
    if (action === 'verify') {
      const stored = repo.objects.get(asked.oid ?? '');
      if (!stored) throw new Refusal(404, `Object ${asked.oid} does not exist`);
      if (stored.length !== asked.size) throw new Refusal(422, `Object ${asked.oid} has another size`);
      answerJson(response, {});
      return;
    }
    const { operation, transfers = ['basic'], objects } = asked;
    if (operation !== 'upload' || !Array.isArray(objects)) throw new Refusal(422, 'Invalid batch request');
    this.#checkQuota(repo, account, objects);
    const mayBeParted = transfers.includes('multipart');
    const answered = objects.map(({ oid, size }) => {
      if (typeof oid !== 'string' || !/^[0-9a-f]{64}$/.test(oid) || !Number.isSafeInteger(size)) {
        return { oid, size, error: { code: 422, message: 'Invalid object' } };
      }
      if (repo.objects.has(oid)) return { oid, size, authenticated: true };
      const isParted = mayBeParted && (size as number) > this.partBytes;
      const id = randomUUID();
      const partBytes = isParted ? this.partBytes : null;
      this.#open.set(id, { repo, oid, size: size as number, partBytes, parts: new Map() });
      const upload = isParted ? this.#partedAction(id, size as number, base, port) : { href: this.#place(id, port) };
      const place = `${base}/${repo.facts.type === 'dataset' ? 'datasets/' : ''}${repo.facts.id}`;
      const verify = { href: `${place}.git/info/lfs/objects/verify` };
      return { oid, size, authenticated: true, actions: { upload, ...(!isParted && { verify }) } };
    });
    const transfer = mayBeParted ? 'multipart' : 'basic';
    response.setHeader('X-Request-Id', randomUUID());
    answerJson(response, { transfer, objects: answered }, { 'Content-Type': 'application/vnd.git-lfs+json' });
  }

  #place(id: string, port: number, part?: number): string {
    const number = part === undefined ? '' : `&partNumber=${part}&uploadId=${id}`;
    return `http://localhost:${port}${STORAGE}${id}?${SIGNED}${number}`;
  }

  #partedAction(id: string, size: number, base: string, port: number) {
    const parts = Array.from({ length: Math.ceil(size / this.partBytes) }, (_, index) => index + 1);
    const places = parts.map((part) => [String(part).padStart(5, '0'), this.#place(id, port, part)]);
    const header = { chunk_size: String(this.partBytes), ...Object.fromEntries(places) };
    return { href: `${base}${COMPLETE}?uploadId=${id}&${SIGNED}`, header };
  }

  #checkQuota(repo: HubRepo, { user, quotaBytes }: HubAccount, objects: NonNullable<Batch['objects']>): void {
    if (quotaBytes === undefined || !repo.facts.isPrivate || repo.facts.id.split('/')[0] !== user) return;
    const stored = [...repo.objects.values()].reduce((sum, { length }) => sum + length, 0);
    const wanted = objects.filter(({ oid }) => !repo.objects.has(String(oid)));
    if (stored + wanted.reduce((sum, { size }) => sum + Number(size), 0) <= quotaBytes) return;
    const words =
      'Private repository storage limit reached, please upgrade your plan to increase your private storage limit';
    throw new Refusal(403, words);
  }

  /** Answers an address of the storage: takes a file or a part, or puts parts together. */
  async answerStorage({ request, response, url }: Pick<HubRequest, 'request' | 'response' | 'url'>): Promise<void> {
    const isEnd = url.pathname === COMPLETE;
    const id = isEnd ? (url.searchParams.get('uploadId') ?? '') : url.pathname.slice(STORAGE.length);
    const upload = this.#open.get(id);
    const refuse = (status: number, code: string, words: string) => {
      response.writeHead(status, { 'Content-Type': 'application/xml' });
      response.end(
        `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${words}</Message></Error>`,
      );
    };
    const body = await buffer(request);
    if (!url.search.includes(SIGNED) || !upload) return refuse(403, 'AccessDenied', 'Request has expired');
    if (request.headers.authorization !== undefined && !isEnd) {
      return refuse(400, 'InvalidArgument', 'Only one auth mechanism allowed');
    }
    if (request.headers['content-length'] === undefined) {
      return refuse(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented');
    }
    if (isEnd) {
      const { parts = [] } = JSON.parse(body.toString()) as { parts?: { partNumber: number; etag: string }[] };
      const sorted = parts.map(({ partNumber, etag }) => ({ etag, bytes: upload.parts.get(partNumber) }));
      const areRight = sorted.every(({ etag, bytes }) => bytes && etag === etagOf(bytes));
      if (!areRight) return refuse(400, 'InvalidPart', 'One or more of the specified parts could not be found.');
      const whole = Buffer.concat(sorted.map(({ bytes }) => bytes as Uint8Array));
      if (!store(upload, whole)) return refuse(400, 'BadDigest', 'The uploaded file has another hash than was told.');
      this.#open.delete(id);
      answerJson(response, { success: true });
      return;
    }
    const part = url.searchParams.has('partNumber') ? Number(url.searchParams.get('partNumber')) : null;
    const { partBytes, size } = upload;
    const wanted = part === null ? size : Math.min(partBytes ?? 0, size - (part - 1) * (partBytes ?? 0));
    if (body.length !== wanted)
      return refuse(400, 'IncompleteBody', 'The length of the body is not that of the object.');
    if (part !== null) upload.parts.set(part, body);
    else if (!store(upload, body)) return refuse(400, 'BadDigest', 'The uploaded file has another hash than was told.');
    this.uploads.push({ repo: upload.repo.facts.id, oid: upload.oid, bytes: body.length, part });
    response.writeHead(200, { ETag: etagOf(body), 'Content-Length': '0' });
    response.end();
  }
}

function store({ repo, oid, size }: Upload, contents: Uint8Array): boolean {
  if (contents.length !== size || createHash('sha256').update(contents).digest('hex') !== oid) return false;
  repo.objects.set(oid, contents);
  return true;
}

function etagOf(contents: Uint8Array): string {
  return `"${createHash('md5').update(contents).digest('hex')}"`;
}

async function bodyOf(request: HubRequest['request']): Promise<unknown> {
  try {
    return JSON.parse((await buffer(request)).toString());
  } catch {
    throw new Refusal(400, 'Invalid JSON');
  }
}
