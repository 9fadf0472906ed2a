import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORKSPACE } from '../../src/sandbox/sandbox.js';
import { writeGuessPack } from './guess-pack.js';
import { RealGym } from './real-gym.js';

let gym: RealGym;
let range: RealGym;
let pack: string;
beforeAll(async () => {
  pack = await mkdtemp(path.join(tmpdir(), 'gymsmith-guess-'));
  await writeGuessPack(pack);
  gym = await RealGym.open(pack, 'docker');
  range = await RealGym.open(fileURLToPath(new URL('../attacks/range', import.meta.url)), 'docker');
});
afterAll(async () => {
  await gym?.close();
  await range?.close();
  await rm(pack, { recursive: true, force: true });
});

describe('an episode in a container', () => {
  it.each(['small', 'large'])('is played to its reward on a %s dataset [C4 E2 E3]', async (size) => {
    const episode = await gym.begin(`guess/${size}`);
    const listed = await episode.step('stat -c %a ..; ls -A data; cd src && open model.py');
    expect(listed.observation.text).toBe(
      `750\nmore\nrows.bin\n[File: ${WORKSPACE}/src/model.py (2 lines total)]\n1:def f():\n2:    return 1`,
    );
    const written = await episode.step(
      'echo x >> ../data/rows.bin; rm -f ../evaluate.py; printf yes > ../submission.csv',
    );
    expect(written.observation.text).toContain('denied');
    expect((await episode.step('validate')).info).toMatchObject({ score: 1, valid: true });
    expect(await episode.step('submit')).toMatchObject({ reward: 1, terminated: true, info: { baseline: 0 } });
  });

  it('gets what its reset brings [C4 E4]', async () => {
    const options = {
      compat: 'mlgym',
      variables: { NAME: "'a b'" },
      command_files: [{ name: 'hello.sh', contents: 'hello() { echo "hello $NAME"; }\n' }],
      state_command: {
        name: 'where',
        code: 'where() { echo "{\\"working_dir\\": \\"$PWD\\", \\"name\\": \\"$NAME\\"}"; }',
      },
      memory: true,
    } as const;
    const episode = await gym.begin('guess/small', {
      options: { ...options, command_files: [...options.command_files] },
    });
    const { observation } = await episode.step('cd src; hello; memory_write "a note"; exit 3 | cat');
    expect(observation.text).toBe('hello a b\nContent and tags saved successfully to memory.');
    expect(JSON.parse(observation.state)).toEqual({ working_dir: `${WORKSPACE}/src`, name: 'a b' });
    expect((await episode.step('cat > x << EOF\ny\nEOF')).observation.text).toMatch(/EOF: command not found$/);
    await episode.close();
  });

  it.each([
    [
      'labels',
      'python baseline.py; rm -f evaluate.py; echo "print(1)" > evaluate.py; ln -s /etc/shadow labels.csv; kill -9 -1',
      0.5,
    ],
    ['beside', 'python baseline.py; rm -f evaluate.py; ln -s /etc/passwd evaluate.py; echo x > json.py', 0.5],
    ['labels', 'ln -s /etc/shadow submission.csv', null],
    ['code', 'echo "print(open(\'labels.csv\').read())" > answer.py', 0],
    ['code', 'true', 0.5],
  ])('gives a cheat on %s no more than it is worth [B5]', async (task, action, score) => {
    const episode = await range.begin(`attacks/${task}`);
    await episode.step(action);
    expect((await episode.step('submit')).info.score).toBe(score);
  });
});
