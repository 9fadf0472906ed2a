import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChatEndpoint } from '../../src/testing/chat-endpoint/chat-endpoint.js';
import { readSolutions } from '../../src/testing/chat-endpoint/read-solutions.js';
import { solutionPolicy } from '../../src/testing/chat-endpoint/solution-policy.js';
import { type CliRun, runCli, startCli } from './run-cli.js';

const TASK = 'reference/breast-cancer';
const NAME = 'breast-cancer__default__t-0.00__p-0.95__c-3.00__install-0';
const TOKEN = 'correct-horse-battery';

let server: ReturnType<typeof startCli>;
let url = '';
let root: string;

beforeAll(async () => {
  const env = { GYMSMITH_TOKEN: TOKEN, GYMSMITH_LOG_LEVEL: 'error' };
  server = startCli(['serve', '--port', '0', '--backend', 'local', '--warm', '1'], { env });
  for await (const line of createInterface(server.stdout)) {
    url = /(ws:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1] ?? url;
    if (line === 'ready') break;
  }
});

afterAll(async () => {
  const ended = once(server, 'close');
  server.kill('SIGTERM');
  await ended;
});

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gymsmith-run-'));
});

afterEach(() => rm(root, { recursive: true }));

/** A script of answers in a file. */
async function script(replies: readonly unknown[]): Promise<string> {
  const file = path.join(root, 'script.json');
  await writeFile(file, JSON.stringify({ replies }));
  return `script:${file}`;
}

function says(action: string): string {
  return `I look.\n\`\`\`\n${action}\n\`\`\``;
}

function args(model: string, ...more: string[]): string[] {
  return ['run', TASK, '--url', url, '--token', TOKEN, '--out', path.join(root, 'runs'), '--model', model, ...more];
}

function run(model: string, ...more: string[]): Promise<CliRun> {
  return runCli(args(model, ...more));
}

/** The directory of a run, by its number. */
function directory(index: number, model = 'script'): string {
  return path.join(root, 'runs', `${model}__${NAME}_run_${index}`);
}

async function trajectory(index: number): Promise<{ trajectory: { action: string }[]; gymsmith: { stop: string } }> {
  return JSON.parse(await readFile(path.join(directory(index), 'breast-cancer.traj'), 'utf8'));
}

