import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { PROJECT_ROOT } from '../../src/config.js';

const MAIN = pathToFileURL(`${PROJECT_ROOT}/src/cli/main.ts`).href;
// The sources, whether or not there is an older build.
const ENTRY = `import { main } from '${MAIN}'; process.exitCode = await main(process.argv.slice(1));`;

export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Options {
  input?: string;
  env?: NodeJS.ProcessEnv;
}

/** Starts one command line in a process of its own, not on a terminal. */
export function startCli(args: readonly string[], { env }: Options = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', ENTRY, '--', ...args], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
  });
}

/** Runs one command line to its end. */
export async function runCli(args: readonly string[], options: Options = {}): Promise<CliRun> {
  const child = startCli(args, options);
  const run: CliRun = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    run.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    run.stderr += text;
  });
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  [run.code] = (await once(child, 'close')) as [number | null];
  return run;
}
