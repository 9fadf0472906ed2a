/** What an endpoint says about a failure. */
export interface ErrorBody {
  message: string;
  /** `context_length_exceeded`, `rate_limit_exceeded`...; a number as text where the endpoint repeats the status. */
  code: string;
  type: string;
  /** The field of the request that it is about. */
  param: string;
}

/**
 * Reads the bodies that endpoints send with failures: OpenAI's `{"error": {...}}`, vLLM's flat one, FastAPI's `detail`, lists of them, texts.
 * @param body parsed JSON, or text
 */
export function readErrorBody(body: unknown): ErrorBody {
  const json = typeof body === 'string' ? parsed(body) : body;
  const object = record(Array.isArray(json) ? json[0] : json);
  if (object === null) return { message: text(json), code: '', type: '', param: '' };
  const inner = record(object.error) ?? object;
  const message = inner.message ?? inner.detail ?? inner.msg ?? object.error ?? object.message;
  return {
    message: text(message ?? json),
    code: text(inner.code),
    type: text(inner.type ?? inner.status),
    param: text(inner.param),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