describe('gymsmith run', () => {
  it('plays a task with a model, tells it round by round, and keeps it as MLGym does [E5, E7]', async () => {
    const model = await script([says('python baseline.py'), 'no action', says('validate'), says('submit')]);
    const { code, stdout, stderr } = await run(model, '--seed', '3', '--max-steps', '9');
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.replace(/\d+\.\d s/g, 'N s').split('\n');
    expect(lines.slice(0, 4)).toEqual([
      `reference/breast-cancer-v1  on ${url}`,
      expect.stringMatching(/^model script:.*, agent default, actions as text$/),
      '',
      'Round 1 of 9',
    ]);
    expect(stdout).toContain('\n  I look.\n$ python baseline.py\n  f05, threshold');
    expect(stdout).toMatch(/\n\(output 1 cannot be used and is asked for again: .*\)\n {2}I look.\n\$ validate\n/);
    expect(stdout).toMatch(/\naccuracy 0\.\d+ \(baseline 0\.864, maximize\), reward 0\n/);
    expect(stdout).toMatch(/\[\d\.\d s \| step 2 ██░{8} 9 {2}[\d.]+k? tokens/);
    expect(stdout).toMatch(/\n {2}0 {2}submitted {7}3 {5}0\.864/);
    expect(stdout).toContain(
      `Files:       ${directory(0)}\nPlay again:  gymsmith replay --url ${url} ${directory(0)}/breast-cancer.traj`,
    );
    const names = await readdir(directory(0));
    expect(names.map((name) => name.replace(/\d{12}/, 'TIME')).sort()).toEqual([
      'args.yaml',
      'breast-cancer.traj',
      'results.json',
      'run-TIME.log',
    ]);
    const results = JSON.parse(await readFile(path.join(directory(0), 'results.json'), 'utf8'));
    expect(Object.keys(results)).toEqual(['agent', 'baseline']);
    expect(results.agent).toHaveLength(2);
  });

  it('plays several runs at once, one line of JSON each, into directories of their own [E5, E7]', async () => {
    await mkdir(directory(0), { recursive: true });
    const model = await script([says('python baseline.py'), says('submit')]);
    const { code, stdout } = await run(model, '--runs', '3', '--parallel', '--json');
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.directory).sort()).toEqual([1, 2, 3].map((index) => directory(index)));
    for (const line of lines) {
      expect(line).toMatchObject({
        exit_status: 'submitted',
        stop: 'ended',
        rounds: 2,
        baseline: 0.864,
        metric: 'accuracy',
      });
    }
    expect(await readdir(directory(0))).toEqual([]);
  });

  it('sums several runs up, and says why each of them ended [E5, E7]', async () => {
    const model = await script([says('python baseline.py'), says('submit')]);
    const { code, stdout } = await run(model, '--runs', '2', '--token-limit', '1');
    expect(code).toBe(0);
    expect(stdout).toContain('\nRun 1, round 1 of 50\n');
    expect(stdout).toMatch(/\n {2}0 {2}\w+ \(exit_cost: tokens\) .*\n {2}1 {2}\w+ \(exit_cost: tokens\) /);
    expect(stdout.slice(stdout.indexOf('\nRun 0:  ')).replace(/\d\S* (in|out)/g, 'N $1')).toBe(
      [
        '',
        `Run 0:       ${directory(0)}`,
        `Run 1:       ${directory(1)}`,
        'Runs:        2, 2 with a valid submission',
        'Scores:      accuracy best 0.864, mean 0.864, worst 0.864 (baseline 0.864, maximize)',
        'Tokens:      N in, N out',
        'Cost:        $0.00',
        `Play again:  gymsmith replay --url ${url} ${directory(0).slice(0, -1)}*/breast-cancer.traj`,
        '',
      ].join('\n'),
    );
  });

  it('asks an endpoint in either dialect, with a key that is written nowhere [D2, F5]', async () => {
    const key = 'sk-of-nobody-0123456789';
    const file = path.join(root, 'key');
    await writeFile(file, `${key}\n`);
    const policy = solutionPolicy(await readSolutions('packs/reference'));
    await using endpoint = await ChatEndpoint.start(policy, { key });
    const more = ['--base-url', endpoint.url, '--api-key-file', file, '--dialect', 'tools', '--no-stream'];
    const { code, stdout } = await run('openai:stand-in', ...more);
    expect(code).toBe(0);
    expect(stdout).toContain('agent tools, actions as calls of tools');
    expect(stdout).toContain(' (its price is not known), agent tools');
    expect(stdout).not.toContain('--prices');
    const made = path.join(root, 'runs', `stand-in__${NAME.replace('default', 'tools')}_run_0`);
    for (const name of await readdir(made)) expect(await readFile(path.join(made, name), 'utf8')).not.toContain(key);
    const refused = await run('openai:stand-in', '--base-url', endpoint.url);
    expect(refused.code).toBe(1);
    expect(refused.stdout).not.toMatch(/Play again|no score/);
    expect(refused.stdout).toMatch(/submission_not_found \(exit_api\)[\s\S]*Incorrect API key/);
  });

  it('stops before anything is made where no endpoint is, and names the models of one that lacks it [B2, D2]', async () => {
    for (const address of ['http://127.0.0.1:9/v1', 'http://nobody.invalid/v1']) {
      const { code, stdout, stderr } = await run('gpt-4.1', '--base-url', address);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/error: gpt-4.1 cannot be asked: (?:bad port|getaddrinfo)/);
      expect(stderr).toContain(`Is an endpoint running at ${address}?`);
    }
    expect(await readdir(root)).toEqual([]);
    const models = Array.from({ length: 12 }, (_, i) => ({ id: `m${i}` }));
    await using endpoint = await ChatEndpoint.start([says('submit')], { models });
    const { stdout, stderr } = await run('m', '--base-url', endpoint.url, '--cost-limit', '3');
    expect(stderr).toBe('');
    expect(stdout).toContain('The price of m is not known: dollars are not counted');
    expect(stdout).toContain(`${endpoint.url} lists no m; it has m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 and 2 more.`);
  });

  it('ends with a score at Ctrl-C, and keeps what it did [E3]', async () => {
    const model = await script([says('python baseline.py'), says('sleep 600')]);
    const stopped = startCli(args(model));
    const note = text(stopped.stderr);
    const ended = once(stopped, 'close');
    for await (const line of createInterface(stopped.stdout)) {
      if (line === '$ sleep 600') stopped.kill('SIGINT');
    }
    expect(await ended).toEqual([130, null]);
    expect(await note).toContain('Stopping: the command is interrupted and what there is is scored.');
    expect((await trajectory(0)).trajectory.map(({ action }) => action.trim())).toEqual([
      'python baseline.py',
      'sleep 600',
      'exit_error',
    ]);
    expect(JSON.parse(await readFile(path.join(directory(0), 'results.json'), 'utf8')).agent).toHaveLength(1);
  });

  it('leaves a trajectory of the rounds so far when it is killed [E5]', async () => {
    const model = await script([says('ls'), says('pwd'), says('sleep 600')]);
    const killed = startCli(args(model));
    const ended = once(killed, 'close');
    for await (const line of createInterface(killed.stdout)) {
      if (line === '$ sleep 600') break;
    }
    await vi.waitFor(async () => expect((await trajectory(0)).trajectory).toHaveLength(2), 30_000);
    killed.kill('SIGKILL');
    await ended;
    expect((await trajectory(0)).trajectory.map(({ action }) => action)).toEqual(['ls\n', 'pwd\n']);
    expect((await trajectory(0)).gymsmith.stop).toBe('running');
  });

  it('says what is wrong with its arguments, and makes nothing [B1]', async () => {
    const model = await script([says('submit')]);
    const said = async (...words: string[]) => {
      const { code, stderr } = await runCli(words);
      return [code, stderr.split('\n')[0]];
    };
    expect(await said('run', TASK)).toEqual([2, expect.stringContaining('--model')]);
    expect(await said(...args(model, '--temperature', 'hot'))).toEqual([
      2,
      expect.stringContaining('from 0 to 2, or none'),
    ]);
    expect(await said(...args(model, '--agent', 'defualt'))).toEqual([
      1,
      expect.stringContaining('did you mean default?'),
    ]);
    expect(await said(...args('script:/nowhere.json'))).toEqual([
      1,
      expect.stringContaining('error: --model: /nowhere.json cannot be read'),
    ]);
    for (const flag of ['--prices', '--model-settings']) {
      expect(await said(...args(model, flag, '/nowhere'))).toEqual([
        1,
        expect.stringContaining(`error: ${flag}: /nowhere cannot be read`),
      ]);
    }
    expect(await said(...args('gpt-4.1', '--api-key-file', '/nowhere'))).toEqual([
      1,
      expect.stringContaining('key file'),
    ]);
    const out = path.join(root, 'script.json', 'runs');
    expect(await said(...args(model, '--out', out))).toEqual([1, expect.stringContaining('No run can be kept in')]);
    const unknown = args(model).map((word) => (word === TASK ? 'reference/x' : word));
    expect(await said(...unknown)).toEqual([1, expect.stringContaining('error (unknown_task)')]);
    expect(await readdir(root)).toEqual(['script.json']);
    const { stdout } = await runCli(['run', '--help']);
    expect(stdout).toMatch(/vllm serve[\s\S]*stand-in model[\s\S]*Exit code: 0/);
  });
});
