import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type ChatError, chatError, errorBody } from './chat-error.js';
import { type ChatRequest, readChatRequest } from './chat-request.js';
import { AnswerTurn, ChatTurn, StatusTurn } from './chat-turn.js';
import { Completion } from './completion.js';
import { PromptCache } from './prompt-cache.js';
import { type MinuteLimits, RateLimits } from './rate-limits.js';
import { scriptPolicy } from './script-policy.js';
import { type Ending, sendAnswer, sendStatus } from './send-turn.js';

/** Decides on a request; `call` counts the chats from 0. */
export type ChatPolicy = (request: ChatRequest, call: number) => ChatTurn | Promise<ChatTurn>;

/** What a stand-in is like. */
export interface ChatEndpointOptions {
  /** Default: one that is free. */
  port?: number;
  host?: string;
  /** Models that it knows; without any it takes every name. `max_model_len` bounds what one reads. */
  models?: readonly { id: string; max_model_len?: number }[];
  /** Key that clients must send. */
  key?: string;
  /** Fields of requests that it refuses, as endpoints do that do not know them. */
  refuses?: readonly string[];
  /** Forms of answers that it takes; default: all. Others are refused in the words of endpoints that know only some. */
  formats?: readonly ('json_schema' | 'json_object' | 'text')[];
  /** What each model takes in a minute; beyond it requests are refused as the API does it. */
  perMinute?: MinuteLimits;
  onRequest?: (entry: JournalEntry) => void;
}

/** A request that came. */
export interface JournalEntry {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  /** Parsed where it is JSON; null when there is none, or when it is long ago. */
  body: unknown;
  /** Null while it is being answered. */
  ending: Ending | null;
  status: number | null;
  /** The connection that it came on, counted from 1. */
  connection: number;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const KEPT_ENTRIES = 10_000;
/** Of the last requests; a long life must not fill the memory. */
const KEPT_BODIES = 500;

/** A real HTTP server that speaks chat completions and does what a script says: answers, faults, cuts. */
export class ChatEndpoint implements AsyncDisposable {
  /** The last requests, oldest first. */
  readonly journal: JournalEntry[] = [];
  readonly #cache = new PromptCache();
  readonly #rates: RateLimits;
  readonly #sockets = new Map<Socket, number>();
  #connections = 0;
  #chats = 0;

