import { describe, expect, it } from 'vitest';
import { classifyFailure } from '../../src/agent/models/classify-failure.js';
import { HttpFailure } from '../../src/agent/models/endpoint-error.js';
import { redactor } from '../../src/agent/models/redactor.js';
import { retryAfterMs } from '../../src/agent/models/retry-after.js';

const plain = redactor([]);

function classed(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return classifyFailure(new HttpFailure(status, new Headers(headers), text), plain);
}

const openAi = (message: string, code: string | null = null, type = 'invalid_request_error') => ({
  error: { message, type, param: null, code },
});

/** How endpoints say that a chat is too long. */
const TOO_LONG: readonly [string, number, unknown][] = [
  [
    'OpenAI',
    400,
    openAi(
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 8227 tokens. Please reduce the length of the messages.",
      'context_length_exceeded',
    ),
  ],
  ['OpenAI by code alone', 400, openAi('No.', 'context_length_exceeded')],
  [
    'OpenAI, a text of ten million letters',
    400,
    openAi("Invalid 'messages[1].content': string too long.", 'string_above_max_length'),
  ],
  [
    'OpenAI, more than a minute allows',
    429,
    openAi(
      'Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 40000.',
      'rate_limit_exceeded',
      'tokens',
    ),
  ],
  [
    'vLLM, flat',
    400,
    {
      object: 'error',
      message:
        "This model's maximum context length is 6048 tokens. However, you requested 6616 tokens (568 in the messages, 6048 in the completion). Please reduce the length of the messages or completion.",
      type: 'BadRequestError',
      param: null,
      code: 400,
    },
  ],
  [
    'vLLM, nested',
    400,
    openAi(
      "This model's maximum context length is 2048 tokens. However, your request has 8 input tokens plus 2045 'max_tokens'. Please reduce one or the other.",
      null,
      'BadRequestError',
    ),
  ],
  [
    'vLLM, decoder',
    400,
    {
      message:
        'The decoder prompt (length 40000) is longer than the maximum model length of 32768. Make sure that `max_model_len` is no smaller than the number of text tokens.',
      code: 400,
    },
  ],
  ['vLLM, nothing left for the answer', 400, { message: 'max_tokens must be at least 1, got -186.', code: 400 }],
  [
    'SGLang',
    400,
    {
      object: 'error',
      message: "The input (40113 tokens) is longer than the model's context length (32768 tokens).",
      code: 400,
    },
  ],
  [
    'SGLang, with the answer',
    400,
    {
      message:
        "Requested token count exceeds the model's maximum context length of 32768 tokens. You requested a total of 33000 tokens.",
    },
  ],
  [
    'llama.cpp',
    400,
    {
      error: {
        code: 400,
        message: 'the request exceeds the available context size, try increasing it',
        type: 'exceed_context_size_error',
      },
    },
  ],
  ['llama.cpp, older', 500, { error: { code: 500, message: 'Context size has been exceeded.', type: 'server_error' } }],
  [
    'TGI',
    422,
    {
      error:
        'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 20 `max_new_tokens`',
      error_type: 'validation',
    },
  ],
  [
    'Anthropic',
    400,
    {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'prompt is too long: 208310 tokens > 200000 maximum' },
    },
  ],
  [
    'Anthropic, with the answer',
    400,
    { error: { message: 'input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000' } },
  ],
  [
    'Gemini',
    400,
    [
      {
        error: {
          code: 400,
          message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
          status: 'INVALID_ARGUMENT',
        },
      },
    ],
  ],
  [
    'Mistral',
    400,
    {
      message: 'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
    },
  ],
  [
    'xAI',
    400,
    {
      code: 'Client specified an invalid argument',
      error: "This model's maximum prompt length is 131072 but the request contains 150000 tokens.",
    },
  ],
  ['DashScope', 400, openAi('Range of input length should be [1, 98304]')],
  ['Moonshot', 400, openAi('Invalid request: Your request exceeded model token limit: 131072')],
  ['Bedrock', 400, { message: 'Input is too long for requested model.' }],
  [
    'LiteLLM',
    400,
    openAi(
      'litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: model context window exceeded',
    ),
  ],
];

