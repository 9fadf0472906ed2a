import { randomUUID } from 'node:crypto';
import {
  type Channel,
  type ClientMessage,
  type Codec,
  type ResetResult,
  ServerMessage,
  type StepResult,
} from '../../src/protocol/index.js';
import { Inbox } from './inbox.js';

type Typed<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

/** The other end of the native profile, word by word. */
export class NativePeer {
  readonly inbox = new Inbox<ServerMessage>();
  readonly closed: Promise<{ code: number; reason: string }>;
  token = '';
  private requests = 0;
  /** Peers that take up one session must not use each other's ids. */
  private readonly prefix = randomUUID().slice(0, 8);

  constructor(
    readonly channel: Channel,
    readonly codec: Codec,
  ) {
    channel.onMessage = (frame) => this.inbox.put(ServerMessage.parse(codec.decode(frame)));
    this.closed = new Promise((resolve) => {
      channel.onClose = (code, reason) => resolve({ code, reason });
    });
  }

  send(message: ClientMessage): void {
    this.channel.send(this.codec.encode(message));
  }

  async hello(sessionToken?: string): Promise<Typed<'welcome'>> {
    this.send({ type: 'hello', versions: [1], ...(sessionToken !== undefined && { session_token: sessionToken }) });
    const welcome = await this.take('welcome');
    this.token = welcome.session_token;
    return welcome;
  }

  take<T extends ServerMessage['type']>(
    type: T,
    wanted: (message: Typed<T>) => boolean = () => true,
  ): Promise<Typed<T>> {
    return this.inbox.take((message) => message.type === type && wanted(message as Typed<T>)) as Promise<Typed<T>>;
  }

  request(method: string, params: unknown, id = `${this.prefix}-${++this.requests}`): string {
    this.send({ type: 'request', id, method, params });
    return id;
  }

  /** The answer to a request: a reply or an error. */
  answer(id: string): Promise<Typed<'reply'> | Typed<'error'>> {
    return this.inbox.take(
      (message) => (message.type === 'reply' || message.type === 'error') && message.id === id,
    ) as Promise<Typed<'reply'> | Typed<'error'>>;
  }

  /** Asks and waits for the result. */
  async call(method: string, params: unknown, id?: string): Promise<unknown> {
    const answer = await this.answer(this.request(method, params, id));
    if (answer.type === 'error') throw Object.assign(new Error(answer.error.message), answer.error);
    return answer.result;
  }

  async reset(episodeId?: string, requestId?: string): Promise<string> {
    const params = { task: 'bench/echo-v1', ...(episodeId !== undefined && { episode_id: episodeId }) };
    return ((await this.call('reset', params, requestId)) as ResetResult).episode_id;
  }

  async step(episodeId: string, action: string): Promise<StepResult> {
    return (await this.call('step', { episode_id: episodeId, action })) as StepResult;
  }

  /** The code of the error that a request is answered with. */
  async errorOf(method: string, params: unknown, id?: string): Promise<string> {
    const answer = await this.answer(this.request(method, params, id));
    return answer.type === 'error' ? answer.error.code : 'none';
  }

  /** The connection breaks; the session stays. */
  drop(): void {
    this.channel.close(1001);
  }

  /** The client is done with its session. */
  leave(): void {
    this.channel.close(1000);
  }
}
