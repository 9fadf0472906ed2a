import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { SamplePlaces } from '../../src/rollout/sampling/sample-places.js';
import { Ledger } from '../../src/store/ledger.js';
import { ChatEndpoint, parseTemper, readSolutions, solutionPolicy } from '../../src/testing/index.js';
import { type CliRun, runCli, startCli } from './run-cli.js';
import { writeSmallPack } from './small-pack.js';

const TEMPERS = Object.fromEntries(
  ['strong', 'weak=baseline:1', 'lost=wanders:1'].map(parseTemper).map(({ name, temper }) => [name, temper]),
);

let root: string;
let pack: string;
let endpoint: ChatEndpoint;
/** Nobody gets an answer while it is true. */
let isDown = false;

beforeAll(async () => {
  root = await mkdtemp('/tmp/gs-');
  pack = await writeSmallPack(root, ['pears', 'plums']);
  const play = solutionPolicy(await readSolutions(pack), TEMPERS);
  endpoint = await ChatEndpoint.start((request, call) => (isDown ? { status: 401 } : play(request, call)), {
    models: Object.keys(TEMPERS).map((id) => ({ id })),
  });
});
afterAll(async () => {
  await endpoint.close();
  await rm(root, { recursive: true, force: true });
});

function environment(): NodeJS.ProcessEnv {
  return {
    GYMSMITH_STATE_DIR: path.join(root, 'state'),
    GYMSMITH_RUN_DIR: path.join(root, 'live'),
    GYMSMITH_ROOTFS: readConfig().rootfs,
    GYMSMITH_BACKEND: 'local',
    OPENAI_API_KEY: 'sk-any-secret',
    OPENAI_BASE_URL: undefined,
  };
}

function out(name: string): string {
  return path.join(root, name);
}

function sample(words: readonly string[]): Promise<CliRun> {
  return runCli(['sample', ...words], { env: environment() });
}

/** A run against the endpoint, in a gym inside the process. */
function words(name: string, more: readonly string[] = []): string[] {
  return ['--out', out(name), '--base-url', endpoint.url, '--pack', pack, '--episodes', '2', ...more];
}

