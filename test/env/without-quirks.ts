import type { ResetParams } from '../../src/protocol/index.js';

type Params = Pick<ResetParams, 'options' | 'seed'>;

/** The same reset with MLGym's quirks mended, unless it asks for them: for tests of what is no matter of MLGym's. */
export function withoutQuirks(params: Params = {}): Params {
  return { ...params, options: { compat: 'fixed', ...params.options } };
}
