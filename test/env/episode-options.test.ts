import { expect, it } from 'vitest';
import { episodeSettings } from '../../src/env/episode/episode-options.js';
import { toyTask } from './toy-task.js';

it('answers as MLGym does unless asked otherwise, whatever the task [E4]', async () => {
  const task = await toyTask();
  expect(task.envId).not.toMatch(/^mlgym\//);
  expect(episodeSettings(task, {}).compat).toBe('mlgym');
  expect(episodeSettings(task, { options: { compat: 'fixed' } }).compat).toBe('fixed');
});

it("cuts no output of MLGym's own tasks that the wire carries, and keeps less of others' [E4]", async () => {
  const task = await toyTask();
  const kept = (envId: string) => episodeSettings({ ...task, envId }, {}).keep_output_bytes;
  expect(kept('mlgym/blotto-v0')).toBe(4 * 2 ** 20);
  expect(kept('made/made-v1')).toBe(128 * 2 ** 10);
});
