import { expect, it } from 'vitest';
import { StandInWorld } from './stand-in-run.js';

it('without the check of the Hub, a proposal is taken at its word, and an invented dataset is found out when it is tried [S9] [S3]', async () => {
  await using world = await StandInWorld.open(['penguin-species', 'whale-whistles', 'auction-bidding']);
  const settings = world.settings({
    hub: { check: false },
    debug_iterations: 1,
    gates: { triple: false, sensitivity: false },
    verification: { agent_episodes: 0, baseline_timeout_s: 15 },
  });
  const { candidates, end } = await world.synthesize('run', settings);
  expect(end).toEqual({ why: 'complete' });
  const [penguins, whistles, auction] = candidates;
  // Its recorded programs read tables that nobody made: the dataset itself was fetched and lies in the sandbox's cache.
  expect(penguins).toMatchObject({ state: 'rejected', ended_in: 'verification' });
  expect(['baseline_failed', 'files_missing']).toContain(penguins?.reason);
  expect(penguins?.attempts).toHaveLength(2);
  expect(world.hub.requests.some(({ url }) => url.includes('/resolve/') && url.includes('penguins'))).toBe(true);
  // No program can mend that there is no such dataset.
  expect(whistles).toMatchObject({ state: 'rejected', ended_in: 'verification', reason: 'dataset_missing' });
  expect(whistles?.attempts).toHaveLength(1);
  expect(auction).toMatchObject({ state: 'published' });
});
