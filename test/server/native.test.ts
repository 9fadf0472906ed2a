import { afterEach, describe, expect, it } from 'vitest';
import type { AppOptions } from '../../src/server/app.js';
import { eventually, Harness, MATRIX } from './harness.js';

describe.each(MATRIX)('native profile over $transport in $encoding', ({ transport, encoding }) => {
  let harness: Harness;
  afterEach(() => harness.stop());
  const start = async (options: Partial<AppOptions> = {}) => {
    harness = await Harness.start(transport, options);
    return harness.native(encoding);
  };

  it('plays an episode to its reward [C4]', async () => {
    const peer = await start();
    const id = await peer.reset();
    expect((await peer.step(id, 'hello')).observation.text).toBe('hello');
    const last = await peer.step(id, 'submit');
    expect([last.reward, last.terminated, last.info.exit_status]).toEqual([1, true, 'submitted']);
    expect(await peer.errorOf('step', { episode_id: id, action: 'more' })).toBe('episode_over');
  });

  it('gives back what an episode holds as soon as it ends by itself', async () => {
    const peer = await start();
    const id = await peer.reset();
    await peer.step(id, 'submit');
    await eventually(() => harness.catalogue.journal.open === 0);
    expect(harness.app.context.sessions.episodeCapacity.used).toBe(0);
    expect(await peer.call('state', { episode_id: id })).toMatchObject({ exit_status: 'submitted', step_count: 1 });
  });

  it('runs requests of different episodes side by side', async () => {
    const peer = await start();
    const [first, second] = [await peer.reset(), await peer.reset()];
    const blocked = peer.request('step', { episode_id: first, action: 'block' });
    expect((await peer.step(second, 'hello')).observation.text).toBe('hello');
    expect(await peer.call('interrupt', { episode_id: first })).toEqual({ interrupted: true });
    expect((await peer.answer(blocked)).type).toBe('reply');
  });

  it('answers a repeated id with the kept reply and acts once', async () => {
    const peer = await start();
    const id = await peer.reset();
    const params = { episode_id: id, action: 'once' };
    const first = await peer.call('step', params, 'same');
    expect(await peer.call('step', params, 'same')).toEqual(first);
    expect(harness.catalogue.journal.actions).toHaveLength(1);
  });

  it('lets a repeated id wait for the request that runs', async () => {
    const peer = await start();
    const id = await peer.reset();
    const params = { episode_id: id, action: 'block' };
    peer.request('step', params, 'same');
    peer.request('step', params, 'same');
    await peer.call('interrupt', { episode_id: id });
    expect((await peer.answer('same')).type).toBe('reply');
    expect(harness.catalogue.journal.actions).toHaveLength(1);
    await peer.call('list_tasks', {});
    expect(peer.inbox.all.filter((message) => message.type === 'reply' && message.id === 'same')).toHaveLength(1);
  });

  it('refuses an id that stands for something else', async () => {
    const peer = await start();
    const id = await peer.reset();
    await peer.call('step', { episode_id: id, action: 'one' }, 'same');
    expect(await peer.errorOf('step', { episode_id: id, action: 'two' }, 'same')).toBe('duplicate_request');
    peer.request('step', { episode_id: id, action: 'block' }, 'running');
    expect(await peer.errorOf('step', { episode_id: id, action: 'sleep 1' }, 'running')).toBe('duplicate_request');
  });

  it('does not run a request again whose kept reply had to go', async () => {
    const peer = await start({ limits: { maxKeptReplies: 2 } });
    const id = await peer.reset();
    for (const name of ['a', 'b', 'c']) await peer.call('step', { episode_id: id, action: name }, name);
    expect(await peer.errorOf('step', { episode_id: id, action: 'a' }, 'a')).toBe('duplicate_request');
    expect(harness.catalogue.journal.actions).toHaveLength(3);
  });

  it('streams the output of a running step and returns all of it', async () => {
    const peer = await start();
    const id = await peer.reset();
    const step = peer.request('step', { episode_id: id, action: 'emit 100000', stream: true });
    const answer = await peer.answer(step);
    const text = peer.inbox.all.map((message) => (message.type === 'output' ? decode(message.data) : '')).join('');
    expect(text).toBe('0123456789'.repeat(10_000));
    expect(answer).toMatchObject({ result: { observation: { text } } });
  });

  it('leaves output out of the stream that the client gave no credit for, and tells by the offset', async () => {
    const limits = { streamWindowBytes: 4096, streamPendingBytes: 4096, streamFrameBytes: 1024 };
    const peer = await start({ limits });
    const id = await peer.reset();
    const step = peer.request('step', { episode_id: id, action: 'emit 100000', stream: true });
    const answer = await peer.answer(step);
    const streamed = outputs(peer);
    const total = streamed.reduce((sum, { data }) => sum + data.length, 0);
    expect(total).toBe(4096);
    expect(answer).toMatchObject({ result: { observation: { text: '0123456789'.repeat(10_000) } } });

    peer.send({ type: 'credit', bytes: 4096 });
    const second = peer.request('step', { episode_id: id, action: 'emit 50000', stream: true });
    await peer.answer(second);
    for (const { offset, data } of outputs(peer)) expect(data).toBe(digits(offset, data.length));
    expect(outputs(peer).reduce((sum, { data }) => sum + data.length, 0)).toBe(8192);
  });

  it('ends a cancelled step with what there is', async () => {
    const peer = await start();
    const id = await peer.reset();
    const step = peer.request('step', { episode_id: id, action: 'block' });
    peer.send({ type: 'cancel', id: step });
    expect(await peer.answer(step)).toMatchObject({ result: { observation: { text: 'interrupted' } } });
  });

  it('ends a cancelled reset and leaves nothing', async () => {
    const peer = await start();
    let open = (): void => {};
    harness.catalogue.resetGate = new Promise((resolve) => {
      open = resolve;
    });
    const reset = peer.request('reset', { task: 'bench/echo-v1' });
    peer.send({ type: 'cancel', id: reset });
    expect(await peer.answer(reset)).toMatchObject({ error: { code: 'cancelled' } });
    open();
    await eventually(() => harness.catalogue.journal.open === 0);
    expect(harness.app.context.sessions.episodeCapacity.used).toBe(0);
  });

  it('answers a step that passes its deadline with a partial observation, and goes on at wait', async () => {
    const peer = await start();
    const id = await peer.reset();
    const partial = await peer.call('step', { episode_id: id, action: 'sleep 0.2', deadline_ms: 5 });
    expect(partial).toMatchObject({ observation: { running: true }, terminated: false });
    expect((await peer.step(id, 'wait')).observation.text).toBe('awake');
  });

  it('ends a live episode when its id is reset', async () => {
    const peer = await start();
    await peer.reset('mine');
    await peer.step('mine', 'one');
    await peer.reset('mine');
    expect(harness.catalogue.journal.open).toBe(1);
    expect(await peer.call('state', { episode_id: 'mine' })).toMatchObject({ step_count: 0 });
  });

  it.each([
    ['no_such_method', {}, 'unknown_method'],
    ['constructor', {}, 'unknown_method'],
    ['reset', {}, 'invalid_params'],
    ['reset', { task: 'bench/none-v1' }, 'unknown_task'],
    ['reset', { task: 'bench/echo-v1', options: { reward: 'all of it' } }, 'invalid_params'],
    ['step', { episode_id: 'nobody', action: 'x' }, 'unknown_episode'],
    ['step', { episode_id: 'nobody', action: { type: 'dance' } }, 'invalid_action'],
    ['step', { action: 'x' }, 'invalid_params'],
    ['state', { episode_id: 'nobody' }, 'unknown_episode'],
    ['interrupt', { episode_id: 'nobody' }, 'unknown_episode'],
    ['describe_task', { task: 'bench/none-v1' }, 'unknown_task'],
    ['list_tasks', [], 'invalid_params'],
    ['list_tasks', 'all', 'invalid_params'],
  ])('answers %s %j with %s [B1]', async (method, params, code) => {
    const peer = await start();
    expect(await peer.errorOf(method, params)).toBe(code);
  });

  it('tells nothing of a fault of the server but that there was one [B1]', async () => {
    const peer = await start();
    const id = await peer.reset();
    const answer = await peer.answer(peer.request('step', { episode_id: id, action: 'fail' }));
    expect(answer).toMatchObject({ error: { code: 'internal' } });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect((await peer.step(id, 'hello')).observation.text).toBe('hello');
  });

  it('ends an episode whose sandbox was lost [B4]', async () => {
    const peer = await start();
    const id = await peer.reset();
    expect(await peer.errorOf('step', { episode_id: id, action: 'lose' })).toBe('sandbox_unavailable');
    expect(await peer.errorOf('step', { episode_id: id, action: 'x' })).toBe('episode_over');
    await eventually(() => harness.catalogue.journal.open === 0);
  });

  it('closes episodes, twice without harm', async () => {
    const peer = await start();
    const id = await peer.reset();
    expect(await peer.call('close', { episode_id: id })).toEqual({ closed: true });
    expect(await peer.call('close', { episode_id: id })).toEqual({ closed: false });
    expect(harness.catalogue.journal.open).toBe(0);
  });

  it('lists tasks and episodes', async () => {
    const peer = await start();
    const id = await peer.reset();
    expect(await peer.call('list_tasks', { namespace: 'bench' })).toMatchObject({ tasks: [{ task: 'bench/echo-v1' }] });
    expect(await peer.call('list_tasks', { namespace: 'other' })).toEqual({ tasks: [] });
    expect(await peer.call('describe_task', { task: 'bench/echo' })).toMatchObject({ description: 'Say something.' });
    expect(await peer.call('list_episodes', {})).toMatchObject({ episodes: [{ episode_id: id, status: 'ready' }] });
  });

  it('answers ping with its nonce', async () => {
    const peer = await start();
    peer.send({ type: 'ping', nonce: { a: [1, null] } });
    expect((await peer.take('pong')).nonce).toEqual({ a: [1, null] });
  });

  it('refuses episodes beyond its capacity as retryable, and takes them when one ended', async () => {
    const peer = await start({ limits: { maxEpisodes: 1 } });
    const id = await peer.reset();
    const answer = await peer.answer(peer.request('reset', { task: 'bench/echo-v1' }));
    expect(answer).toMatchObject({ error: { code: 'capacity_reached', retryable: true, data: { used: 1, limit: 1 } } });
    await peer.call('close', { episode_id: id });
    await peer.reset();
  });

  it('refuses more requests at once than a session may run', async () => {
    const peer = await start({ limits: { maxInFlight: 1 } });
    const id = await peer.reset();
    const blocked = peer.request('step', { episode_id: id, action: 'block' });
    expect(await peer.errorOf('list_tasks', {})).toBe('capacity_reached');
    peer.send({ type: 'cancel', id: blocked });
    await peer.answer(blocked);
    await peer.call('list_tasks', {});
  });
});

function outputs({ inbox }: { inbox: { all: readonly { type: string }[] } }): { offset: number; data: string }[] {
  return inbox.all
    .filter((message) => message.type === 'output')
    .map((message) => {
      const { offset, data } = message as unknown as { offset: number; data: string | Uint8Array };
      return { offset, data: decode(data) };
    });
}

function digits(offset: number, length: number): string {
  return Array.from({ length }, (_, index) => String((offset + index) % 10)).join('');
}

function decode(data: string | Uint8Array): string {
  return typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
}
