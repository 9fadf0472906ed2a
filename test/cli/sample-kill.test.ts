import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { EnvClient } from '../../src/client/index.js';
import { Owners } from '../../src/files/owners.js';
import { SamplePlaces } from '../../src/rollout/sampling/sample-places.js';
import { Trajectory } from '../../src/rollout/trajectory.js';
import { uniform } from '../../src/run/uniform.js';
import type { Outcome } from '../../src/store/attempt.js';
import { Ledger } from '../../src/store/ledger.js';
import { StoreError } from '../../src/store/store-error.js';
import type { JournalEntry } from '../../src/testing/chat-endpoint/chat-endpoint.js';
import { EpisodeCourse } from '../../src/testing/chat-endpoint/episode-course.js';
import type { Solution } from '../../src/testing/chat-endpoint/solution.js';
import { ChatEndpoint, parseTemper, readSolutions, solutionPolicy } from '../../src/testing/index.js';
import { startDurableServer } from './durable-server.js';
import { startCli } from './run-cli.js';
import { SMALL_TASKS, writeSmallPack } from './small-pack.js';

const SEED = 20;
/** The first one never says anything that holds no action, so that it is known how its episodes end. */
const MODELS = [
  'strong=solves:8,baseline:2',
  'weak=solves:1,baseline:3,wanders:3,leaves:3,format:0.05,thoughts:50-500',
];
const TEMPERS = Object.fromEntries(MODELS.map(parseTemper).map(({ name, temper }) => [name, temper]));
const LOOK_MS = 100;

/** What was kept of an attempt that is done. */
interface Kept {
  tries: number;
  outcome: Outcome;
}

/** A sampler and a server, each in a process of its own, and an endpoint that keeps a journal. */
class World implements AsyncDisposable {
  /** Times at which an episode was begun, by its seed; `performance.now()`. */
  readonly begun = new Map<number, number[]>();
  readonly #processes = new Set<ChildProcessWithoutNullStreams>();
  #server: ChildProcessWithoutNullStreams | null = null;

  private constructor(
    private readonly root: string,
    private readonly port: number,
    private readonly pack: string,
    private readonly backend: string,
    readonly solutions: readonly Solution[],
    private endpoint: ChatEndpoint,
  ) {}

  static async open(backend: string, tasks: readonly string[]): Promise<World> {
    // The path of a socket is short, and the directory for temporary files need not be.
    const root = await mkdtemp('/tmp/gs-');
    const pack = await writeSmallPack(root, tasks);
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    const solutions = await readSolutions(pack);
    let world: World | null = null;
    const onRequest = (entry: JournalEntry) => world?.hear(entry);
    const endpoint = await ChatEndpoint.start(solutionPolicy(solutions, TEMPERS), {
      onRequest,
      models: Object.keys(TEMPERS).map((id) => ({ id })),
    });
    world = new World(root, port, pack, backend, solutions, endpoint);
    return world;
  }

  hear({ body }: JournalEntry): void {
    const { seed, messages } = (body ?? {}) as { seed?: number; messages?: { role: string }[] };
    if (seed === undefined || messages === undefined || messages.some(({ role }) => role === 'assistant')) return;
    this.begun.set(seed, [...(this.begun.get(seed) ?? []), performance.now()]);
  }

  async serve(): Promise<void> {
    const flags = ['--backend', this.backend, '--warm', '1', '--pack', this.pack];
    this.#server = await startDurableServer(this.root, this.port, flags);
    this.#processes.add(this.#server);
  }

