import { z } from 'zod';
import { BAD_PORT, endpointFetch } from './endpoint-fetch.js';
import type { OpenAiSettings } from './openai-settings.js';

const PATIENCE_MS = 5000;
const MAX_BYTES = 4 * 1024 * 1024;

const tokens = z.int().positive().nullish().catch(null);
const Models = z.object({
  data: z.array(
    z.looseObject({
      id: z.string(),
      max_model_len: tokens,
      context_length: tokens,
      context_window: tokens,
      meta: z.looseObject({ n_ctx: tokens }).nullish().catch(null),
    }),
  ),
});

/** What an endpoint tells before it is asked anything. */
export interface ModelList {
  /** As the endpoint calls them; null when it gave no list. */
  names: readonly string[] | null;
  /** Tokens of question and answer of the model that it was asked about; null when it does not say. */
  contextTokens: number | null;
  /** Why nobody can be asked there, in the words of the system; null when somebody can, or may. */
  unreached: string | null;
}

/** A name or a port that nobody has: most likely one that was mistyped. */
const NOBODY = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/;
const NO_LIST: ModelList = { names: null, contextTokens: null, unreached: null };

/**
 * Asks an endpoint's list of models how much one reads: vLLM and SGLang say `max_model_len`, others `context_length`.
 * @returns what it says; an endpoint without such a list says nothing, and the first question will tell what is wrong with it
 */
export async function askModelList(
  baseUrl: string,
  model: string,
  { apiKey, extraHeaders, proxies }: Pick<OpenAiSettings, 'apiKey' | 'extraHeaders' | 'proxies'>,
): Promise<ModelList> {
  try {
    const key = apiKey?.trim();
    const response = await endpointFetch(proxies)(`${baseUrl}/models`, {
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...extraHeaders },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { data } = Models.parse(JSON.parse(await beginning(response)));
    const card = data.find(({ id }) => id === model);
    const contextTokens =
      card?.max_model_len ?? card?.context_length ?? card?.context_window ?? card?.meta?.n_ctx ?? null;
    return { names: data.map(({ id }) => id), contextTokens, unreached: null };
  } catch (error) {
    return { ...NO_LIST, unreached: unreachedBy(error) };
  }
}

function unreachedBy(error: unknown): string | null {
  const cause = error instanceof Error ? error.cause : null;
  if (!(cause instanceof Error)) return null;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code !== undefined && NOBODY.test(code)) return message === '' ? code : message;
  // Ports of other protocols are refused before anybody is asked.
  return message === BAD_PORT ? BAD_PORT : null;
}

/** As much as a list may have; what is longer is cut off, and no JSON then. */
async function beginning({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    pieces.push(piece);
    bytes += piece.byteLength;
    if (bytes > MAX_BYTES) break;
  }
  return Buffer.concat(pieces).toString();
}
