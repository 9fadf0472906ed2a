import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnvClient } from '../../src/client/index.js';
import { Episode } from '../../src/env/episode/episode.js';
import { taskDetail } from '../../src/env/packs/task-summary.js';
import { channelPair, msgpackCodec } from '../../src/protocol/index.js';
import { findTask } from '../../src/rollout/replay/find-task.js';
import type { RecordedStep, Recording } from '../../src/rollout/replay/recording.js';
import { type ReplayOptions, replayRecording } from '../../src/rollout/replay/replay-recording.js';
import { countSteps } from '../../src/rollout/replay/replay-report.js';
import { WORKSPACE } from '../../src/sandbox/sandbox.js';
import { createApp, type ServerApp } from '../../src/server/app.js';
import { RealGym } from '../env/real-gym.js';
import { writePlumPack } from './plum-pack.js';

const TASK = 'plum/plums-v1';
let pack: string;
let gym: RealGym;
let app: ServerApp;
let client: EnvClient;

beforeAll(async () => {
  pack = await mkdtemp(path.join(tmpdir(), 'gymsmith-replay-'));
  await writePlumPack(pack);
  gym = await RealGym.open(pack);
  const detail = taskDetail(gym.task('plum/plums'));
  const catalogue = {
    list: () => [detail],
    describe: () => detail,
    create: (id: string, params: Parameters<typeof Episode.create>[2]) =>
      Episode.create(id, gym.task('plum/plums'), params, gym.deps),
  };
  app = createApp({ catalogue, log: pino({ level: 'silent' }) });
  client = await EnvClient.over(async () => {
    const [near, far] = channelPair();
    app.acceptNative(far, msgpackCodec);
    return { channel: near, codec: msgpackCodec };
  });
});
afterAll(async () => {
  await client?.close();
  await app?.close();
  await gym?.close();
  await rm(pack, { recursive: true, force: true });
});

type Round = [action: string, observation: string, openFile?: string];

function recording(rounds: readonly Round[], changes: Partial<Recording> = {}): Recording {
  const steps: RecordedStep[] = rounds.map(([action, observation, openFile]) => ({
    ...{ action, sent: null, observation, openFile: openFile ?? null, cwd: WORKSPACE },
  }));
  const facts = { file: 'plums.traj', source: 'mlgym', isOld: false, taskNames: ['plums'] } as const;
  return { ...facts, seed: null, options: null, exitStatus: '', steps, ...changes };
}

async function replay(rounds: readonly Round[], options: Partial<ReplayOptions> = {}, changes?: Partial<Recording>) {
  const defaults = { task: TASK, skipsPrograms: false, maxSeconds: null, stopAt: null, followsRecording: true };
  return replayRecording(client, recording(rounds, changes), { ...defaults, ...options });
}

const MODEL = `${WORKSPACE}/src/model.py`;
const shown = (...lines: string[]) =>
  [`[File: ${MODEL} (${lines.length} lines total)]`, ...lines.map((line, i) => `${i + 1}:${line}`)].join('\n');
const UPDATED =
  'File updated. Please review the changes and make sure they are correct (correct indentation, no duplicate lines, etc). Edit the file again if necessary.';
const verdicts = (replayed: Awaited<ReturnType<typeof replay>>) => replayed.steps.map(({ verdict }) => verdict);

