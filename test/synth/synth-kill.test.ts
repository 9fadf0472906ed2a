import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { uniform } from '../../src/run/uniform.js';
import { SynthReport } from '../../src/synth/report/synth-report.js';
import type { JournalEntry } from '../../src/testing/chat-endpoint/chat-endpoint.js';
import { startCli } from '../cli/run-cli.js';
import { StandInWorld } from './stand-in-run.js';

const TOPICS = ['penguin-species', 'tone-denoising', 'store-inventory', 'timber-auctions', 'whale-whistles'];
const KILLS = 20;
const SEED = 11;
/** After the start of a process, which takes a second or two until it works. */
const [SOONEST_MS, LATEST_MS] = [1500, 5500];

/** A run of the command line in a world of its own, because a teacher counts the attempts of a topic. */
class KilledRun implements AsyncDisposable {
  private constructor(
    private readonly world: StandInWorld,
    /** Questions by what was asked, as often as they were. */
    readonly asked: Map<string, number>,
  ) {}

  static async open(): Promise<KilledRun> {
    const asked = new Map<string, number>();
    const world = await StandInWorld.open(TOPICS, ({ body }: JournalEntry) => {
      if (body === null) return;
      const print = createHash('sha256').update(JSON.stringify(body)).digest('hex');
      asked.set(print, (asked.get(print) ?? 0) + 1);
    });
    const settings = world.settings({ p_debug: 0.5, seed: SEED, concurrency: { teacher: 1, sandboxes: 3 } });
    await writeFile(path.join(world.root, 'synth.yaml'), JSON.stringify(settings));
    return new KilledRun(world, asked);
  }

  /** Begins the run or goes on with it. @param killAfterMs null: never @returns its exit code; null when it was killed */
  async play(killAfterMs: number | null): Promise<number | null> {
    const { root, environment } = this.world;
    const flags = ['--config', path.join(root, 'synth.yaml'), '--out', path.join(root, 'run'), '--yes', '--quiet'];
    const child = startCli(['synth', 'run', ...flags], { env: { ...environment } });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    const closed = once(child, 'close') as Promise<[number | null]>;
    const timer = new AbortController();
    if (killAfterMs !== null) {
      void delay(killAfterMs, null, { signal: timer.signal }).then(
        () => child.kill('SIGKILL'),
        () => {},
      );
    }
    const [code] = await closed;
    timer.abort();
    if (code !== null && code !== 0) throw new Error(said);
    return code;
  }

  async result(): Promise<SynthReport['result']> {
    const text = await readFile(path.join(this.world.root, 'run', 'report.json'), 'utf8');
    return SynthReport.parse(JSON.parse(text)).result;
  }

  /** What is left of sandboxes, of drafts and of locks. */
  async left(): Promise<string[]> {
    const { root } = this.world;
    const names = async (place: string) => {
      const found = await readdir(path.join(root, place), { recursive: true }).catch(() => []);
      return found.map((name) => `${place}/${name}`);
    };
    const sandboxes = (await names('live/local')).filter((name) => name.includes('sb-'));
    const drafts = (await names('run/drafts/configs/tasks')).filter((name) => name.endsWith('.yaml'));
    const locks = await names('run/.lock/owners');
    return [...sandboxes, ...drafts, ...locks];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}

const open: KilledRun[] = [];

async function openRun(): Promise<KilledRun> {
  const run = await KilledRun.open();
  open.push(run);
  return run;
}

afterEach(async () => {
  for (const run of open.splice(0)) await run[Symbol.asyncDispose]();
});

it(`a run that is killed ${KILLS} times comes to the same result, and asks nothing twice [S8] [S6]`, async () => {
  const whole = await openRun();
  expect(await whole.play(null)).toBe(0);
  const expected = await whole.result();
  expect(expected).toHaveLength(TOPICS.length);
  expect([...whole.asked.values()].every((times) => times === 1)).toBe(true);
  let kills = 0;
  while (kills < KILLS) {
    const run = await openRun();
    let own = 0;
    for (let code: number | null = null; code === null; ) {
      const waitMs = SOONEST_MS + uniform(SEED, 'kill', kills) * (LATEST_MS - SOONEST_MS);
      code = await run.play(kills < KILLS ? waitMs : null);
      if (code === null) {
        kills += 1;
        own += 1;
      }
    }
    expect(await run.result()).toEqual(expected);
    // A question is asked again when the process died before it could keep the answer: one at a time is asked here.
    const repeated = [...run.asked.values()].reduce((sum, times) => sum + times - 1, 0);
    expect(repeated).toBeLessThanOrEqual(own);
    expect(new Set(run.asked.keys())).toEqual(new Set(whole.asked.keys()));
    expect(await run.left()).toEqual([]);
  }
}, 600_000);
