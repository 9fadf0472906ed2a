import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ERRORS, METHODS, type Method, RpcError } from '../../src/protocol/index.js';
import { Dispatcher } from '../../src/server/dispatcher.js';
import { DEFAULT_LIMITS } from '../../src/server/limits.js';
import { Sessions } from '../../src/server/sessions/sessions.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { silent } from './harness.js';

const methods = Object.keys(METHODS) as Method[];

describe('dispatcher', () => {
  let catalogue: EchoCatalogue;
  let sessions: Sessions;
  let dispatcher: Dispatcher;
  beforeEach(() => {
    catalogue = new EchoCatalogue();
    sessions = new Sessions({ catalogue, limits: DEFAULT_LIMITS, log: silent });
    dispatcher = new Dispatcher(catalogue, silent);
  });

  it('answers whatever it is given with a valid result or an error of the table', async () => {
    const session = sessions.open('native');
    const signal = new AbortController().signal;
    const params = fc.oneof(
      fc.anything(),
      fc.record(
        {
          task: fc.constantFrom<unknown>('bench/echo-v1', 'bench/none', 5),
          episode_id: fc.constantFrom<unknown>('a', 'b', '', 'x'.repeat(300), null),
          seed: fc.oneof(fc.integer(), fc.double()),
          options: fc.anything(),
          action: fc.oneof(
            fc.constantFrom<unknown>('one', 'submit', 'fail', 'lose', { type: 'bash', command: 'x' }),
            fc.anything(),
          ),
          deadline_ms: fc.constantFrom<unknown>(1, 0, -1, 'x'),
        },
        { requiredKeys: [] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constantFrom<string>(...methods), fc.string()), params, async (method, given) => {
        try {
          const result = await dispatcher.call(method, given, { session, signal });
          METHODS[method as Method].result.parse(result);
        } catch (error) {
          expect(error).toBeInstanceOf(RpcError);
          expect(ERRORS).toHaveProperty((error as RpcError).code);
          expect((error as RpcError).message).not.toContain('secret');
        }
      }),
      { numRuns: 3000 },
    );
    await sessions.closeAll();
    expect([catalogue.journal.open, sessions.episodeCapacity.used]).toEqual([0, 0]);
  });

  it('lets no result through that breaks its contract', async () => {
    const session = sessions.open('native');
    const signal = new AbortController().signal;
    catalogue.list = () => [{ task: 5 }] as never;
    await expect(dispatcher.call('list_tasks', {}, { session, signal })).rejects.toMatchObject({ code: 'internal' });
    catalogue.describe = () => {
      throw new TypeError('a secret of the server');
    };
    const failure = dispatcher.call('describe_task', { task: 'x' }, { session, signal });
    await expect(failure).rejects.toMatchObject({ code: 'internal', message: expect.not.stringContaining('secret') });
    await sessions.closeAll();
  });

  it('tells its observer of every call', async () => {
    const seen: [string, string | undefined][] = [];
    const observed = new Dispatcher(catalogue, silent, (method, _ms, error) => seen.push([method, error?.code]));
    const context = { session: sessions.open('native'), signal: new AbortController().signal };
    await observed.call('list_tasks', {}, context);
    await observed.call('state', { episode_id: 'none' }, context).catch(() => {});
    expect(seen).toEqual([
      ['list_tasks', undefined],
      ['state', 'unknown_episode'],
    ]);
    await sessions.closeAll();
  });
});
