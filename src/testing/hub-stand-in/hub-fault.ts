import type { IncomingMessage, ServerResponse } from 'node:http';

/** What is done to a request instead of answering it, or with its answer. */
export interface HubFault {
  /** Answers with this status; none: the request is answered after all. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** Text of the answer; none: a JSON error. */
  body?: string;
  /** Waits before it answers. */
  delayMs?: number;
  /** Ends the connection in the middle of the answer: what was asked has been done. */
  isCut?: boolean;
  /** Ends the connection in the middle of what the client sends: nothing is done. */
  cutsUpload?: boolean;
}

/** Faults that happen by themselves. `not_ready` is one of the viewer only. */
export const HUB_FAULTS = {
  rate_limit: { status: 429, headers: { 'Retry-After': '1' }, body: '{"error":"Too Many Requests"}' },
  server_error: {
    status: 500,
    body: '{"error":"Internal Error - We\'re working hard to fix this as soon as possible!"}',
  },
  html: {
    status: 503,
    headers: { 'Content-Type': 'text/html' },
    body: '<html><head><title>503 Service Temporarily Unavailable</title></head></html>',
  },
  not_ready: {
    status: 500,
    headers: { 'X-Error-Code': 'ResponseNotReady' },
    body: '{"error":"The server is busier than usual and the response is not ready yet. Please retry later."}',
  },
  slow: { delayMs: 2000 },
  cut: { isCut: true },
  cut_upload: { cutsUpload: true },
} as const satisfies Record<string, HubFault>;

export type HubFaultName = keyof typeof HUB_FAULTS;

/** Answers with a fault. */
export function answerFault(response: ServerResponse, { status = 500, headers, body }: HubFault): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(body ?? JSON.stringify({ error: 'a fault that the test asked for' }));
}

/** Ends the connection once half of what was announced has come; at once where nothing was. */
export function cutUpload(request: IncomingMessage): void {
  const half = Number(request.headers['content-length'] ?? 0) / 2;
  let bytes = 0;
  request.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes >= half) request.socket.destroy();
  });
  request.on('end', () => request.socket.destroy());
}

/** Makes the answer to come end in its middle: its length is told, half of it is sent, and the connection breaks. */
export function cutAnswer(response: ServerResponse): void {
  const end = response.end.bind(response);
  response.end = ((body?: string | Uint8Array) => {
    const bytes = Buffer.from(body ?? '');
    if (bytes.length === 0) return end();
    if (!response.headersSent) response.setHeader('Content-Length', bytes.length);
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
    return response;
  }) as typeof response.end;
}

/** Draws faults by their rates: the same seed, the same faults in the order of requests. */
export function drawFaults(rates: Partial<Record<HubFaultName, number>>, seed: number): () => HubFault | null {
  let state = seed >>> 0;
  return () => {
    for (const [name, rate] of Object.entries(rates) as [HubFaultName, number][]) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      if (state / 2 ** 32 < rate) return HUB_FAULTS[name];
    }
    return null;
  };
}
