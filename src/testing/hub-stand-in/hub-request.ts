import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HubRepo } from './hub-repo.js';

/** A request to a repository that exists. */
export interface HubRequest {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  repo: HubRepo;
  /** Parts of the address behind the name of the repository, decoded. */
  parts: string[];
  /** Address of the Hub. */
  base: string;
  port: number;
}

/** Answers with a status, a code and a text, the way the Hub does: in headers, and as JSON. @param code null: the Hub names none */
export function answerError(
  response: ServerResponse,
  status: number,
  code: string | null,
  message: string,
  facts: Readonly<Record<string, unknown>> = {},
): void {
  const named = code === null ? {} : { 'X-Error-Code': code };
  response.writeHead(status, { 'Content-Type': 'application/json', ...named, 'X-Error-Message': message });
  response.end(JSON.stringify({ error: message, ...facts }));
}

/** Answers with a JSON document. */
export function answerJson(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(value));
}
