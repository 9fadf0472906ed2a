import { describe, expect, it } from 'vitest';
import type { AgentStep } from '../../src/agent/agent-run.js';
import { OUTPUT_LOST } from '../../src/agent/take-step.js';
import { runFault } from '../../src/rollout/sampling/try-fault.js';

const stepThatSaw = (observation: string) => ({ observation, calls: [] }) as unknown as AgentStep;

describe('an episode that was played to its end', () => {
  it('is no result when a restart of the server hid what one of its commands did [T2] [B4]', () => {
    const steps = [stepThatSaw('a'), stepThatSaw(OUTPUT_LOST), stepThatSaw('b')];
    expect(runFault({ stop: 'ended', failure: null, steps }, true)).toMatchObject({
      kind: 'connection',
      code: 'restarted',
    });
  });

  it('is a result when an agent merely saw such words [T2]', () => {
    const steps = [stepThatSaw(`$ cat notes\n${OUTPUT_LOST}`)];
    expect(runFault({ stop: 'ended', failure: null, steps }, true)).toBeNull();
  });
});
