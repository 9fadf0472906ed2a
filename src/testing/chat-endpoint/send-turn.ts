import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { chatError, errorBody } from './chat-error.js';
import type { AnswerTurn, StatusTurn } from './chat-turn.js';
import type { Completion } from './completion.js';

/** How a response ended, as the stand-in saw it. */
export type Ending = 'answered' | 'cut' | 'held_open' | 'client_left';

/** Sends anything but an answer. */
export async function sendStatus(turn: StatusTurn, response: ServerResponse, signal: AbortSignal): Promise<Ending> {
  if (turn.delay_ms) await sleep(turn.delay_ms, undefined, { signal });
  const body = turn.body ?? errorBody(chatError(turn.status, definedOf({ code: turn.code, message: turn.message })));
  const isText = typeof body === 'string';
  response.writeHead(turn.status, {
    'content-type': turn.content_type ?? (isText ? 'text/html; charset=utf-8' : 'application/json'),
    ...turn.headers,
  });
  response.end(isText ? body : JSON.stringify(body));
  return 'answered';
}

function definedOf<T extends Record<string, unknown>>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Sends an answer, whole or as a stream, and breaks the connection where the script says so. */
export async function sendAnswer(
  turn: AnswerTurn,
  completion: Completion,
  isStreamed: boolean,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<Ending> {
  if (turn.cut === 'before_headers') return cut(response);
  if (isStreamed) return sendStream(turn, completion, response, signal);
  if (turn.first_token_ms) await sleep(turn.first_token_ms, undefined, { signal });
  const body = Buffer.from(JSON.stringify(completion.whole()));
  response.writeHead(200, {
    'content-type': turn.content_type ?? 'application/json',
    'content-length': body.length,
  });
  if (turn.cut) {
    await write(response, body.subarray(0, Math.ceil(body.length / 2)), signal);
    return cut(response);
  }
  for (const part of partsOf(body, turn.write_bytes)) await write(response, part, signal);
  response.end();
  return 'answered';
}

async function sendStream(
  turn: AnswerTurn,
  completion: Completion,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<Ending> {
  response.writeHead(200, {
    'content-type': turn.content_type ?? 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.flushHeaders();
  if (turn.first_token_ms) await sleep(turn.first_token_ms, undefined, { signal });
  const pieces = turn.cut === 'within' && !turn.endless ? half([...completion.pieces()]) : completion.pieces();
  let isFirst = true;
  for (const piece of pieces) {
    if (!isFirst && turn.token_ms) await sleep(turn.token_ms, undefined, { signal });
    isFirst = false;
    await writeEvent(JSON.stringify(piece), turn, response, signal);
  }
  if (turn.cut) return cut(response);
  await writeEvent('[DONE]', turn, response, signal);
  if (turn.hold_open) return 'held_open';
  response.end();
  return 'answered';
}

async function writeEvent(
  data: string,
  turn: AnswerTurn,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  for (const part of partsOf(Buffer.from(`data: ${data}\n\n`), turn.write_bytes)) {
    await write(response, part, signal);
    // A turn of the event loop, so that the parts leave one by one.
    if (turn.write_bytes) await new Promise(setImmediate);
  }
}

function* partsOf(bytes: Buffer, size = bytes.length): Generator<Buffer> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

function half<T>(items: readonly T[]): T[] {
  return items.slice(0, Math.ceil(items.length / 2));
}

/** Waits until the connection takes more. */
async function write(response: ServerResponse, bytes: Buffer, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (response.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      response.off('drain', go);
      signal.removeEventListener('abort', go);
      resolve();
    };
    response.on('drain', go);
    signal.addEventListener('abort', go);
  });
  signal.throwIfAborted();
}

/** Breaks the connection as a dead machine does, after what was written has left. */
async function cut(response: ServerResponse): Promise<Ending> {
  const { socket } = response;
  if (response.headersSent) await new Promise<void>((resolve) => response.write('', () => resolve()));
  socket?.resetAndDestroy();
  return 'cut';
}