describe('what a failed request means', () => {
  it.each(TOO_LONG)('a chat too long for %s ends the question at once as such [B2]', (_name, status, body) => {
    expect(classed(status, body)).toMatchObject({ code: 'context_window', isRetryable: false });
  });

  it.each([
    [
      429,
      openAi(
        'Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 25000, Requested 9000. Please try again in 8s.',
        'rate_limit_exceeded',
        'tokens',
      ),
    ],
    [
      429,
      [
        {
          error: {
            code: 429,
            message: 'You exceeded your current quota, please check your plan and billing details.',
            status: 'RESOURCE_EXHAUSTED',
          },
        },
      ],
    ],
    [429, { message: 'Too many tokens, please wait before trying again.' }],
    [429, 'slow down'],
  ])('a limit of rates is waited out: %i %j [B2]', (status, body) => {
    expect(classed(status, body)).toMatchObject({ code: 'rate_limit', isRetryable: true });
  });

  it.each([
    [401, openAi('Incorrect API key provided.', 'invalid_api_key'), 'unauthorized'],
    [403, 'forbidden', 'unauthorized'],
    [
      429,
      openAi(
        'You exceeded your current quota, please check your plan and billing details.',
        'insufficient_quota',
        'insufficient_quota',
      ),
      'quota',
    ],
    [400, { error: { message: 'Your credit balance is too low to access the API.' } }, 'quota'],
    [402, { error: { message: 'Insufficient Balance' } }, 'quota'],
    [400, openAi("Invalid value for 'temperature'"), 'bad_request'],
    [
      400,
      openAi(
        'max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided 100000.',
      ),
      'bad_request',
    ],
    [404, openAi('The model `x` does not exist.', 'model_not_found'), 'bad_request'],
    [413, '<html>Request Entity Too Large</html>', 'bad_request'],
    [422, { detail: [{ loc: ['body', 'x'], msg: 'Extra inputs are not permitted' }] }, 'bad_request'],
    [501, openAi('not here'), 'server'],
  ])('%i %j is %s', (status, body, code) => {
    expect(classed(status, body)).toMatchObject({ code, isRetryable: code === 'server' });
  });

  it.each([408, 409, 425, 500, 502, 503, 504, 529])('%i is retried [B2]', (status) => {
    expect(classed(status, '<html>later</html>')).toMatchObject({
      code: status === 408 ? 'timeout' : 'server',
      isRetryable: true,
    });
    expect(classed(status, '', { 'x-should-retry': 'false' }).isRetryable).toBe(false);
  });

  it.each([
    [{ message: 'x', type: 'BadRequestError', code: 400 }, 'bad_request', false],
    [{ message: "This model's maximum context length is 10 tokens", code: 400 }, 'context_window', false],
    [{ message: 'x', code: 429 }, 'rate_limit', true],
    [{ message: 'x', type: 'rate_limit_error' }, 'rate_limit', true],
    [{ message: 'EngineCore encountered an issue', type: 'InternalServerError', code: 500 }, 'server', true],
    ['something', 'server', true],
  ])('an error within a stream is classed as its status would be: %j [B2]', async (body, code, isRetryable) => {
    const { APIError } = await import('openai');
    expect(classifyFailure(new APIError(undefined, body as object, undefined, undefined), plain)).toMatchObject({
      code,
      isRetryable,
    });
  });

  it.each([
    ['ECONNREFUSED', 'connection', true],
    ['ECONNRESET', 'connection', true],
    ['ENOTFOUND', 'connection', true],
    ['UND_ERR_SOCKET', 'connection', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout', true],
    ['ETIMEDOUT', 'timeout', true],
    ['CERT_HAS_EXPIRED', 'connection', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'connection', false],
    ['ERR_INVALID_URL', 'bad_request', false],
  ])('%s below other errors is %s, retryable: %s [B2]', (errno, code, isRetryable) => {
    const cause = Object.assign(new Error('the cause'), { code: errno });
    const error = new Error('Connection error.', { cause: new TypeError('fetch failed', { cause }) });
    expect(classifyFailure(error, plain)).toMatchObject({ code, isRetryable, reason: expect.stringContaining(errno) });
  });

  it('tells what went wrong with a connection from what is wrong with the request [B2]', () => {
    const below = (cause: Error) => classifyFailure(new Error('Connection error.', { cause }), plain);
    expect(below(new TypeError('terminated'))).toMatchObject({ code: 'connection', isRetryable: true });
    expect(below(new TypeError('invalid header value'))).toMatchObject({ code: 'bad_request', isRetryable: false });
    expect(below(new Error('odd'))).toMatchObject({ code: 'connection', reason: 'Error: odd' });
    expect(classifyFailure('thrown', plain)).toMatchObject({ code: 'connection', reason: 'Error: thrown' });
  });

  it('says on one line, within bounds and without secrets what was said [B2]', () => {
    const redact = redactor(['sk-secret', 'sk-secret-longer', 'x', undefined]);
    const body = `bad\n\u001b[31m key sk-secret-longer and sk-secret ${'x'.repeat(5000)}`;
    const { reason } = classifyFailure(new HttpFailure(401, new Headers(), body), redact);
    expect(reason).toMatch(/^HTTP 401: bad \[31m key \[key\] and \[key\] x{100,}\.\.\.$/);
    expect(reason.length).toBeLessThan(520);
    expect(redactor(['sk/a+b=1'])('at https://x/?key=sk%2Fa%2Bb%3D1 of sk/a+b=1')).toBe(
      'at https://x/?key=[key] of [key]',
    );
  });
});

describe('what an endpoint asks to wait', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const wait = (headers: Record<string, string>, isRateLimit = true) =>
    retryAfterMs(new Headers(headers), isRateLimit, now);

  it.each<[Record<string, string>, number | null]>([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT' }, 7000],
    [{ 'retry-after': 'Thu, 01 Jan 2020 00:00:07 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '-4' }, 0],
    [{ 'retry-after-ms': '120', 'retry-after': '3' }, 120],
    [{ 'x-ratelimit-reset-requests': '1s', 'x-ratelimit-reset-tokens': '6m0s' }, 360_000],
    [
      {
        'x-ratelimit-reset-requests': '12ms',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-tokens': '6m0s',
        'x-ratelimit-remaining-tokens': '9',
      },
      12,
    ],
    [{ 'x-ratelimit-reset-tokens': '1h2m3.5s' }, 3_723_500],
    [{ 'x-ratelimit-reset-tokens': '0' }, 0],
    [{ 'x-ratelimit-reset': String(now / 1000 + 5) }, 5000],
    [{ 'x-ratelimit-reset': String(now + 5000) }, 5000],
    [{ 'x-ratelimit-reset': '9' }, 9000],
    [{ 'x-ratelimit-reset': '2026-01-01T00:00:02Z' }, 2000],
    [{ 'x-ratelimit-reset': 'x' }, null],
    [{}, null],
  ])('%j is %j milliseconds [B2]', (headers, expected) => {
    expect(wait(headers)).toBe(expected);
  });

  it('does not take the reset of a rate for the end of another trouble [B2]', () => {
    expect(wait({ 'x-ratelimit-reset-requests': '1s' }, false)).toBeNull();
    expect(wait({ 'retry-after': '1' }, false)).toBe(1000);
  });
});
