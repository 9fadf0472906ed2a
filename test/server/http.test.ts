import { afterEach, describe, expect, it } from 'vitest';
import type { AppOptions } from '../../src/server/app.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { Harness } from './harness.js';

describe('HTTP', () => {
  let harness: Harness;
  afterEach(() => harness.stop());
  const start = async (options: Partial<AppOptions> = {}) => {
    harness = await Harness.start('memory', options);
  };
  const get = async (path: string) => (await harness.app.request(path)).json();
  const post = (path: string, body: unknown) =>
    harness.app.request(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });

  it('answers the probes of OpenEnv, for the server and for each task', async () => {
    await start();
    for (const prefix of ['', '/env/bench/echo-v1', '/env/bench/echo']) {
      expect(await get(`${prefix}/health`)).toEqual({ status: 'healthy' });
      const { name, description, ...rest } = await get(`${prefix}/metadata`);
      expect([typeof name, typeof description]).toEqual(['string', 'string']);
      expect(Object.keys(rest)).toEqual(['readme_content', 'version', 'author', 'documentation_url']);
    }
    expect(await get('/env/bench/echo/metadata')).toMatchObject({
      name: 'bench/echo-v1',
      description: 'Say something.',
    });
    expect((await harness.app.request('/env/bench/none/metadata')).status).toBe(404);
  });

  it('tells schemas that clients can use: one required field, a title that is no tool mode', async () => {
    await start();
    const { action, observation, state } = await get('/schema');
    expect(action.required).toEqual(['command']);
    expect(['Action', 'CallToolAction', 'ListToolsAction']).not.toContain(action.title);
    expect(action.properties).toHaveProperty('metadata');
    expect(Object.keys(observation.properties)).toEqual(expect.arrayContaining(['text', 'running', 'info']));
    expect(observation.properties).not.toHaveProperty('reward');
    expect(state.required).toEqual(expect.arrayContaining(['episode_id', 'step_count']));
  });

  it('resets and steps without a session, and leaves nothing', async () => {
    await start();
    const reset = await (await post('/reset', '')).json();
    expect(reset).toMatchObject({ observation: { text: 'Say something.' }, reward: null, done: false });
    const step = await (await post('/env/bench/echo/step', { action: { command: 'x' } })).json();
    expect(step).toMatchObject({ observation: { text: 'x' }, reward: null, done: false });
    expect(await get('/state')).toEqual({ episode_id: null, step_count: 0 });
    expect([harness.catalogue.journal.open, harness.app.context.sessions.size]).toEqual([0, 0]);
  });

  it('keeps an episode in a session of MCP', async () => {
    await start();
    const created = await post('/mcp', { jsonrpc: '2.0', id: 1, method: 'openenv/session/create' });
    const { session_id } = (await created.json()).result;
    await post('/reset', { session_id, seed: 3 });
    await post('/step', { session_id, action: { command: 'x' } });
    expect(await get(`/state?session_id=${session_id}`)).toMatchObject({ step_count: 1 });
    expect((await post('/step', { session_id: 'none', action: { command: 'x' } })).status).toBe(404);
  });

  it.each([
    ['/step', {}, 422],
    ['/step', { action: {} }, 422],
    ['/step', { action: { type: 'dance' } }, 422],
    ['/step', '{', 422],
    ['/step', '[]', 422],
    ['/reset', { options: { max_steps: 0 } }, 422],
    ['/reset', { task: 'bench/none-v1' }, 404],
    ['/gymsmith/tasks', {}, 422],
    ['/nowhere', {}, 404],
  ])('answers POST %s %j with %d and a detail [B1]', async (path, body, status) => {
    await start();
    const response = await post(path, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('detail');
  });

  it('refuses a body that is too large [B1]', async () => {
    await start({ limits: { maxFrameBytes: 1000 } });
    expect((await post('/step', { action: { command: 'x'.repeat(2000) } })).status).toBe(413);
  });

  it('shows the catalogue', async () => {
    await start();
    expect(await get('/v1/tasks')).toMatchObject({ tasks: [{ task: 'bench/echo-v1' }] });
    expect(await get('/v1/tasks?namespace=other')).toEqual({ tasks: [] });
    expect(await get('/v1/tasks/bench/echo')).toMatchObject({ task: 'bench/echo-v1', description: 'Say something.' });
    expect(await get('/v1/tasks/bench/none')).toMatchObject({ error: { code: 'unknown_task' } });
  });

  it('speaks the task API of OpenEnv', async () => {
    await start({ catalogue: new EchoCatalogue(['train/a-v1', 'train/b-v1', 'other/c-v1']) });
    expect(await get('/list_environments')).toEqual(['gymsmith']);
    expect(await get('/gymsmith/splits')).toEqual([
      { name: 'train', type: 'train' },
      { name: 'other', type: 'validation' },
    ]);
    const split = 'train';
    expect(await (await post('/gymsmith/tasks', { split })).json()).toMatchObject({
      env_name: 'gymsmith',
      tasks: [{}, {}],
    });
    expect(await (await post('/gymsmith/num_tasks', { split })).json()).toEqual({ num_tasks: 2 });
    expect(await (await post('/gymsmith/task', { split, index: 1 })).json()).toMatchObject({
      task: { task: 'train/b-v1' },
    });
    expect((await post('/gymsmith/task', { split, index: 9 })).status).toBe(400);
    const range = await (await post('/gymsmith/task_range', { split, start: 1 })).json();
    expect(range).toMatchObject({ tasks: [{ task: 'train/b-v1' }] });
    expect((await harness.app.request('/others/splits')).status).toBe(404);
  });

  it('shows the episodes of all sessions and ends them', async () => {
    await start();
    const peer = await harness.native();
    await peer.reset('mine');
    expect(await get('/v1/episodes')).toMatchObject({ episodes: [{ episode_id: 'mine', profile: 'native' }] });
    const shown = await get('/v1/episodes/mine');
    expect(shown).toMatchObject({ status: 'ready' });
    expect(JSON.stringify(shown)).not.toContain(peer.token);
    expect(await (await harness.app.request('/v1/episodes/mine', { method: 'DELETE' })).json()).toEqual({
      closed: true,
    });
    expect((await harness.app.request('/v1/episodes/mine')).status).toBe(404);
    expect(harness.catalogue.journal.open).toBe(0);
  });

  it('describes itself: every documented path answers, and a page shows them without loading anything', async () => {
    await start();
    const document = await get('/openapi.json');
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.version).toMatch(/^1\./);
    const documented = [
      '/reset',
      '/step',
      '/state',
      '/health',
      '/schema',
      '/metadata',
      '/mcp',
      '/v1/tasks',
      '/v1/tasks/reload',
      '/v1/episodes',
    ];
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(documented));
    const page = await harness.app.request('/docs');
    const text = await page.text();
    for (const path of documented) expect(text).toContain(path);
    expect(text).not.toMatch(/<script|src=|https?:/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('shows a status page that escapes what clients chose', async () => {
    await start();
    const peer = await harness.native();
    await peer.reset('<script>alert(1)</script>');
    const text = await (await harness.app.request('/')).text();
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('<script>');
  });

  it('counts steps, errors, episodes, sessions and frames', async () => {
    await start();
    harness.app.context.metrics.addGauge('gymsmith_sandboxes', 'Sandboxes', () => ({ docker: 2, local: 1 }), 'backend');
    const peer = await harness.native();
    const id = await peer.reset();
    await peer.step(id, 'one');
    await peer.step(id, 'submit');
    await peer.errorOf('step', { episode_id: 'none', action: 'x' });
    const text = await (await harness.app.request('/metrics')).text();
    for (const line of [
      'gymsmith_call_seconds_count{method="step"} 3',
      'gymsmith_errors_total{method="step",code="unknown_episode"} 1',
      'gymsmith_episodes_total{exit_status="submitted"} 1',
      'gymsmith_sessions{state="attached"} 1',
      'gymsmith_live_episodes 0',
      'gymsmith_connections{profile="native"} 1',
      'gymsmith_frames{direction="in"} 5',
      'gymsmith_sandboxes{backend="docker"} 2',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });
});
