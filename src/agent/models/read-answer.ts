import type { OpenAI } from 'openai';
import { Stream } from 'openai/streaming';
import type { Answer } from './answer.js';
import { AnswerBuilder, type AnswerListener } from './answer-builder.js';
import { ChunkShape, CompletionShape } from './chat-shapes.js';
import { CutAnswer, GarbageAnswer } from './endpoint-error.js';
import { readErrorBody } from './error-body.js';
import { wholeEvents } from './whole-events.js';

/** Beyond this no answer is read: thinking included it is some hundred thousand tokens. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const SHOWN_CHARACTERS = 200;
const DONE = /^data: ?\[DONE\]/m;
const TAIL_BYTES = 64;
/** Without a logger the library prints to the console what it cannot parse. */
const SILENT = {} as OpenAI;

/** How reading goes on. */
export interface ReadProgress {
  /** Something arrived. */
  onBytes(): void;
  /** Nothing more is needed; the end of the connection may still come. */
  onFinished(): void;
}

/**
 * Reads an answer, streamed or whole, whichever the endpoint chose.
 * @param controller aborts the request when reading ends early
 * @throws CutAnswer, GarbageAnswer; what the connection throws
 */
export async function readAnswer(
  response: Response,
  controller: AbortController,
  listener: AnswerListener,
  progress: ReadProgress,
): Promise<Answer> {
  const type = response.headers.get('content-type') ?? '';
  const body = new WatchedBody(response, progress);
  const builder = new AnswerBuilder(listener);
  if (type.includes('text/event-stream')) {
    await readStream(body.response, body, type, controller, builder, progress);
    return builder.build();
  }
  const text = await body.response.text();
  // A stream that calls itself something else.
  if (/^(?:data|event|id|retry)?: ?/.test(text)) {
    await readStream(new Response(text), body, type, controller, builder, progress);
  } else readWhole(text, type, builder);
  return builder.build();
}

function readWhole(text: string, type: string, builder: AnswerBuilder): void {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new GarbageAnswer(
      `the answer is no JSON but ${text.trim() === '' ? 'empty' : `${type || 'untyped'}: ${shown(text)}`}`,
    );
  }
  const completion = CompletionShape.safeParse(json);
  const [choice] = completion.data?.choices ?? [];
  if (!completion.success || !choice) {
    const { message } = readErrorBody(json);
    throw new GarbageAnswer(`the answer holds no choice: ${shown(message === '' ? text : message)}`);
  }
  builder.add(choice.message, choice.finish_reason);
  builder.addUsage(completion.data.usage);
}

async function readStream(
  response: Response,
  body: WatchedBody,
  type: string,
  controller: AbortController,
  builder: AnswerBuilder,
  progress: ReadProgress,
): Promise<void> {
  try {
    const events = new Response(response.body?.pipeThrough(wholeEvents()) ?? '');
    for await (const json of Stream.fromSSEResponse<unknown>(events, controller, SILENT)) {
      const chunk = ChunkShape.safeParse(json);
      if (!chunk.success)
        throw new GarbageAnswer(`a piece of the stream is none of an answer: ${shown(JSON.stringify(json))}`);
      for (const choice of chunk.data.choices ?? []) {
        if ((choice.index ?? 0) === 0) builder.add(choice.delta, choice.finish_reason);
      }
      builder.addUsage(chunk.data.usage);
      if (builder.isFinished) progress.onFinished();
    }
  } catch (error) {
    // What is paid for and complete is kept, however the connection ended.
    if (!builder.isFinished) throw error;
  }
  if (!builder.hasMessage) throw new GarbageAnswer(`the stream holds no answer (${type}): ${shown(body.tail)}`);
  if (!builder.isFinished && !DONE.test(body.tail)) throw new CutAnswer('the stream ended before the answer did');
}

/** A response whose body tells of its bytes, keeps its end in mind and is bounded. */
class WatchedBody {
  readonly response: Response;
  /** The last characters that came. */
  tail = '';

  constructor(original: Response, progress: ReadProgress) {
    let bytes = 0;
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        progress.onBytes();
        bytes += chunk.byteLength;
        if (bytes > MAX_ANSWER_BYTES) throw new GarbageAnswer(`the answer has more than ${MAX_ANSWER_BYTES} bytes`);
        this.tail = (this.tail + Buffer.from(chunk.subarray(-TAIL_BYTES)).toString('latin1')).slice(-TAIL_BYTES);
        controller.enqueue(chunk);
      },
    });
    this.response = new Response(original.body?.pipeThrough(watch) ?? '', { headers: original.headers });
  }
}

function shown(text: string): string {
  return text.trim().slice(0, SHOWN_CHARACTERS);
}
