import type { Logger } from 'pino';
import { type Channel, RpcError } from '../../protocol/index.js';
import type { ServerLimits } from '../limits.js';
import { answerMcp } from '../mcp/mcp.js';
import { callTool, type ToolOutcome, toolList } from '../mcp/mcp-tools.js';
import { SerialFrames } from '../serial-frames.js';
import type { SessionSink } from '../sessions/session.js';
import { parseOpenEnvAction } from './openenv-action.js';
import {
  OpenEnvError,
  type OpenEnvMessage,
  type OpenEnvObservation,
  openEnvFrame,
  parseOpenEnvFrame,
  toOpenEnvObservation,
} from './openenv-frames.js';
import type { OpenEnvSession } from './openenv-session.js';
import type { OpenEnvSessions } from './openenv-sessions.js';

/** What a connection of the OpenEnv profile works with. */
export interface OpenEnvConnectionHost {
  readonly openEnvSessions: OpenEnvSessions;
  readonly limits: ServerLimits;
  readonly log: Logger;
  /** Told of each frame, for metrics. */
  readonly onFrame?: (direction: 'in' | 'out', sizeBytes: number) => void;
}

/** What the address of the socket said. */
export interface OpenEnvAddress {
  /** `namespace/name` of the path. */
  task?: string | null;
  /** Session that `openenv/session/create` made. */
  sessionId?: string;
}

/** One connection of the OpenEnv profile: a frame in, a frame out, in order, and never a word unasked. */
export class OpenEnvConnection implements SessionSink {
  private current: OpenEnvSession | null = null;
  private readonly frames: SerialFrames;

  constructor(
    channel: Channel,
    private readonly host: OpenEnvConnectionHost,
    private readonly address: OpenEnvAddress = {},
  ) {
    this.frames = new SerialFrames(channel, host.limits, {
      answer: (frame) => this.answer(frame),
      complain: (message) => openEnvFrame.error(new OpenEnvError('SESSION_ERROR', message)),
      closed: (isMeant) => this.closed(isMeant),
      onFrame: host.onFrame,
    });
  }

  /** The profile knows no unasked frame. */
  deliver(): number {
    return 0;
  }
  stream(): void {}
  endStream(): void {}

  replaced(): void {
    this.current = null;
    this.frames.end('another connection took up the episode');
  }

  /** Ends the connection from outside. */
  close(): void {
    this.frames.end('the server is going down', 1001);
  }

  private async answer(frame: string | Uint8Array): Promise<string | null> {
    try {
      const message = parseOpenEnvFrame(frame);
      if (message.type === 'close') {
        this.frames.end();
        return null;
      }
      const session = this.open();
      return session && (await this.handle(session, message));
    } catch (error) {
      if (!(error instanceof RpcError) && !(error instanceof OpenEnvError)) {
        this.host.log.error({ err: error }, 'a message could not be handled');
      }
      return openEnvFrame.error(OpenEnvError.from(error));
    }
  }

  private async handle(session: OpenEnvSession, message: Exclude<OpenEnvMessage, { type: 'close' }>): Promise<string> {
    switch (message.type) {
      case 'reset':
        return openEnvFrame.observation(await this.reset(session, message.data));
      case 'step':
        return openEnvFrame.observation(await step(session, message.data));
      case 'state':
        return openEnvFrame.state(await session.state());
      case 'mcp':
        return openEnvFrame.mcp(
          (await answerMcp(message.data, { sessions: this.host.openEnvSessions, session })).response,
        );
    }
  }

  private async reset(session: OpenEnvSession, kwargs: Record<string, unknown>): Promise<OpenEnvObservation> {
    const { episode_id, resume } = kwargs;
    const isResume = resume === true && typeof episode_id === 'string';
    const wanted = isResume ? this.host.openEnvSessions.findEpisode(episode_id) : null;
    if (!wanted) return toOpenEnvObservation(await session.reset(kwargs));
    if (wanted !== session) this.take(wanted, session);
    wanted.isResumable = true;
    return toOpenEnvObservation(await wanted.resume());
  }

  /** Leaves the own session, which has no episode worth keeping, for another. */
  private take(wanted: OpenEnvSession, own: OpenEnvSession): void {
    this.attach(wanted);
    void this.host.openEnvSessions.close(own);
  }

  private attach(session: OpenEnvSession): void {
    this.host.openEnvSessions.sessions.attach(session.session, this);
    session.isAttached = true;
    this.current = session;
  }

  /** @returns the session; null when there is none to be had, which ends the connection with an error */
  private open(): OpenEnvSession | null {
    if (this.current) return this.current;
    const { openEnvSessions } = this.host;
    const { sessionId, task } = this.address;
    try {
      if (sessionId === undefined) {
        this.attach(openEnvSessions.open('openenv', task ?? null));
        return this.current;
      }
      const wanted = openEnvSessions.find(sessionId);
      const name = sessionId.slice(0, 100);
      if (!wanted) throw new OpenEnvError('SESSION_ERROR', `Unknown session_id: ${name}`);
      if (wanted.isAttached)
        throw new OpenEnvError('SESSION_ERROR', `Session ${name} already has an attached WebSocket`);
      this.attach(wanted);
      return wanted;
    } catch (error) {
      const known = OpenEnvError.from(error);
      const code = known.code === 'CAPACITY_REACHED' ? known.code : 'SESSION_ERROR';
      this.frames.send(openEnvFrame.error(new OpenEnvError(code, known.message, known.details)));
      this.frames.end();
      return null;
    }
  }

  private closed(isMeant: boolean): void {
    const session = this.current;
    if (!session) return;
    session.isAttached = false;
    const { limits, openEnvSessions } = this.host;
    const isMcp = session.session.profile === 'mcp';
    const survives = !session.isClosing && (isMcp || (session.isResumable && !isMeant));
    if (!survives) void openEnvSessions.close(session);
    else openEnvSessions.sessions.detach(session.session, this, isMcp ? limits.mcpIdleMs : limits.sessionGraceMs);
  }
}

async function step(session: OpenEnvSession, data: Record<string, unknown>): Promise<OpenEnvObservation> {
  const parsed = parseOpenEnvAction(data);
  if (parsed.kind === 'action') return toOpenEnvObservation(await session.step(parsed.action));
  if (parsed.kind === 'list_tools') return { observation: { tools: toolList() }, reward: null, done: false };
  return toolObservation(parsed.tool, await callTool(session, parsed.tool, parsed.arguments));
}

function toolObservation(tool: string, { result, error }: ToolOutcome): OpenEnvObservation {
  const shown = result ? toOpenEnvObservation(result) : { observation: {}, reward: null, done: false };
  const call = { tool_name: tool, result: result?.observation.text ?? null, error };
  return { ...shown, observation: { ...shown.observation, ...call } };
}
