import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SocketServer } from '../client/socket-server.js';
import { runCli, startCli } from './run-cli.js';

const TOKEN = 'correct-horse-battery';
let server: SocketServer;
let directory: string;

async function record(actions: unknown[]): Promise<string> {
  const file = path.join(directory, 'recording.json');
  await writeFile(file, JSON.stringify({ task: 'toy/echo-v1', actions }));
  return file;
}

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-play-'));
  server = await SocketServer.listen({ token: TOKEN });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

describe('gymsmith play', () => {
  it('plays recorded actions and prints a transcript [C4]', async () => {
    const actions = ['echo one', { type: 'bash', command: 'echo two' }, 'submit', 'echo too late'];
    const run = await runCli([
      'play',
      '--script',
      await record(actions),
      '--url',
      server.url,
      '--token',
      TOKEN,
      '--seed',
      '4',
    ]);
    expect(run.stderr).toBe('');
    expect(run.code).toBe(0);
    expect(run.stdout.replace(/\| \d+ ms/g, '| N ms').split('\n')).toEqual([
      `toy/echo-v1  on ${server.url}`,
      'welcome',
      '',
      '$ echo one',
      'one',
      '[step 1, 49 left | /home/agent/workspace | N ms]',
      '',
      '$ {"type":"bash","command":"echo two"}',
      'two',
      '[step 2, 48 left | /home/agent/workspace | N ms]',
      '',
      '$ submit',
      '[step 3, 47 left | /home/agent/workspace | N ms]',
      'score 0.75 (baseline 0.5, maximize), reward 3',
      '',
      'The episode ended: submitted after 3 steps.',
      '',
    ]);
    expect(server.local.gym.live.size).toBe(0);
  });

  it('takes actions from a pipe, several lines for one edit, and the token from its variable [E1]', async () => {
    const before = server.local.gym.executed.length;
    const input = 'echo piped\n\nedit 1:1\n  text\nend_of_edit\n:state\n:quit\necho never\n';
    const run = await runCli(['play', 'toy/echo-v1', '--url', server.url], { input, env: { GYMSMITH_TOKEN: TOKEN } });
    expect(server.local.gym.executed.slice(before)).toEqual(['echo piped', 'edit 1:1\n  text\nend_of_edit']);
    expect(run.stdout).toContain('"step_count": 2');
    expect(run.stdout).toContain('The episode was left before its end.');
    expect(run.code).toBe(0);
  });

  it('takes a pack in front of the task as one directory', async () => {
    const args = ['play', '--pack', 'some/pack', 'toy/echo-v1', '--url', server.url, '--token', TOKEN];
    const run = await runCli(args, { input: 'echo piped\n' });
    expect(run.stdout).toContain('toy/echo-v1  on ');
    expect(run.code).toBe(0);
  });

  it('shows an error of the server and goes on when the episode does [B1]', async () => {
    const input = 'fail evaluation_unavailable\necho still here\n';
    const run = await runCli(['play', 'toy/echo-v1', '--url', server.url, '--token', TOKEN], { input });
    expect(run.stdout).toMatch(/as asked[\s\S]*still here/);
  });

  it('tells that the server is out of reach and there again, and goes on [B1]', async () => {
    const child = startCli(['play', 'toy/echo-v1', '--url', server.url, '--token', TOKEN]);
    const ended = once(child, 'close');
    const notes = text(child.stderr);
    child.stdin.write('echo one\n');
    for await (const line of createInterface(child.stdout)) {
      if (line === 'one') {
        server.drop();
        child.stdin.end('echo two\n');
      }
      if (line === 'two') break;
    }
    expect(await ended).toEqual([0, null]);
    expect(await notes).toMatch(/^The connection is lost and is made again: .*\nThe connection is there again\.\n$/);
  });

  it('ends with code 1 when a recorded action fails [B1]', async () => {
    const run = await runCli([
      'play',
      '--script',
      await record(['fail internal']),
      '--url',
      server.url,
      '--token',
      TOKEN,
    ]);
    expect(run.stderr).toContain('error (internal): as asked');
    expect(run.code).toBe(1);
  });

  it('names the tasks when none is given, and what to do when one is unknown or the token is wrong [B1]', async () => {
    const none = await runCli(['play', '--url', server.url, '--token', TOKEN]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('  toy/echo-v1\n  toy/other-v1')]);
    const unknown = await runCli(['play', 'toy/x-v1', '--url', server.url, '--token', TOKEN]);
    expect(unknown.stderr).toContain('error (unknown_task)');
    const refused = await runCli(['play', 'toy/echo-v1', '--url', server.url, '--token', 'wrong-token-of-mine']);
    expect(refused.stderr).toContain('Give the token of the server: --token');
  });
});
