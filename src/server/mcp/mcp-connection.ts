import { type Channel, RpcError } from '../../protocol/index.js';
import type { OpenEnvAddress, OpenEnvConnectionHost } from '../openenv/openenv-connection.js';
import { write } from '../openenv/openenv-frames.js';
import type { OpenEnvSession } from '../openenv/openenv-session.js';
import { parseTolerantJson } from '../openenv/tolerant-json.js';
import { SerialFrames } from '../serial-frames.js';
import type { SessionSink } from '../sessions/session.js';
import { answerMcp, mcpParseError } from './mcp.js';

/** One WebSocket at `/mcp`: JSON-RPC 2.0 in text frames; the session ends with it. */
export class McpConnection implements SessionSink {
  private session: OpenEnvSession | null = null;
  private readonly frames: SerialFrames;

  constructor(
    channel: Channel,
    private readonly host: OpenEnvConnectionHost,
    private readonly address: Pick<OpenEnvAddress, 'task'> = {},
  ) {
    this.frames = new SerialFrames(channel, host.limits, {
      answer: (frame) => this.answer(frame),
      complain: (message) => write(mcpParseError(message)),
      closed: () => void (this.session && host.openEnvSessions.close(this.session)),
      onFrame: host.onFrame,
    });
  }

  /** A server message has no place here. */
  deliver(): number {
    return 0;
  }
  stream(): void {}
  endStream(): void {}
  replaced(): void {}

  /** Ends the connection from outside. */
  close(): void {
    this.frames.end('the server is going down', 1001);
  }

  private async answer(frame: string | Uint8Array): Promise<string | null> {
    let message: unknown;
    try {
      message = parseTolerantJson(typeof frame === 'string' ? frame : Buffer.from(frame).toString('utf8'));
    } catch (error) {
      return write(mcpParseError(`Parse error: ${(error as Error).message}`));
    }
    const sessions = this.host.openEnvSessions;
    try {
      this.session ??= this.open();
    } catch (error) {
      const what = error instanceof RpcError ? error.message : 'The server failed.';
      return write({ jsonrpc: '2.0', id: null, error: { code: -32000, message: what, data: null } });
    }
    const { response } = await answerMcp(message, { sessions, session: this.session });
    return response && write(response);
  }

  private open(): OpenEnvSession {
    const { openEnvSessions } = this.host;
    const opened = openEnvSessions.open('mcp', this.address.task);
    openEnvSessions.sessions.attach(opened.session, this);
    opened.isAttached = true;
    return opened;
  }
}