  async killServer(): Promise<void> {
    await end(this.#server!, 'SIGKILL');
  }

  /** @returns episodes that the server still holds */
  async held(): Promise<number> {
    const client = await EnvClient.connect(`ws://127.0.0.1:${this.port}`);
    try {
      return (await client.capacity()).episodes.used;
    } finally {
      await client.close();
    }
  }

  async stopServer(): Promise<void> {
    await end(this.#server!, 'SIGTERM');
  }

  sample(name: string, attempts: number, episodes: number): Sampling {
    const players = MODELS.flatMap((model) => ['--player', `${model.split('=')[0]}@1`]);
    const child = startCli(
      [
        ...['sample', 'run', '--out', path.join(this.root, name), '--url', `ws://127.0.0.1:${this.port}`, ...players],
        ...['--base-url', this.endpoint.url, '--attempts', `${attempts}`, '--episodes', `${episodes}`],
        ...['--seed', `${SEED}`, '--tries', '5', '--yes'],
      ],
      { env: { OPENAI_API_KEY: 'any' } },
    );
    this.#processes.add(child);
    return new Sampling(child);
  }

  places(name: string): SamplePlaces {
    return new SamplePlaces(path.join(this.root, name));
  }

  /** @returns attempts that are done; none while there is no ledger yet */
  done(name: string): Map<string, Kept & { seed: number }> {
    const ledger = this.#ledger(name);
    if (ledger === null) return new Map();
    try {
      return new Map(
        [...ledger.attempts({ state: 'done' })].map(({ id, tries, seed }) => [
          id,
          { tries, seed, outcome: ledger.outcome(id)! },
        ]),
      );
    } finally {
      ledger.close();
    }
  }

  #ledger(name: string): Ledger | null {
    const { ledger: file } = this.places(name);
    if (!existsSync(file)) return null;
    try {
      return Ledger.readOnly(file);
    } catch (error) {
      // It is being made.
      if (error instanceof StoreError && error.message.includes('of version 0')) return null;
      throw error;
    }
  }

  /** What is left of sandboxes, sessions, locks and files that were not written to their end. */
  async left(name: string): Promise<string[]> {
    const names = async (place: string) => {
      const found = await readdir(path.join(this.root, place), { recursive: true }).catch(() => []);
      return found.map((file) => `${place}/${file}`);
    };
    const owner = await new Owners(path.join(this.root, 'run')).claim('probe');
    await owner.release();
    const machine = owner.id.split('.')[0]!;
    const format = '{{.ID}} {{.Label "gymsmith.owner"}}';
    const containers = execFileSync('docker', ['ps', '-a', '--filter', 'label=gymsmith.id', '--format', format], {
      encoding: 'utf8',
    });
    return [
      ...(await names(`run/${this.backend}`)).filter((file) => file.includes('sb-')),
      ...(await names('state/sessions')).filter((file) => file.endsWith('.json')),
      ...(await names(`${name}/.lock/owners`)),
      ...(await names(name)).filter((file) => /\.tmp$|-journal$|-wal$|-shm$/.test(file)),
      ...containers.split('\n').filter((line) => line.includes(` ${machine}.`)),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#processes) await end(child, 'SIGTERM');
    await this.endpoint.close();
    await rm(this.root, { recursive: true, force: true });
  }
}

/** A process that samples. */
class Sampling {
  said = '';
  readonly closed: Promise<number | null>;

  constructor(readonly child: ChildProcessWithoutNullStreams) {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
      });
    }
    this.closed = once(child, 'close').then(([code]) => code as number | null);
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.closed;
  }
}

async function end(child: ChildProcessWithoutNullStreams, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
}

/** What decides whether two runs came to the same, apart from times and what depends on them. */
function sameness({ stop, exit_status, steps, submissions, valid, best, last, format_errors }: Outcome) {
  return { stop, exit_status, steps, submissions, valid, best, last, format_errors };
}

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

