import { afterEach, describe, expect, it } from 'vitest';
import type { AppOptions } from '../../src/server/app.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { eventually, Harness } from './harness.js';

describe.each(['memory', 'socket'] as const)('OpenEnv episodes over %s', (transport) => {
  let harness: Harness;
  afterEach(() => harness.stop());
  const start = async (options: Partial<AppOptions> = {}) => {
    harness = await Harness.start(transport, options);
    return harness.openEnv();
  };

  it('answers a step that takes longer than the soft deadline with what there is, and goes on at wait', async () => {
    const peer = await start();
    await peer.reset({ step_deadline_s: 0.02 });
    const partial = await peer.step({ command: 'sleep 0.5' });
    expect(partial).toMatchObject({ data: { reward: null, done: false, observation: { running: true } } });
    const impatient = await peer.step({ command: 'other' });
    expect(impatient).toMatchObject({ type: 'observation', data: { done: false, observation: { running: true } } });
    expect(impatient.data.observation?.text).toContain('wait');
    let answer = partial;
    while (answer.data.observation?.running === true) answer = await peer.step({ type: 'wait' });
    expect(answer.data.observation?.text).toBe('awake');
    expect(harness.catalogue.journal.actions).toHaveLength(1);
  });

  it('answers in time for an env that does not, and hands over the result later', async () => {
    const peer = await start({
      limits: { softDeadlineMs: 10, softDeadlineSlackMs: 10 },
      catalogue: new StubbornCatalogue(),
    });
    await peer.reset();
    const partial = await peer.step({ command: 'block' });
    expect(partial).toMatchObject({ data: { reward: null, done: false, observation: { running: true } } });
    expect(await peer.step({ command: 'other' })).toMatchObject({ data: { observation: { running: true } } });
    expect((await peer.step({ type: 'interrupt' })).data.observation?.text).toBe('interrupted');
    expect(harness.catalogue.journal.actions).toHaveLength(1);
  });

  it('answers a reset that takes too long as retryable, and an equal reset meets its result', async () => {
    const peer = await start({ limits: { softDeadlineMs: 10, softDeadlineSlackMs: 0 } });
    let open = (): void => {};
    harness.catalogue.resetGate = new Promise((resolve) => {
      open = resolve;
    });
    expect(await peer.reset({ seed: 1 })).toMatchObject({ data: { error: 'deadline_exceeded', retryable: true } });
    expect(await peer.step({ command: 'x' })).toMatchObject({ data: { error: 'reset_needed' } });
    open();
    let answer = await peer.reset({ seed: 1 });
    while (answer.type === 'error') answer = await peer.reset({ seed: 1 });
    expect(answer).toMatchObject({ data: { observation: { info: { seed: 1 } } } });
    expect(harness.catalogue.journal.open).toBe(1);
  });

  it('ends the earlier episode at reset, so that one place is enough', async () => {
    const peer = await start({ limits: { maxEpisodes: 1 } });
    await peer.reset();
    expect(await peer.reset()).toMatchObject({ type: 'observation' });
    expect(harness.catalogue.journal.open).toBe(1);
  });

  it('tells that it is full at the first message, with numbers, and closes with 1000', async () => {
    const peer = await start({ limits: { maxSessions: 1 } });
    await peer.reset();
    const second = await harness.openEnv();
    const answer = await second.reset();
    expect(answer).toMatchObject({ data: { code: 'CAPACITY_REACHED', active_sessions: 1, max_sessions: 1 } });
    expect((await second.closed).code).toBe(1000);
  });

  it('holds no place for a socket that never spoke, and gives it back when one leaves', async () => {
    const idle = await start({ limits: { maxSessions: 1, maxEpisodes: 1 } });
    const peer = await harness.openEnv();
    await peer.reset();
    expect(harness.app.context.sessions.size).toBe(1);
    peer.drop();
    await eventually(() => harness.app.context.sessions.episodeCapacity.used === 0);
    expect(await idle.reset()).toMatchObject({ type: 'observation' });
  });

  it('tells that there is no place for an episode and stays open', async () => {
    const peer = await start({ limits: { maxEpisodes: 1 } });
    await peer.reset();
    const second = await harness.openEnv();
    expect(await second.reset()).toMatchObject({ data: { code: 'CAPACITY_REACHED', max_sessions: 1 } });
    peer.drop();
    await eventually(() => harness.catalogue.journal.open === 0);
    expect(await second.reset()).toMatchObject({ type: 'observation' });
  });

  it('frees the place of a broken connection at once, whatever runs', async () => {
    const peer = await start();
    await peer.reset();
    peer.sendRaw('{"type":"step","data":{"command":"block"}}');
    await eventually(() => harness.catalogue.journal.actions.length === 1);
    peer.drop();
    await eventually(() => harness.catalogue.journal.open === 0);
    expect(harness.app.context.sessions.size).toBe(0);
  });

  it('takes up an episode whose connection broke, with the result of what ran', async () => {
    const peer = await start();
    await peer.reset({ episode_id: 'mine' });
    peer.sendRaw('{"type":"step","data":{"command":"sleep 0.05"}}');
    await eventually(() => harness.catalogue.journal.actions.length === 1);
    peer.drop();
    await peer.closed;
    const second = await harness.openEnv();
    expect(await second.reset({ episode_id: 'mine', resume: true })).toMatchObject({
      data: { observation: { text: 'awake', step: 1 } },
    });
    expect(await second.step({ command: 'on' })).toMatchObject({ data: { observation: { text: 'on', step: 2 } } });
    expect(harness.app.context.sessions.size).toBe(1);
  });

  it('gives the reward again that a broken connection lost', async () => {
    const peer = await start();
    await peer.reset({ episode_id: 'mine' });
    await peer.step({ type: 'submit' });
    peer.drop();
    await peer.closed;
    const second = await harness.openEnv();
    expect(await second.reset({ episode_id: 'mine', resume: true })).toMatchObject({ data: { reward: 1, done: true } });
  });

  it('takes an episode over from a connection that is only half there', async () => {
    const peer = await start();
    await peer.reset({ episode_id: 'mine' });
    const second = await harness.openEnv();
    expect(await second.reset({ episode_id: 'mine', resume: true })).toMatchObject({
      data: { observation: { step: 0 } },
    });
    await peer.closed;
    expect(await second.step({ command: 'x' })).toMatchObject({ type: 'observation' });
  });

  it('ends an episode that could be taken up when the client says close', async () => {
    const peer = await start();
    await peer.reset({ episode_id: 'mine' });
    peer.sendRaw('{"type":"close"}');
    await eventually(() => harness.catalogue.journal.open === 0);
    expect(harness.app.context.sessions.size).toBe(0);
  });

  it('starts the episode when there is nothing to take up', async () => {
    const peer = await start();
    expect(await peer.reset({ episode_id: 'new', resume: true })).toMatchObject({ data: { observation: { step: 0 } } });
  });

  it('ends what waited too long to be taken up', async () => {
    const peer = await start({ limits: { sessionGraceMs: 10 } });
    await peer.reset({ episode_id: 'mine' });
    peer.drop();
    await eventually(() => harness.catalogue.journal.open === 0);
  });
});

/** Envs that do not keep to a deadline. */
class StubbornCatalogue extends EchoCatalogue {
  override create(...args: Parameters<EchoCatalogue['create']>) {
    const env = super.create(...args);
    const step = env.step.bind(env);
    return Object.assign(env, { step: (action: string) => step(action, {}) });
  }
}
