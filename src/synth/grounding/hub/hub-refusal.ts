import { HubApiError } from '@huggingface/hub';

/** What a Hub says in an error; the error's own message also holds the address, and with it any word. */
export function textOf({ data }: HubApiError): string {
  return typeof data?.error === 'string' ? data.error : '';
}

/** Whether a Hub does not know the token: then it refuses everything, whatever was asked for. */
export function isWrongToken(error: unknown): boolean {
  if (!(error instanceof HubApiError) || error.statusCode !== 401) return false;
  return /^Invalid (?:credentials|(?:user(?:name)? or )?(?:access )?token)/i.test(textOf(error));
}

/** The Hub says in a header why it refuses, and not always in the text that errors are made of. */
export function withErrorText(response: Response): Response {
  const error = response.headers.get('x-error-message');
  if (response.ok || error === null) return response;
  void response.body?.cancel();
  return new Response(JSON.stringify({ error }), {
    status: response.status,
    headers: { 'content-type': 'application/json' },
  });
}