it.each([
  // attempts at each task, episodes at once, kills, attempts that are played without kills as well
  { backend: 'local', tasks: SMALL_TASKS.slice(), attempts: 50, atOnce: 4, kills: 14, compared: 4 },
  { backend: 'docker', tasks: SMALL_TASKS.slice(0, 4), attempts: 15, atOnce: 3, kills: 6, compared: 2 },
])(
  'a run on $backend whose sampler and server are killed $kills times plays every attempt once and leaves nothing [T1] [T2] [B4]',
  { timeout: 900_000 },
  async ({ backend, tasks, attempts, atOnce, kills, compared }) => {
    const total = tasks.length * attempts;
    world = await World.open(backend, tasks);
    await world.serve();
    // Twenty points in the course of the run; where two are near to each other, the second kill meets a process that begins.
    const points = Array.from({ length: kills }, (_, at) => uniform(SEED, backend, 'point', at) * 0.9 * total);
    points.sort((a, b) => a - b);
    let sampling = world.sample('killed', attempts, atOnce);
    const victims = new Set<string>();
    const before: { done: ReturnType<World['done']>; atMs: number }[] = [];
    for (const [number, point] of points.entries()) {
      while (world.done('killed').size < point && !sampling.hasEnded) await delay(LOOK_MS);
      await delay(uniform(SEED, backend, 'wait', number) * 1500);
      expect(sampling.hasEnded, sampling.said).toBe(false);
      const victim = uniform(SEED, backend, 'victim', number) < 0.5 ? 'sampler' : 'server';
      victims.add(victim);
      if (victim === 'sampler') await sampling.kill();
      else await world.killServer();
      before.push({ done: world.done('killed'), atMs: performance.now() });
      if (victim === 'sampler') sampling = world.sample('killed', attempts, atOnce);
      else await world.serve();
    }
    expect(await sampling.closed, sampling.said).toBe(0);
    expect(victims.size).toBe(2);

    const ledger = Ledger.readOnly(world.places('killed').ledger);
    expect(ledger.counts()).toEqual({ open: 0, running: 0, done: total, failed: 0 });
    expect(ledger.leftRunning()).toEqual([]);
    expect(ledger.sessions()).toEqual([]);
    ledger.close();
    const done = world.done('killed');
    expect(done.size).toBe(total);

    // What servers broke is no result of anybody.
    const ends = [...done.values()].map(({ outcome }) => outcome.stop);
    expect(ends.filter((stop) => stop === 'infrastructure' || stop === 'api' || stop === 'error')).toEqual([]);

    const { trajectories } = world.places('killed');
    const files = (await readdir(trajectories, { recursive: true })).filter((file) => file.endsWith('.traj'));
    expect(files.map((file) => file.replace(/\.traj$/, '')).sort()).toEqual([...done.keys()].sort());
    for (const [id, { outcome, tries }] of done) {
      const bytes = await readFile(world.places('killed').trajectory(id));
      expect(bytes.length).toBe(outcome.bytes);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(outcome.sha256);
      const { gymsmith } = Trajectory.parse(JSON.parse(bytes.toString()));
      expect(gymsmith?.attempt).toMatchObject({ id, try: tries });
    }

    // What was done before a kill was not done again.
    for (const { done: earlier, atMs } of before) {
      for (const [id, { seed, ...kept }] of earlier) {
        const { seed: _seed, ...now } = done.get(id)!;
        expect(now).toEqual(kept);
        expect((world.begun.get(seed) ?? []).filter((begunAtMs) => begunAtMs > atMs)).toEqual([]);
      }
    }
    // A kill costs what was under way and no more.
    const played = [...world.begun.values()].reduce((sum, times) => sum + times.length, 0);
    expect(played).toBeGreaterThanOrEqual(total);
    expect(played).toBeLessThanOrEqual(total + kills * atOnce);

    // How an episode ends follows from its seed.
    for (const [id, { seed, outcome }] of done) {
      if (!id.includes('/strong/')) continue;
      const solution = world.solutions.find(({ match }) =>
        match.includes(` ${id.split('/')[1]!.replace(/-v1$/, '')} `),
      )!;
      const { course } = new EpisodeCourse({ model: 'strong', seed, solution, temper: TEMPERS.strong! });
      expect(outcome).toMatchObject({ exit_status: 'submitted', best: course === 'solves' ? 0 : 90 });
    }
    const undisturbed = world.sample('undisturbed', compared, atOnce);
    expect(await undisturbed.closed, undisturbed.said).toBe(0);
    const alone = world.done('undisturbed');
    expect(alone.size).toBe(tasks.length * compared);
    for (const [id, { outcome }] of alone) expect(sameness(done.get(id)!.outcome)).toEqual(sameness(outcome));

    expect(await world.held()).toBe(0);
    await world.stopServer();
    // What this process looked at is let go of when it is collected.
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
    await delay(LOOK_MS);
    expect(await world.left('killed')).toEqual([]);
  },
);