describe('gymsmith sample', () => {
  it('teaches by examples, for every sub-command [T1]', async () => {
    const helps = await Promise.all(
      [[], ['run'], ['status'], ['report'], ['retry']].map((name) => sample([...name, '--help'])),
    );
    for (const { code } of helps) expect(code).toBe(0);
    for (const help of helps.slice(0, 2)) {
      expect(help.stdout).toContain('gymsmith sample --out sample-run');
      expect(help.stdout).toContain('Exit code: 0');
      expect(help.stdout).toContain('The first Ctrl-C');
    }
  });

  it('shows plan and projection before the start, plays nothing and writes nothing [T1]', async () => {
    const run = await sample(
      words('dry', ['--player', 'gpt-5@3', '--player', 'weak@1', '--attempts', '16', '--dry-run']),
    );
    expect(run.stderr).toBe('');
    expect(run.stdout).toContain('2: small/pears-v1 small/plums-v1');
    expect(run.stdout).toContain('16 at each task: 32 in all');
    expect(run.stdout).toContain('gpt-5 (75 %), weak (25 %)');
    expect(run.stdout).toMatch(/questions +512 +768 +1\.1k/);
    expect(run.code).toBe(0);
    expect(await readdir(root)).not.toContain('dry');
  });

  it.each([
    [['--player', 'm', '--task', 'small/pear'], 'no task has such a name - did you mean small/pears?', 2],
    [['--player', 'm', '--exclude', '*'], 'Every task is left out', 2],
    [[], 'No model is named that plays.', 2],
    [['--player', 'm', '--base-url', 'http://me:secret@127.0.0.1:9/v1'], 'holds credentials', 2],
    [['--player', 'm', '--url', '127.0.0.1:9'], '127.0.0.1:9 is no server address.', 2],
    [['--player', 'm', '--url', 'ws://127.0.0.1:9'], 'Is the server running?', 1],
    [['--player', 'm', '--base-url', 'http://127.0.0.1:9/v1'], 'm cannot be asked', 1],
    [['--player', 'm', '--agent', '/nowhere.yaml'], '/nowhere.yaml', 1],
    [['--player', 'm', '--atempts', '3'], '--attempts', 2],
    [['stauts'], 'Did you mean sample status?', 2],
    [['--player', 'strong', '--out', '/dev/null/x'], '/dev/null/x cannot be made', 1],
  ])('refuses %j and says why [T1] [B1]', async (flags, text, code) => {
    const run = await sample([...words('refused'), ...flags]);
    expect(run.stderr).toContain(text);
    expect(run.code).toBe(code);
    expect(await readdir(root)).not.toContain('refused');
  });

  it('tells faults of its settings with their lines, and what was meant [B1]', async () => {
    const file = path.join(root, 'broken.yaml');
    await writeFile(file, 'players:\n  - model: m\n    wieght: 2\nattempts: many\nlimits:\n  usd: -1\n');
    const { stderr, code } = await sample(['--config', file, '--out', out('broken')]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${file}:3: players.0.wieght: there is no such setting - did you mean weight?`);
    expect(stderr).toContain(`${file}:4: attempts: `);
    expect(stderr).toContain(`${file}:6: limits.usd: `);
  });
});

describe('a run of sampling', () => {
  it('comes from settings and flags, is told to programs, and goes on with more attempts by its directory alone [T1] [F4]', async () => {
    const file = path.join(root, 'sample.yaml');
    await writeFile(
      file,
      'attempts: 3\nplayers_per_attempt: all\nplayers: [{model: strong}, {model: weak, name: feeble}]\n',
    );
    const first = await sample(words('twice', ['--config', file, '--attempts', '1', '--json']));
    expect(first.code, first.stderr).toBe(0);
    const events = first.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const episodes = events.filter(({ event }) => event === 'episode');
    expect(episodes.map(({ attempt, best }) => [attempt, best]).sort()).toEqual([
      ['small/pears-v1/feeble/00000', 90],
      ['small/pears-v1/strong/00000', 0],
      ['small/plums-v1/feeble/00000', 90],
      ['small/plums-v1/strong/00000', 0],
    ]);
    expect(events.at(-1)).toMatchObject({ event: 'end', why: 'complete', done: 4, open: 0 });
    expect(first.stderr).toMatch(/^all 2 +4 +4 +4 +2 /m);
    const files = ['report.html', 'report.json', 'run.json', 'ledger.sqlite'];
    expect(await readdir(out('twice'))).toEqual(expect.arrayContaining(files));
    expect(await readFile(path.join(out('twice'), 'run.json'), 'utf8')).not.toContain('sk-any-secret');

    const again = await sample(['--out', out('twice'), '--attempts', '2', '--quiet']);
    expect(again.stderr).toBe('');
    expect(again.code).toBe(0);
    const status = JSON.parse((await sample(['status', '--out', out('twice'), '--json'])).stdout);
    expect(status).toMatchObject({ state: 'complete', total: { attempts: 8, done: 8 } });
    for (const more of [[], ['--dry-run']]) {
      const other = await sample(['--out', out('twice'), '--seed', '5', ...more]);
      expect(other.stderr).toMatch(/was begun with other settings:\n {2}seed: was 0, is 5/);
      expect(other.stdout).not.toContain('Projection');
      expect(other.code).toBe(1);
    }
  });

  it('ends at its budget, and goes on under a higher one [T1]', async () => {
    const flags = words('budget', ['--player', 'strong', '--attempts', '4', '--episodes', '1']);
    const run = await sample([...flags, '--max-tokens', '20000']);
    expect(run.stdout).toContain('Everything is saved.');
    expect(run.stdout).toContain('--max-tokens <more>');
    expect(run.code).toBe(3);
    const more = await sample(['--out', out('budget'), '--max-tokens', '90000000']);
    expect(more.stdout).toMatch(/^all 2 +8 +8 /m);
    expect(more.code).toBe(0);
  });

  it('is stopped by Ctrl-C: what is under way comes to its end, and nobody else may have it meanwhile [T1]', async () => {
    const flags = words('stopped', ['--player', 'lost', '--attempts', '50']);
    const child = startCli(['sample', ...flags], { env: environment() });
    const lines: string[] = [];
    const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
    while (!lines.some((line) => line.includes('max_steps'))) await once(reader, 'line');
    const second = await sample(flags);
    expect(second.stderr).toMatch(/Another process \(\d+\) works on .*\n.*gymsmith sample status/);
    expect(second.code).toBe(1);
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(130);
    const ledger = Ledger.readOnly(new SamplePlaces(out('stopped')).ledger);
    const { done, open, running } = ledger.counts();
    ledger.close();
    expect(running).toBe(0);
    expect(done).toBeGreaterThan(0);
    expect(open + done).toBe(100);
    expect(lines.join('\n')).toContain(`gymsmith sample run --out ${out('stopped')}`);
  });

  it('takes back what was given up, by task and by code, and nothing else [T1]', async () => {
    const places = new SamplePlaces(out('given-up'));
    const run = await sample(words('given-up', ['--player', 'strong', '--attempts', '2']));
    expect(run.code, run.stderr).toBe(0);
    const none = await sample(['retry', '--out', out('given-up')]);
    expect(none.stdout).toContain('No attempt was given up.');
    const ledger = Ledger.open(places.ledger);
    const spent = ledger.spent();
    ledger.plan([
      ...['pears', 'plums'].map((fruit) => ({
        ...ledger.attempt(`small/${fruit}-v1/strong/00000`)!,
        id: `small/${fruit}-v1/strong/00002`,
        number: 2,
      })),
    ]);
    for (const [fruit, code] of [
      ['pears', 'timeout'],
      ['plums', 'sandbox_unavailable'],
    ] as const) {
      const id = `small/${fruit}-v1/strong/00002`;
      const at = new Date().toISOString();
      const number = ledger.beginTry(id, { server: null, episode_id: null, started_at: at });
      const ending = { end: 'infrastructure' as const, ended_at: at, code, message: 'gone', spent };
      expect(ledger.endTry(id, number, ending, 1)).toBe('failed');
    }
    ledger.close();
    const wrong = await sample(['retry', '--out', out('given-up'), '--code', 'timeuot']);
    expect(wrong.stderr).toMatch(/no attempt with it was given up\nDid you mean timeout\?/);
    expect(wrong.code).toBe(2);
    const right = await sample(['retry', '--out', out('given-up'), '--code', 'timeout']);
    expect(right.stdout).toMatch(/^ {2}1 {2}timeout\nnext: gymsmith sample run/);
    const left = Ledger.readOnly(places.ledger);
    expect(left.counts()).toEqual({ open: 1, running: 0, done: 4, failed: 1 });
    left.close();
  });

  it('is told apart from a directory without a run, and ends where no model answers [T1]', async () => {
    const empty = await sample(['retry', '--out', root]);
    expect(empty.stderr).toContain('There is no run of sampling in');
    expect(empty.code).toBe(1);
    const foreign = await sample([...words('x', ['--player', 'strong']), '--out', pack]);
    expect(foreign.stderr).toContain('is no run: it holds');
    expect(foreign.code).toBe(1);
    isDown = true;
    try {
      const run = await sample(words('down', ['--player', 'strong', '--attempts', '1']));
      expect(run.stdout).toContain('Everything is saved. Mend that, and go on:');
      expect(run.code).toBe(1);
    } finally {
      isDown = false;
    }
    const went = await sample(['--out', out('down')]);
    expect(went.stdout).toMatch(/^all 2 +2 +2 +2 /m);
    expect(went.code).toBe(0);
  });
});