  private constructor(
    private readonly server: Server,
    private readonly policy: ChatPolicy,
    private readonly options: ChatEndpointOptions,
  ) {
    this.#rates = new RateLimits(options.perMinute ?? {});
    server.on('connection', (socket) => {
      this.#sockets.set(socket, ++this.#connections);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** @param script turns in the order of the chats that come, or a function that decides on each */
  static async start(
    script: readonly ChatTurn[] | ChatPolicy,
    options: ChatEndpointOptions = {},
  ): Promise<ChatEndpoint> {
    const policy = typeof script === 'function' ? script : scriptPolicy(script);
    const server = createServer({ keepAliveTimeout: 60_000 });
    const endpoint = new ChatEndpoint(server, policy, options);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(server, 'listening');
    return endpoint;
  }

  /** What clients take as base URL. */
  get url(): string {
    const { port, address } = this.server.address() as AddressInfo;
    return `http://${address.includes(':') ? `[${address}]` : address}:${port}/v1`;
  }

  /** Requests that were chats. */
  get chats(): JournalEntry[] {
    return this.journal.filter(({ path }) => path.endsWith('/chat/completions'));
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Ends everything. Idempotent. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const left = new AbortController();
    response.once('close', () => left.abort());
    response.on('error', () => left.abort());
    const entry: JournalEntry = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: null,
      ending: null,
      status: null,
      connection: this.#sockets.get(request.socket) ?? 0,
    };
    this.journal.push(entry);
    if (this.journal.length > KEPT_ENTRIES) this.journal.shift();
    const old = this.journal.at(-KEPT_BODIES - 1);
    if (old) old.body = null;
    try {
      entry.body = await readBody(request);
      entry.ending = await this.#answer(entry, response, left.signal);
    } catch (error) {
      entry.ending = 'client_left';
      if (!left.signal.aborted) response.destroy(error as Error);
    }
    entry.status = response.headersSent ? response.statusCode : null;
    this.options.onRequest?.(entry);
  }

  async #answer(entry: JournalEntry, response: ServerResponse, signal: AbortSignal): Promise<Ending> {
    response.setHeader('x-request-id', `req_${this.journal.length}`);
    const refuse = (error: ChatError) =>
      sendStatus(StatusTurn.parse({ status: error.status, body: errorBody(error) }), response, signal);
    const { key } = this.options;
    if (key !== undefined && entry.headers.authorization !== `Bearer ${key}`) return refuse(chatError(401));
    if (entry.method === 'GET' && entry.path === '/v1/models') return this.#listModels(response, signal);
    if (entry.method !== 'POST' || entry.path !== '/v1/chat/completions') {
      return refuse(chatError(404, { message: `Invalid URL (${entry.method} ${entry.path})` }));
    }
    if (typeof entry.body === 'string') {
      return refuse(chatError(400, { message: 'We could not parse the JSON body of your request.' }));
    }
    const read = readChatRequest(entry.body);
    if ('error' in read) return refuse(read.error);
    const refused = this.#refusal(read.request);
    if (refused) return refuse(refused);
    const counted = this.#cache.count(read.request.messages);
    const limit = this.options.models?.find(({ id }) => id === read.request.model)?.max_model_len;
    if (limit !== undefined && counted.prompt_tokens > limit) {
      const message = `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${counted.prompt_tokens} tokens. Please reduce the length of the messages.`;
      return refuse(chatError(400, { message, param: 'messages', code: 'context_length_exceeded' }));
    }
    const asked = read.request.max_completion_tokens ?? read.request.max_tokens ?? 0;
    const rate = this.#rates.judge(read.request.model, counted.prompt_tokens + asked, performance.now());
    for (const [name, value] of Object.entries(rate.headers)) response.setHeader(name, value);
    if (rate.refused) return refuse(chatError(429, { message: rate.refused.message, type: rate.refused.what }));
    const turn = ChatTurn.parse(await this.policy(read.request, this.#chats++));
    if (typeof turn === 'object' && 'status' in turn) return sendStatus(turn, response, signal);
    const answer = typeof turn === 'string' ? AnswerTurn.parse({ text: turn }) : turn;
    const completion = new Completion(answer, read.request, counted);
    return sendAnswer(answer, completion, read.request.stream === true, response, signal);
  }

  #refusal(request: ChatRequest): ChatError | null {
    const { models, refuses = [], formats } = this.options;
    if (models && !models.some(({ id }) => id === request.model)) {
      const message = `The model \`${request.model}\` does not exist or you do not have access to it.`;
      return chatError(404, { message, code: 'model_not_found' });
    }
    const format = request.response_format?.type;
    if (format && formats && !formats.includes(format)) {
      return chatError(400, { message: 'This response_format type is unavailable now', code: 'invalid_request_error' });
    }
    const field = refuses.find((name) => request[name] !== undefined);
    if (field === undefined) return null;
    const other = field === 'max_tokens' ? " Use 'max_completion_tokens' instead." : '';
    const message = `Unsupported parameter: '${field}' is not supported with this model.${other}`;
    return chatError(400, { message, param: field, code: 'unsupported_parameter' });
  }

  #listModels(response: ServerResponse, signal: AbortSignal): Promise<Ending> {
    const models = this.options.models ?? [{ id: 'stand-in' }];
    const data = models.map((model) => ({ object: 'model', created: 0, owned_by: 'gymsmith', ...model }));
    return sendStatus(StatusTurn.parse({ status: 200, body: { object: 'list', data } }), response, signal);
  }
}

/** @returns parsed JSON; the text where it is none */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('too long');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}
