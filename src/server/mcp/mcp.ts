import { z } from 'zod';
import { RpcError, SOFTWARE } from '../../protocol/index.js';
import { isRecord, toOpenEnvObservation } from '../openenv/openenv-frames.js';
import type { OpenEnvSession } from '../openenv/openenv-session.js';
import type { OpenEnvSessions } from '../openenv/openenv-sessions.js';
import { callTool, type ToolOutcome, toolList } from './mcp-tools.js';

/** Error codes of JSON-RPC 2.0. */
const CODES = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  serverError: -32000,
} as const;

const VERSIONS = ['2025-06-18', '2025-03-26', '2024-11-05'] as const;

const Request = z.object({
  jsonrpc: z.literal('2.0'),
  method: z.string().max(200),
  params: z.unknown().optional(),
  id: z.union([z.string(), z.number()]).nullish(),
});

/** Where a message came from. */
export interface McpContext {
  sessions: OpenEnvSessions;
  /** Session of the socket that the message came by. */
  session?: OpenEnvSession;
  /** Session that the HTTP header names. */
  sessionId?: string;
  /** Task that the address named. */
  task?: string | null;
}

/** What goes back. */
export interface McpAnswer {
  /** Null for a notification. */
  response: Record<string, unknown> | null;
  /** Session that the message opened, for the HTTP header. */
  openedSessionId?: string;
}

class McpError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data: unknown = null,
  ) {
    super(message);
  }
}

/** The answer to a message that is not JSON. */
export function mcpParseError(message: string): Record<string, unknown> {
  return errorResponse(null, new McpError(CODES.parseError, message));
}

/** Answers a JSON-RPC message. @throws nothing that the peer caused */
export async function answerMcp(message: unknown, context: McpContext): Promise<McpAnswer> {
  const parsed = Request.safeParse(message);
  if (!parsed.success) {
    const { path, message: fault } = parsed.error.issues[0]!;
    const id =
      isRecord(message) && (typeof message.id === 'string' || typeof message.id === 'number') ? message.id : null;
    return {
      response: errorResponse(id, new McpError(CODES.invalidRequest, `Invalid request: ${path.join('.')}: ${fault}`)),
    };
  }
  const { method, params, id } = parsed.data;
  const isNotification = method.startsWith('notifications/') && (id === undefined || id === null);
  if (isNotification) return { response: null };
  try {
    if (params !== undefined && !isRecord(params)) throw new McpError(CODES.invalidParams, 'Params must be an object');
    const { result, openedSessionId } = await run(method, isRecord(params) ? params : {}, context);
    return {
      response: { jsonrpc: '2.0', id: id ?? null, result },
      ...(openedSessionId !== undefined && { openedSessionId }),
    };
  } catch (error) {
    return { response: errorResponse(id ?? null, toMcpError(error)) };
  }
}

async function run(
  method: string,
  params: Record<string, unknown>,
  context: McpContext,
): Promise<{ result: unknown; openedSessionId?: string }> {
  switch (method) {
    case 'initialize':
      return initialize(params, context);
    case 'ping':
      return { result: {} };
    case 'tools/list':
      requestedSession(params, context);
      return { result: { tools: toolList() } };
    case 'tools/call':
      return { result: await call(params, context) };
    case 'openenv/session/create':
      return { result: { session_id: (context.session ?? context.sessions.open('mcp', context.task)).session.token } };
    case 'openenv/session/close':
      return { result: await closeSession(params, context) };
    default:
      throw new McpError(CODES.methodNotFound, `Method not found: ${method}`);
  }
}

/** A client of the protocol proper names its session by header from here on. */
function initialize(
  params: Record<string, unknown>,
  context: McpContext,
): { result: unknown; openedSessionId?: string } {
  const wanted = VERSIONS.find((version) => version === params.protocolVersion);
  const opened = context.session ? null : context.sessions.open('mcp', context.task);
  return {
    result: {
      protocolVersion: wanted ?? VERSIONS[0],
      capabilities: { tools: {} },
      serverInfo: { name: SOFTWARE.name, version: SOFTWARE.version },
      instructions: 'Call start_episode with a task, then act with the other tools until the episode is done.',
    },
    ...(opened && { openedSessionId: opened.session.token }),
  };
}

async function call(params: Record<string, unknown>, context: McpContext): Promise<unknown> {
  const { name, arguments: given } = params;
  if (typeof name !== 'string' || name === '') throw new McpError(CODES.invalidParams, "Missing 'name' in params");
  if (given !== undefined && given !== null && !isRecord(given)) {
    throw new McpError(CODES.invalidParams, "'arguments' must be an object");
  }
  const session = requestedSession(params, context);
  if (session) return toolResult(await callTool(session, name, given ?? {}));
  const temporary = context.sessions.open('mcp', context.task);
  try {
    return toolResult(await callTool(temporary, name, given ?? {}));
  } finally {
    await context.sessions.close(temporary);
  }
}

/** @returns the session that a request is about; null when it names none */
function requestedSession(params: Record<string, unknown>, context: McpContext): OpenEnvSession | null {
  if (context.session) return context.session;
  const named = params.session_id ?? context.sessionId;
  if (named === undefined || named === null) return null;
  const session = typeof named === 'string' ? context.sessions.find(named) : null;
  if (!session) throw new McpError(CODES.invalidParams, `Unknown session_id: ${String(named).slice(0, 100)}`);
  context.sessions.touch(session);
  return session;
}

async function closeSession(params: Record<string, unknown>, context: McpContext): Promise<unknown> {
  const { session_id } = params;
  if (typeof session_id !== 'string' || session_id === '') {
    throw new McpError(CODES.invalidParams, "Invalid params - 'session_id' is required");
  }
  if (context.session?.session.token === session_id) {
    throw new McpError(CODES.invalidRequest, 'Cannot close active WebSocket-managed session via MCP method');
  }
  const session = context.sessions.find(session_id);
  if (!session) throw new McpError(CODES.invalidParams, `Unknown session_id: ${session_id.slice(0, 100)}`);
  if (session.isAttached) {
    session.isClosing = true;
    return { session_id, closed: false, closing: true };
  }
  await context.sessions.close(session);
  return { session_id, closed: true };
}

/** The result of a tool as MCP has it; `data` is where OpenEnv's client looks for it. */
function toolResult({ result, error }: ToolOutcome): unknown {
  if (error?.error_type === 'tool_not_found') throw new McpError(CODES.invalidParams, error.message);
  if (error) return { content: [{ type: 'text', text: error.message }], isError: true };
  const { text } = result!.observation;
  return {
    content: [{ type: 'text', text }],
    structuredContent: toOpenEnvObservation(result!),
    data: text,
    isError: false,
  };
}

function toMcpError(error: unknown): McpError {
  if (error instanceof McpError) return error;
  if (error instanceof RpcError) {
    const data = error.code === 'capacity_reached' && {
      active_sessions: error.data?.used,
      max_sessions: error.data?.limit,
    };
    return new McpError(CODES.serverError, error.message, data || error.data || null);
  }
  return new McpError(CODES.internalError, 'The server failed; its log has the trace.');
}

function errorResponse(id: string | number | null, { code, message, data }: McpError): Record<string, unknown> {
  return { jsonrpc: '2.0', id, error: { code, message, data } };
}