describe('replaying a recording', () => {
  it('plays an episode to its end and finds its observations again [E5 E7]', async () => {
    const replayed = await replay([
      ['ls\n', 'data/\nevaluate.py*\nsrc/'],
      ['open src/model.py', shown('# header', 'def f():', '    return 1')],
      ['edit 3:3\n    return 2\nend_of_edit\n', `${shown('# header', 'def f():', '    return 2')}\n${UPDATED}`, MODEL],
      ['python src/model.py; echo 0.25', '0.75'],
      ['printf yes > submission.csv', ''],
      [
        'validate',
        `Your code produced a valid submission artefact at ${WORKSPACE}/submission.csv.\nBaseline Score: {'right': 0.5}\nEvaluation Score: {'right': 0, 'n': 9}`,
      ],
      ['submit', 'Exited (submit)'],
    ]);
    expect(replayed.steps.filter(({ verdict }) => verdict === 'differs')).toEqual([]);
    expect(verdicts(replayed)).toEqual(['equal', 'equal', 'equal', 'normalised', 'equal', 'normalised', 'equal']);
    expect(replayed.put).toEqual([{ step: 0, file: MODEL }]);
    expect(replayed.exitStatus).toBe('submitted');
    expect(countSteps(replayed.steps)).toMatchObject({
      deterministic: { equal: 5, normalised: 0, differs: 0, excused: 0, share: 1 },
      rules: { 'program-numbers': 2 },
    });
  });

  it('counts a cause once: after a difference the file stands as recorded [E5]', async () => {
    const rounds: Round[] = [
      ['open src/model.py', shown('def f():', '    return 1')],
      ['edit 2:2\n    return 2\nend_of_edit', `${shown('def f():', '    return 7')}\n${UPDATED}`, MODEL],
      ['goto 1', shown('def f():', '    return 7'), MODEL],
    ];
    expect(verdicts(await replay(rounds))).toEqual(['equal', 'differs', 'equal']);
    expect(verdicts(await replay(rounds, { followsRecording: false }))).toEqual(['equal', 'differs', 'differs']);
  });

  it('makes writable what the recording could write, and leaves the rest as it is', async () => {
    const file = `${WORKSPACE}/evaluate.py`;
    const header = (text: string) => `[File: ${file} (1 lines total)]\n1:${text}`;
    const open: Round = ['open evaluate.py', header('import os')];
    const written: Round = ['edit 1:1\nimport sys\nend_of_edit', `${header('import sys')}\n${UPDATED}`, file];
    expect(verdicts(await replay([open, written]))).toEqual(['equal', 'equal']);
    const refused: Round = ['edit 1:1\nx\nend_of_edit', `Error: You cannot edit read-only file ${file}`, file];
    expect(verdicts(await replay([open, refused, ['ls evaluate.py', 'evaluate.py*']]))).toEqual([
      'equal',
      'equal',
      'equal',
    ]);
  });

  it('reaches the step limit where the recording did, whatever the replay did beside [E3 E5]', async () => {
    const rounds: Round[] = [
      ['open src/model.py', shown('# other')],
      ['echo a', 'b'],
      ['echo never', 'Exited (max_steps)'],
    ];
    const replayed = await replay(rounds, {}, { exitStatus: 'submission_not_found (max_steps)' });
    expect(verdicts(replayed)).toEqual(['equal', 'differs', 'equal']);
    expect(replayed.exitStatus).toBe('submission_not_found (max_steps)');
  });

  it('leaves out programs and evaluations when told to, and says so of what rests on them [E5]', async () => {
    const rounds: Round[] = [
      ['ls', 'data/\nevaluate.py*\nsrc/'],
      ['python train.py', 'trained'],
      ['ls', '__pycache__/\ndata/\nevaluate.py*\nmodel.pt\nsrc/'],
      ['cat log.txt', 'loss 1'],
      ['cat src/model.py', 'another text'],
      ['validate', 'scored'],
      ['ls src', 'model.py\nother.py\nsub/'],
    ];
    const replayed = await replay(rounds, { skipsPrograms: true });
    expect(replayed.steps.map(({ verdict, excuse }) => excuse ?? verdict)).toEqual([
      ...['equal', 'skipped', 'program', 'program', 'differs', 'skipped', 'program'],
    ]);
    expect(replayed.steps.map(({ replayed: text }) => text === null)).toEqual([
      false,
      true,
      false,
      false,
      false,
      true,
      false,
    ]);
  });

  it('goes on with a file that the recording opened and that is nowhere here [E5]', async () => {
    const file = '/home/agent/miniconda3/lib/x.py';
    const window = (text: string) => `[File: ${file} (1 lines total)]\n1:${text}`;
    const replayed = await replay([
      [`open ${file}`, window('x = 1')],
      ['edit 1:1\nx = 2\nend_of_edit', `${window('x = 2')}\n${UPDATED}`, file],
      [`cat ${file}`, 'x = 3'],
    ]);
    expect(replayed.steps.map(({ verdict, excuse }) => excuse ?? verdict)).toEqual(['outside', 'equal', 'differs']);
    expect(replayed.put).toEqual([{ step: 1, file }]);
  });

  it('goes where a program that is left out went', async () => {
    const steps = recording([
      ['cd src\npython model.py', 'ran'],
      ['goto 1', shown('def f():', '    return 1'), MODEL],
      ['ls', 'model.py'],
    ]).steps.map((step, index) => ({ ...step, cwd: index === 0 ? WORKSPACE : `${WORKSPACE}/src` }));
    expect(verdicts(await replay([], { skipsPrograms: true }, { steps }))).toEqual(['excused', 'equal', 'equal']);
  });

  it('leaves out data that the gym does not show [E5]', async () => {
    const rounds: Round[] = [
      ['ls data', 'answer.txt*\nrows.bin*'],
      ['head -n 1 data/rows.bin', 'zebra'],
      ['ls data', 'old.bin*\nrows.bin*'],
      ['ls -F .', 'evaluate.py*\nhere.py\nsrc/'],
    ];
    expect((await replay(rounds)).steps.map(({ verdict, excuse }) => excuse ?? verdict)).toEqual([
      ...['data', 'data', 'data', 'differs'],
    ]);
  });

  it('takes the typed actions, the seed and the options of our own recordings [E5]', async () => {
    const own = { source: 'gymsmith', seed: 4, options: { compat: 'fixed', window: 1, memory: true } } as const;
    const replayed = await replay(
      [['said', `[File: ${MODEL} (2 lines total)]\n1:def f():\n(1 more lines below)`]],
      {},
      {
        ...own,
        steps: [
          {
            action: 'said',
            sent: { type: 'open', path: 'src/model.py' },
            observation: `[File: ${MODEL} (2 lines total)]\n1:def f():\n(1 more lines below)`,
            openFile: null,
            cwd: WORKSPACE,
          },
          // Recorded with a memory; played again nothing is kept, so there is none.
          {
            action: 'test ! -e ../memory.json || echo there',
            sent: null,
            observation: '',
            openFile: null,
            cwd: WORKSPACE,
          },
        ],
      },
    );
    expect(verdicts(replayed)).toEqual(['equal', 'equal']);
  });

  it('shows as many lines as SWE-agent did', async () => {
    const observation = `[File: ${MODEL} (2 lines total)]\n1:def f():\n(1 more lines below)`;
    expect(verdicts(await replay([['open src/model.py', observation]], {}, { source: 'swe-agent' }))).toEqual([
      'equal',
    ]);
  });

  it('stops where it is told to, ends what takes too long, and plays nothing after the end', async () => {
    expect(
      verdicts(
        await replay(
          [
            ['echo a', 'a'],
            ['echo b', 'b'],
          ],
          { stopAt: 1 },
        ),
      ),
    ).toEqual(['equal']);
    const late = await replay(
      [['sleep 60', 'EXECUTION TIMED OUT BECAUSE THE COMMAND WAS RUNNING FOR MORE THAN 1 SECONDS.']],
      {
        maxSeconds: 1,
      },
    );
    expect(verdicts(late)).toEqual(['normalised']);
    const over = await replay([
      ['skip', 'Skipped'],
      ['echo b', 'b'],
    ]);
    expect(over.steps.map(({ verdict, excuse }) => excuse ?? verdict)).toEqual(['equal', 'skipped']);
  });

  it('leaves when its signal fires', async () => {
    const stopping = new AbortController();
    const playing = replay(
      [
        ['echo a', 'a'],
        ['sleep 20', ''],
      ],
      {
        signal: stopping.signal,
        onStep: () => stopping.abort(new Error('enough')),
      },
    );
    await expect(playing).rejects.toThrow();
  });

  it('finds the task by env id, by its name, and by the id of its configuration', async () => {
    expect(await findTask(client, { taskNames: ['elsewhere', TASK] })).toBe(TASK);
    expect(await findTask(client, { taskNames: ['plum/plums'] })).toBe(TASK);
    expect(await findTask(client, { taskNames: ['plums'] })).toBe(TASK);
    expect(await findTask(client, { taskNames: ['plumTask'] })).toBe(TASK);
    expect(await findTask(client, { taskNames: ['pears'] })).toBeNull();
  });
});
