import { z } from 'zod';
import { endpointFetch } from './endpoint-fetch.js';
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

/**
 * Asks an endpoint's list of models how much one reads: vLLM and SGLang say `max_model_len`, others `context_length`.
 * @returns tokens; null when the endpoint does not say, or does not answer: the first question will tell why
 */
export async function learnContextTokens(
  baseUrl: string,
  model: string,
  { apiKey, extraHeaders, proxies }: Pick<OpenAiSettings, 'apiKey' | 'extraHeaders' | 'proxies'>,
): Promise<number | null> {
  try {
    const key = apiKey?.trim();
    const response = await endpointFetch(proxies)(`${baseUrl}/models`, {
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...extraHeaders },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { data } = Models.parse(JSON.parse(await beginning(response)));
    const card = data.find(({ id }) => id === model);
    return card?.max_model_len ?? card?.context_length ?? card?.context_window ?? card?.meta?.n_ctx ?? null;
  } catch {
    return null;
  }
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
