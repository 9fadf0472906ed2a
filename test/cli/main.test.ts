import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/main.js';
import { PROJECT_ROOT } from '../../src/config.js';
import { SOFTWARE } from '../../src/protocol/index.js';
import { runCli } from './run-cli.js';

describe('gymsmith', () => {
  it('teaches with examples, in the help of the whole and of every command', async () => {
    const program = await createProgram();
    const [whole, ...commands] = [program, ...program.commands].map((command) => {
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part) });
      command.outputHelp();
      return text;
    });
    expect(whole).toContain('gymsmith serve --host 0.0.0.0');
    const played = ['serve', 'play', 'run', 'replay', 'synth', 'sample', 'dataset', 'train'];
    const names = [...played, 'tasks', 'doctor', 'stand-in', 'demo'];
    for (const name of names) expect(whole).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(commands).toHaveLength(names.length);
    expect(commands.filter((text) => text?.includes('Examples:')).length).toBeGreaterThanOrEqual(2);
  });

  it('loads the command that is called and no other', async () => {
    const names = async (only: string | null) => (await createProgram(only)).commands.map((command) => command.name());
    expect(await names('doctor')).toEqual(['doctor']);
    expect(await names(null)).toContain('serve');
  });

  it('runs through its executable', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      path.join(PROJECT_ROOT, 'bin', 'gymsmith.js'),
      '-V',
    ]);
    expect(stdout.trim()).toBe(SOFTWARE.version);
  });

  it.each([
    [['srve'], 2, 'Did you mean serve?'],
    [['serve', '--port', '70000'], 2, 'It must be a whole number from 0 to 65535.'],
    [['serve', '--backend', 'podman'], 2, 'Allowed choices are auto, docker, local.'],
    [['serve', '--nope'], 2, "unknown option '--nope'"],
    [['tasks', 'show'], 2, 'Run it with --help to see how it is used.'],
    [['serve', '--host', '0.0.0.0'], 1, 'everybody who reaches it could run commands'],
    [['serve', '--token', 'short'], 1, 'Make one: openssl rand -hex 24'],
    [['serve', '--token-file', '/nowhere'], 1, 'The token file cannot be read'],
    [['play', '--url', 'ws://127.0.0.1:1', 'x'], 1, 'Start one with: gymsmith serve'],
    [['play', '--url', 'nonsense', 'x'], 1, 'it must look like ws://host:port'],
    [['run', 'x', '--modle', 'm'], 2, 'Did you mean --model?'],
    [['run', 'x'], 2, 'Say who plays: --model, such as'],
    [['play', '--script', '/nowhere.json'], 1, 'cannot be read as JSON'],
    [['play', '--pack', '/nowhere', 'a/b'], 1, '/nowhere is no task pack'],
    [['tasks', 'show', '--pack', '/nowhere', 'a/b'], 1, '/nowhere is no task pack'],
    [['demo', '../x'], 2, 'is no task of the reference pack'],
    [['demo', 'digits'], 2, 'There are: breast-cancer, cart-swing-up'],
  ])('%j ends with code %i and says what to do [B1]', async (args, code, text) => {
    const run = await runCli(args);
    expect(run.stderr).toContain(text);
    expect(run.stderr).not.toMatch(/^\s+at |--debug/m);
    expect([run.code, run.stdout]).toEqual([code, '']);
  });

  it('shows stack and causes with --debug, wherever it stands [B1]', async () => {
    const run = await runCli(['play', 'x', '--url', 'ws://127.0.0.1:1', '--debug']);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^ClientError: .*\n\s+at /m);
    expect(run.stderr).toContain('caused by ');
  });

  it('names variables of the environment that cannot be used [B1]', async () => {
    const run = await runCli(['doctor'], { env: { GYMSMITH_PORT: 'many' } });
    expect(run.stderr).toContain('GYMSMITH_PORT');
    expect(run.stderr).not.toContain('--debug');
    expect(run.code).toBe(1);
    const long = await runCli(['doctor'], { env: { GYMSMITH_RUN_DIR: `/tmp/${'x'.repeat(80)}` } });
    expect(long.stderr).toContain('Name one of at most 60 bytes with GYMSMITH_RUN_DIR');
  });

  it('says where a recording is faulty [B1]', async () => {
    const file = path.join(tmpdir(), `gymsmith-recording-${process.pid}.json`);
    await writeFile(file, JSON.stringify({ task: 'a/b-v1', actions: ['ls', { type: 'edit' }] }));
    const run = await runCli(['play', '--script', file]);
    await rm(file);
    expect(run.stderr).toMatch(/actions\.1/);
    expect(run.stderr).toContain('It must look like');
  });
});
