import { z } from 'zod';
import { endpointFetch } from './endpoint-fetch.js';
import type { OpenAiSettings } from './openai-settings.js';

const PATIENCE_MS = 5000;
const MAX_BYTES = 4 * 1024 * 1024;

const Models = z.object({
  data: z.array(
    z.looseObject({
      id: z.string(),
      max_model_len: z.number().nullish().catch(null),
      context_length: z.number().nullish().catch(null),
      context_window: z.number().nullish().catch(null),
      meta: z
        .looseObject({ n_ctx: z.number().nullish().catch(null) })
        .nullish()
        .catch(null),
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
    if (Number(response.headers.get('content-length') ?? 0) > MAX_BYTES) {
      await response.body?.cancel();
      return null;
    }
    const { data } = Models.parse(await response.json());
    const card = data.find(({ id }) => id === model);
    return card?.max_model_len ?? card?.context_length ?? card?.context_window ?? card?.meta?.n_ctx ?? null;
  } catch {
    return null;
  }
}
