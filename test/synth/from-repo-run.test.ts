import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { loadPack } from '../../src/env/packs/pack.js';
import { ChatEndpoint, type ChatPolicy } from '../../src/testing/chat-endpoint/chat-endpoint.js';
import { messageText } from '../../src/testing/chat-endpoint/chat-request.js';
import { solutionPolicy } from '../../src/testing/chat-endpoint/solution-policy.js';
import { runCli } from '../cli/run-cli.js';
import { COMPONENT, PROGRAMS, PROPOSED, tinyRepository } from './tiny-repository.js';

let root: string;
let endpoint: ChatEndpoint;
const asked: string[] = [];

/** A program of the reference, as an agent would type it. */
const SOLUTION = `cat > solve.py <<'E'\n${PROGRAMS['checks/reference.py']}E\npython solve.py`;

/** A teacher that knows one component of one code base; its first programs lack what the repair then gives. */
function teacher(): ChatPolicy {
  const play = solutionPolicy([{ match: PROPOSED.description.slice(0, 60), actions: [SOLUTION, 'submit'] }]);
  const filesText = (names: readonly string[]): string =>
    names.map((name) => `FILE: ${name}\n\`\`\`\`\n${PROGRAMS[name]}\n\`\`\`\`\n`).join('\n');
  return (request, call) => {
    const system = messageText(request.messages[0]!);
    const known: [string, () => string][] = [
      ['You read a code base', () => JSON.stringify({ components: [COMPONENT] })],
      ['You turn a component of an existing', () => JSON.stringify(PROPOSED)],
      [
        'You write the programs of one research task on an existing',
        () => filesText(Object.keys(PROGRAMS).filter((name) => !name.startsWith('checks/'))),
      ],
      ['You repair the programs', () => filesText(['checks/weak.py', 'checks/reference.py'])],
    ];
    const found = known.find(([opening]) => system.startsWith(opening));
    asked.push(found?.[0] ?? 'plays');
    return found ? found[1]() : play(request, call);
  };
}

beforeAll(async () => {
  // The path of a socket is short, and the directory for temporary files need not be.
  root = await mkdtemp('/tmp/gs-repo-');
  endpoint = await ChatEndpoint.start(teacher());
});
afterAll(async () => {
  await endpoint.close();
  await rm(root, { recursive: true, force: true });
});

it('a code base at a commit becomes a published task that is beaten by its agent, repaired once on the way [F1, S5, S6]', async () => {
  const { place, commit } = await tinyRepository(root);
  const out = path.join(root, 'run');
  const config = path.join(root, 'synth.yaml');
  await writeFile(config, 'p_debug: 1\nverification: {baseline_timeout_s: 60, baseline_runs: 2, evaluation_runs: 2}\n');
  const run = await runCli(
    ['synth', '--from-repo', `${place}@v1`, '--topics', '1', '--teacher', 'stand-in', '--config', config, '--out', out],
    {
      env: {
        GYMSMITH_BACKEND: 'local',
        GYMSMITH_STATE_DIR: path.join(root, 'state'),
        GYMSMITH_RUN_DIR: path.join(root, 'sandboxes'),
        GYMSMITH_ROOTFS: readConfig().rootfs,
        OPENAI_BASE_URL: endpoint.url,
        OPENAI_API_KEY: 'any',
      },
    },
  );
  const { tasks, faults } = await loadPack(path.join(out, 'pack'));
  expect(faults, run.stdout + run.stderr).toEqual([]);
  expect(
    tasks.map(({ envId }) => envId),
    run.stdout + run.stderr,
  ).toEqual([expect.stringMatching(/^synth\/tinypack-codec(?:-1)?-v1$/)]);
  expect(run.code).toBe(0);
  const { provenance, submission, baseline } = tasks[0]!.sidecar;
  expect(submission?.paths).toEqual(['repository/tinypack/codec.py']);
  expect(baseline?.score).toBeGreaterThan(0);
  expect(provenance).toMatchObject({
    repository: {
      name: 'tinypack',
      commit,
      editable: ['tinypack/codec.py'],
      entry_point: 'python -m tinypack data/samples.json',
      licence: { file: 'LICENSE', title: 'MIT License' },
    },
    attempts: [
      { number: 0, how: 'first', fault: 'files_missing' },
      { number: 1, how: 'repair', verdict: 'sound' },
    ],
  });
  expect(JSON.stringify(provenance)).not.toContain(root);
  const frozen = tasks[0]!.starterFiles.find(({ path: name }) => name === 'repository/tinypack/limits.py');
  expect(await readFile(frozen!.hostPath, 'utf8')).toContain('MAX_RUN = 9');
  expect(asked.filter((one) => one.startsWith('You read'))).toHaveLength(1);
});
