import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Output } from '../../src/cli/output.js';
import { PrepareProgress } from '../../src/cli/tasks/prepare-progress.js';
import { readConfig } from '../../src/config.js';
import { LocalBackend } from '../../src/sandbox/local/local-sandbox.js';
import type { HubStandIn } from '../../src/testing/hub-stand-in/hub-stand-in.js';
import { pearFiles, writeFiles } from '../env/pack-fixture.js';
import { standIn, stateDirectory } from '../env/supplies-fixture.js';
import { type CliRun, runCli, startCli } from './run-cli.js';

/** A pack whose task loads a model of the Hub. */
function modelPack(repo: string): Promise<string> {
  const sidecar = {
    version: 1,
    env_id: 'fruit/pears-v3',
    metric: { name: 'rmse', direction: 'minimize' },
    hub: [{ repo, type: 'model' }],
  };
  return writeFiles(pearFiles({ 'gymsmith/pears.json': JSON.stringify(sidecar) }));
}

/** A pack whose task has an environment of its own. */
async function requirementsPack(): Promise<string> {
  const files = pearFiles({ 'data/pears/requirements.txt': 'no-such-package\n' });
  const yaml = `${files['configs/tasks/pears.yaml']}use_generic_conda: false\nrequirements_path: data/pears/requirements.txt\n`;
  return writeFiles({ ...files, 'configs/tasks/pears.yaml': yaml });
}

/** An index of packages that answers nothing until it refuses everything. */
async function startIndex(): Promise<{ url: string; asked: Promise<unknown>; refuse: () => void }> {
  const waiting: ServerResponse[] = [];
  let refuses = false;
  const refuse = (response: ServerResponse) => response.writeHead(404).end();
  const server = createServer((_, response) => {
    if (refuses) refuse(response);
    else waiting.push(response);
  });
  const asked = once(server, 'request');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    refuse: () => {
      refuses = true;
      for (const response of waiting.splice(0)) refuse(response);
    },
  };
}

/** Sandboxes of preparations that live below a run directory. */
async function preparations(runDir: string): Promise<string[]> {
  const { rootfs } = readConfig();
  const backend = new LocalBackend({ rootfs, runDir });
  const found = await backend.list({ role: 'preparation' });
  await backend.close();
  return found.map(({ id }) => id);
}

function prepare(args: readonly string[], hub: Pick<HubStandIn, 'url'>, stateDir: string): Promise<CliRun> {
  const env = { GYMSMITH_STATE_DIR: stateDir, GYMSMITH_ROOTFS: readConfig().rootfs, HF_ENDPOINT: hub.url };
  return runCli(['tasks', 'prepare', '--backend', 'local', ...args], { env: { ...env, HF_TOKEN: '' } });
}

