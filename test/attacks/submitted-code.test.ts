import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT, readConfig } from '../../src/config.js';
import { evaluationCommand } from '../../src/env/evaluation/evaluation-command.js';
import { loadPack } from '../../src/env/packs/pack.js';
import type { Task } from '../../src/env/task.js';
import { hiddenFiles, pristineFiles } from '../../src/env/workspace/workspace-files.js';
import { LocalBackend } from '../../src/sandbox/local/local-sandbox.js';
import { type Sandbox, WORKSPACE } from '../../src/sandbox/sandbox.js';

const KEEP = { head: 65_536, tail: 65_536 };
const FAIR = 'def throw(mine, theirs):\n    return 0\n';

describe('code that is handed in', () => {
  let runDir: string;
  let backend: LocalBackend;
  let task: Task;
  let honest: Verdict;

  interface Verdict {
    exitCode: number | null;
    stdout: string;
    stderr: string;
    /** Command lines of the candidate's user that are left, the shell of the sandbox apart. */
    left: string[];
  }

  async function text(sandbox: Sandbox, commandId: string, argv: string[]): Promise<string> {
    const options = { commandId, argv, cwd: '/', user: 'root', timeoutMs: 10_000, keepBytes: KEEP } as const;
    return Buffer.from((await sandbox.exec(options)).stdout).toString();
  }

  /** Evaluates a strategy for the throw league as a sealed evaluation does. */
  async function evaluated(strategy: string): Promise<Verdict> {
    const { image, cpus, memory_bytes, disk_bytes, pids } = task.sidecar.resources;
    const resources = { cpus, memoryBytes: memory_bytes, diskBytes: disk_bytes, pids, gpus: [] };
    const labels = { owner: 'test-attacks' };
    const sandbox = await backend.create({
      image,
      resources,
      network: 'none',
      mounts: [],
      lifetimeMs: 120_000,
      labels,
    });
    try {
      const starters = task.starterFiles.filter((file) => file.path !== 'strategy.py');
      const files = [...(await pristineFiles(task, starters)), ...(await hiddenFiles(task))];
      const contents = Buffer.from(strategy);
      await sandbox.putFiles([
        ...files,
        { path: `${WORKSPACE}/strategy.py`, contents, mode: 0o444, user: 'root' as const },
      ]);
      const run = await sandbox.exec({
        ...evaluationCommand(task, ''),
        commandId: 'evaluation',
        cwd: WORKSPACE,
        user: task.sidecar.evaluation.run_as,
        timeoutMs: 60_000,
        keepBytes: KEEP,
      });
      const processes = await text(sandbox, 'processes', ['ps', '-u', 'agent', '-o', 'args=']);
      return {
        exitCode: run.exitCode,
        stdout: Buffer.from(run.stdout).toString().trim(),
        stderr: Buffer.from(run.stderr).toString(),
        left: processes.split('\n').filter((line) => line !== '' && !line.startsWith('/bin/bash')),
      };
    } finally {
      await sandbox.destroy();
    }
  }

  beforeAll(async () => {
    runDir = await mkdtemp(path.join(tmpdir(), 'gs-'));
    backend = new LocalBackend({ rootfs: readConfig().rootfs, runDir });
    const pack = await loadPack(path.join(PROJECT_ROOT, 'packs', 'reference'));
    const found = pack.tasks.find(({ id }) => id === 'throw-league');
    if (!found) throw new Error('there is no throw-league');
    task = found;
    honest = await evaluated(FAIR);
  });

  afterAll(() => rm(runDir, { recursive: true, force: true }));

  it('is scored the same each time [E8]', async () => {
    expect(honest).toMatchObject({ exitCode: 0, left: [] });
    expect(JSON.parse(honest.stdout).points).toBeCloseTo(-0.786, 9);
    expect((await evaluated(FAIR)).stdout).toBe(honest.stdout);
  });

  it.each([
    ['prints a score and ends', `import os\nprint('{"points": 3}', flush=True)\nos._exit(0)\n`],
    [
      'writes a score to everything that is open',
      `import os\nfor f in range(3, 64):\n    try:\n        os.write(f, b'{"points": 3}\\n')\n    except OSError:\n        pass\nos._exit(0)\n`,
    ],
    ['answers with something else', 'def throw(mine, theirs):\n    return 7\n'],
    ['opens the opponents', `open('opponents.py').read()\n${FAIR}`],
    ['writes where the evaluator prints', `import os\nopen(f'/proc/{os.getppid()}/fd/1', 'w')\n${FAIR}`],
    ['reads the memory of the evaluator', `import os\nopen(f'/proc/{os.getppid()}/mem', 'rb')\n${FAIR}`],
    ['kills the evaluator', `import os\nos.kill(os.getppid(), 9)\n${FAIR}`],
    ['breaks off', 'raise SystemExit(0)\n'],
  ])('gets no score when it %s [B5]', async (_, strategy) => {
    const verdict = await evaluated(strategy);
    expect(verdict).toMatchObject({ exitCode: 1, stdout: '', left: [] });
    expect(verdict.stderr).toMatch(/^invalid submission: match 1: /);
  });

  it.each([
    [
      'ends after the first question',
      `import os, sys\nprint('import', file=sys.stderr, flush=True)\ndef throw(mine, theirs):\n    print('seen', theirs, file=sys.stderr, flush=True)\n    os._exit(1)\n`,
    ],
    ['raises what it saw', `def throw(mine, theirs):\n    raise ValueError('seen ' + str(theirs))\n`],
    [
      'fails while another match begins',
      `import os, sys\nif os.path.exists('/tmp/seen'):\n    sys.exit('seen ' + open('/tmp/seen').read())\ndef throw(mine, theirs):\n    open('/tmp/seen', 'w').write(str(theirs))\n    return 0\n`,
    ],
  ])('tells nobody what it was asked when it %s [B5]', async (_, strategy) => {
    const verdict = await evaluated(strategy);
    expect(verdict).toMatchObject({ exitCode: 1, stdout: '', left: [] });
    expect(verdict.stderr).toMatch(/^invalid submission: match \d: /);
    expect(verdict.stderr).not.toContain('seen [');
    expect(verdict.stderr).not.toContain('it wrote:');
  });

  it('says what it died of before it was asked anything', async () => {
    expect((await evaluated('raise ValueError("mistake")\n')).stderr).toContain('  | ValueError: mistake');
  });

  it('gains nothing by printing scores, writing modules or hiding daemons beside fair play [B4, B5]', async () => {
    const strategy = `
import os, time
print('{"points": 3}', flush=True)
for name in ('traceback.py', 'signal.py', 'opponents.py'):
    try:
        os.replace(name, name + '.old') if os.path.exists(name) else None
        open(name, 'w').write('print(\\'{"points": 3}\\')')
    except OSError:
        pass
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
${FAIR}`;
    expect(await evaluated(strategy)).toMatchObject({ exitCode: 0, stdout: honest.stdout, left: [] });
  });

  it('gets no score when it does not answer [B4]', async () => {
    const verdict = await evaluated(
      'import time\n\n\ndef throw(mine, theirs):\n    time.sleep(600 if mine else 0)\n    return 0\n',
    );
    expect(verdict).toMatchObject({ exitCode: 1, stdout: '', left: [] });
    expect(verdict.stderr).toContain('no answer within');
  });
});
