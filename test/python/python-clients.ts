import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INSTALL = fileURLToPath(new URL('../../scripts/python-venvs.sh', import.meta.url));

/** Clients under test, as `name==version`. */
export const CLIENTS = readFileSync(new URL('./clients.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

/** An installed client. */
export class PythonClient {
  private constructor(
    private readonly python: string,
    private readonly directory: string,
  ) {}

  /** Installs the clients when they are not there yet, and returns one. */
  static async install(name: string): Promise<PythonClient> {
    const { stdout } = await run('bash', [INSTALL], { maxBuffer: 2 ** 24 });
    for (const line of stdout.trim().split('\n')) {
      const [client, python, directory] = line.split('\t');
      if (client === name && python && directory) return new PythonClient(python, directory);
    }
    throw new Error(`The install script did not name ${name}.`);
  }

  /** Runs Python with the client on its path. @returns what it printed, whatever its exit status was */
  async run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const env = { ...process.env, PYTHONPATH: this.directory, PYTHONDONTWRITEBYTECODE: '1', NO_COLOR: '1' };
    try {
      return { code: 0, ...(await run(this.python, args, { env, maxBuffer: 2 ** 26, timeout: 180_000 })) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, stdout, stderr };
    }
  }
}