describe('gymsmith tasks prepare [E4]', () => {
  it('gets what tasks need, once, and says what it is', async () => {
    const hub = await standIn();
    hub.add({ type: 'model', id: 'acme/words' }, { files: { 'vocab.txt': 'pear\n' } });
    const [pack, stateDir] = await Promise.all([modelPack('acme/words'), stateDirectory()]);
    const first = await prepare(['--pack', pack], hub, stateDir);
    expect(first.stdout).toMatch(
      /^Sandboxes: .*\nfruit\/pears-v3\n {2}made {3}model acme\/words: commit [0-9a-f]{12}, 1 file, 0\.0 MiB\n1 task, 1 of them with needs: everything is there\.\n$/,
    );
    expect([first.code, first.stderr]).toEqual([
      0,
      '  looking up model acme/words\n  downloading model acme/words, 1 file\n',
    ]);
    const requests = hub.requests.length;
    const second = await prepare(['fruit/pears', '--pack', pack, '--json'], hub, stateDir);
    expect(JSON.parse(second.stdout)).toMatchObject({
      version: 1,
      tasks: [{ task: 'fruit/pears-v3', parts: [{ what: 'model acme/words', wasThere: true }], fault: null }],
    });
    expect(hub.requests).toHaveLength(requests);
    await prepare(['--refresh', '--pack', pack], hub, stateDir);
    expect(hub.requests.length).toBeGreaterThan(requests);
  });

  it('says what could not be had and what to do, and fails [B1]', async () => {
    const hub = await standIn();
    const run = await prepare(['--pack', await modelPack('acme/plums')], hub, await stateDirectory());
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(
      `  FAIL   ${hub.url} has no model acme/plums that everybody may read.\n         Correct the name; for a private or gated one set HF_TOKEN.\n1 of 1 tasks could not be prepared.\n`,
    );
  });

  it('needs nothing for tasks that need nothing', async () => {
    const run = await prepare(['--pack', await writeFiles(pearFiles())], await standIn(), await stateDirectory());
    expect(run).toEqual({ code: 0, stdout: '1 task: nothing is needed from outside the pack.\n', stderr: '' });
  });

  it('refuses a task that is not there, and settings that are none [B1]', async () => {
    const [pack, stateDir, hub] = await Promise.all([modelPack('acme/words'), stateDirectory(), standIn()]);
    expect((await prepare(['fruit/plums', '--pack', pack], hub, stateDir)).stderr).toContain('unknown_task');
    const wrong = await prepare(['--pack', pack], { url: 'hub.example' }, stateDir);
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      'error: HF_ENDPOINT: hub.example is no address of a Hub.\nWrite it as https://huggingface.co\n',
    ]);
    expect((await prepare(['--max-gib', '0', '--pack', pack], hub, stateDir)).code).toBe(2);
  });
});

describe('a preparation that is killed [B4]', () => {
  it('is ended by the next one, which takes up its work', async () => {
    const [stateDir, pack] = await Promise.all([stateDirectory(), requirementsPack()]);
    const index = await startIndex();
    const runDir = path.join(stateDir, 'run');
    const env = {
      GYMSMITH_STATE_DIR: stateDir,
      GYMSMITH_RUN_DIR: runDir,
      GYMSMITH_ROOTFS: readConfig().rootfs,
      PIP_INDEX_URL: index.url,
      PIP_RETRIES: '0',
    };
    const args = ['tasks', 'prepare', '--backend', 'local', '--pack', pack];
    const killed = startCli(args, { env });
    await index.asked;
    const left = await preparations(runDir);
    killed.kill('SIGKILL');
    await once(killed, 'close');
    expect(left).toHaveLength(1);
    index.refuse();
    const run = await runCli(args, { env });
    expect(run.stdout).toContain('FAIL   The requirements of fruit/pears-v3 could not be installed:');
    expect(run.stdout).toMatch(/All of it: .*install\.log\. What was downloaded is used again by the next try\./);
    expect(await preparations(runDir)).toEqual([]);
  });
});

describe('the progress of a preparation', () => {
  const MiB = 2 ** 20;

  function progress(isTTY: boolean): { shown: PrepareProgress; tick: (ms: number) => void; text: () => string } {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 120 });
    let nowMs = 0;
    const shown = new PrepareProgress(new Output(stream, {}), () => nowMs);
    const tick = (ms: number) => {
      nowMs += ms;
    };
    return { shown, tick, text: () => String(stream.read() ?? '') };
  }

  it('is a line for each part and now and then one with amount, rate and time left', () => {
    const { shown, tick, text } = progress(false);
    shown.onPart('downloading pears');
    shown.onNote('not worth a line');
    for (let second = 1; second <= 40; second++) {
      tick(1000);
      shown.onBytes(second * 2 * MiB, 200 * MiB);
    }
    expect(text()).toBe('  downloading pears\n  downloading pears: 60.0 MiB of 0.2 GiB, 2.0 MiB/s, 70 s left\n');
  });

  it('is one line that is written again on a terminal', () => {
    const { shown, text } = progress(true);
    shown.onPart('downloading pears');
    shown.onBytes(MiB, 2 * MiB);
    shown.clear();
    expect(text()).toContain('downloading pears');
    expect(text()).not.toContain('\n');
  });
});
