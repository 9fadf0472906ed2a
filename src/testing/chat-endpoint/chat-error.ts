/** A failure in the words of the API. */
export interface ChatError {
  status: number;
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/** Types by status, as the API names them. */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'invalid_request_error',
  404: 'invalid_request_error',
  429: 'requests',
};

const CODES: Readonly<Record<number, string>> = { 401: 'invalid_api_key', 429: 'rate_limit_exceeded' };

const MESSAGES: Readonly<Record<string, string>> = {
  invalid_api_key:
    'Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.',
  rate_limit_exceeded: 'Rate limit reached for requests. Please try again later.',
  insufficient_quota: 'You exceeded your current quota, please check your plan and billing details.',
  context_length_exceeded:
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens. Please reduce the length of the messages.",
};

/** @returns a failure with what the API would say where nothing else is given */
export function chatError(status: number, given: Partial<ChatError> = {}): ChatError {
  const code = given.code ?? CODES[status] ?? null;
  const message =
    MESSAGES[code ?? ''] ??
    (status >= 500
      ? 'The server had an error while processing your request. Sorry about that!'
      : 'The request cannot be used.');
  const type =
    code === 'insufficient_quota'
      ? code
      : (TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error'));
  return { status, message, type, param: null, ...given, code };
}

/** @returns the body of such a failure */
export function errorBody({ message, type, param, code }: ChatError): { error: Omit<ChatError, 'status'> } {
  return { error: { message, type, param, code } };
}
