import { afterEach, describe, expect, it } from 'vitest';
import { type ChatRequest, messageText } from '../../src/testing/chat-endpoint/chat-request.js';
import { expectedEnd } from './expected-end.js';
import { StandInWorld, TRIAL } from './stand-in-run.js';

/** Mended by anything, by evidence alone, by starting over alone, by nothing. */
const TOPICS = ['store-inventory', 'tone-denoising', 'timber-auctions', 'bird-strikes', 'well-sharing'];
/** What finds the faults of these topics; the others take time and change nothing. */
const GATES = { triple: false, sensitivity: false, headroom: false, difficulty: false };

let world: StandInWorld;

afterEach(() => world[Symbol.asyncDispose]());

/** Questions for programs as the teacher got them, by topic. */
function questions(): { topic: string; text: string }[] {
  return world.teacher.chats.flatMap(({ body }) => {
    const user = (body as ChatRequest).messages.find(({ role }) => role === 'user');
    const text = user ? messageText(user) : '';
    const topic = /^Topic: (.+)$/m.exec(text)?.[1];
    return topic && text.includes('evaluate.py') ? [{ topic, text }] : [];
  });
}

describe.each([
  { p_debug: 0, k: 3 },
  { p_debug: 0.5, k: 3 },
  { p_debug: 1, k: 3 },
  { p_debug: 1, k: 0 },
])('p_debug = $p_debug and k = $k', ({ p_debug, k }) => {
  it('decide how failures are mended, and how often [S6]', async () => {
    world = await StandInWorld.open(TOPICS);
    const settings = world.settings({
      p_debug,
      debug_iterations: k,
      gates: GATES,
      verification: { ...TRIAL.verification, agent_episodes: 0 },
    });
    const { candidates, end } = await world.synthesize('run', settings);
    expect(end).toEqual({ why: 'complete' });
    const asked = questions();
    const hows = candidates.flatMap(({ attempts }) => attempts.slice(1).map(({ how }) => how));
    if (k === 0) expect(hows).toEqual([]);
    else if (p_debug === 0) expect(new Set(hows)).toEqual(new Set(['restart']));
    else if (p_debug === 1) expect(new Set(hows)).toEqual(new Set(['repair']));
    else expect(new Set(hows)).toEqual(new Set(['repair', 'restart']));
    for (const candidate of candidates) {
      const task = world.tasks.find(({ topic }) => topic.title === candidate.topic.title)!;
      const { attempts, reason } = candidate;
      const expected = expectedEnd(
        task,
        attempts.map(({ how }) => how),
        k,
      );
      expect({ isSound: candidate.state === 'published', attempts: attempts.length }, candidate.id).toEqual(expected);
      if (!expected.isSound) expect(reason, candidate.id).toBe(attempts.at(-1)?.fault);
      const own = asked.filter(({ topic }) => topic === candidate.topic.title);
      for (const { number, evidence } of attempts.filter(({ verdict }) => verdict === 'failed')) {
        const isRepaired = attempts[number + 1]?.how === 'repair';
        const last = evidence?.log_tail.trim().split('\n').at(-1);
        const repairs = own.filter(({ text }) => text.includes(`\nAttempt ${number + 1}\n`));
        expect(repairs.length > 0, `${candidate.id}, attempt ${number}`).toBe(isRepaired);
        for (const { text } of repairs) if (last) expect(text).toContain(last);
      }
    }
  });
});
