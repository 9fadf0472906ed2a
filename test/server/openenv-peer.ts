import type { Channel } from '../../src/protocol/index.js';
import { Inbox } from './inbox.js';

export interface OpenEnvAnswer {
  type: string;
  data: Record<string, unknown> & {
    observation?: Record<string, unknown>;
    reward?: number | null;
    done?: boolean;
    code?: string;
    message?: string;
  };
}

/** The other end of the OpenEnv profile: what a Python client does with its socket. */
export class OpenEnvPeer {
  readonly inbox = new Inbox<OpenEnvAnswer>();
  readonly frames: (string | Uint8Array)[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(readonly channel: Channel) {
    channel.onMessage = (frame) => {
      this.frames.push(frame);
      this.inbox.put(JSON.parse(String(frame)));
    };
    this.closed = new Promise((resolve) => {
      channel.onClose = (code, reason) => resolve({ code, reason });
    });
  }

  sendRaw(frame: string | Uint8Array): void {
    this.channel.send(frame);
  }

  async ask(message: unknown): Promise<OpenEnvAnswer> {
    this.sendRaw(typeof message === 'string' ? message : JSON.stringify(message));
    return this.inbox.take();
  }

  reset(kwargs: Record<string, unknown> = {}): Promise<OpenEnvAnswer> {
    return this.ask({ type: 'reset', data: kwargs });
  }

  step(data: Record<string, unknown>): Promise<OpenEnvAnswer> {
    return this.ask({ type: 'step', data });
  }

  state(): Promise<OpenEnvAnswer> {
    return this.ask({ type: 'state' });
  }

  drop(): void {
    this.channel.close(1000);
  }
}
