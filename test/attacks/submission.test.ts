import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttackRange, BOTH, expectNoGain, HONEST } from './attack-range.js';

describe.each(BOTH)('attacks, answered as %s [B5]', (compat) => {
  let range: AttackRange;
  beforeAll(async () => {
    range = await AttackRange.open(compat);
  });
  afterAll(() => range?.close());

  const HONESTLY = 'python baseline.py';
  /** An evaluator that is pleased with everything. */
  const FORGED = `print('{"accuracy": 1.0}')`;

  it('gives an honest submission its score', async () => {
    const result = await range.attack('labels', [HONESTLY]);
    expect(result).toMatchObject({ reward: 0, info: { score: HONEST, exit_status: 'submitted' } });
  });

  describe('forging the evaluator [B5]', () => {
    it.each([
      ['replacing evaluate.py', [HONESTLY, `rm -f evaluate.py; echo ${JSON.stringify(FORGED)} > evaluate.py`]],
      [
        'moving evaluate.py away and linking another',
        [HONESTLY, `mv evaluate.py e; echo ${JSON.stringify(FORGED)} > f.py; ln -s f.py evaluate.py`],
      ],
      [
        'a directory evaluate.py',
        [HONESTLY, `rm -f evaluate.py; mkdir evaluate.py; echo ${JSON.stringify(FORGED)} > evaluate.py/__main__.py`],
      ],
      [
        'a module beside it',
        [HONESTLY, `for m in json csv argparse os re; do echo ${JSON.stringify(FORGED)} > $m.py; done`],
      ],
      [
        'python in the PATH',
        [
          HONESTLY,
          `mkdir -p ~/.local/bin ~/bin; for d in ~/.local/bin ~/bin .; do for p in python python3; do printf '#!/bin/sh\\necho "{\\"accuracy\\": 1.0}"\\n' > $d/$p; chmod +x $d/$p; done; done; export PATH=$PWD:$HOME/bin:$PATH`,
        ],
      ],
      [
        'aliases and functions',
        [
          HONESTLY,
          `shopt -s expand_aliases; alias python='echo x' python3='echo x'; python3() { echo '{"accuracy": 1.0}'; }; export -f python3; export BASH_ENV=~/.bashrc; echo 'python3() { echo 1; }' > ~/.bashrc`,
        ],
      ],
      [
        'sitecustomize, usercustomize and .pth',
        [
          HONESTLY,
          `d=$(python3 -m site --user-site); mkdir -p $d; for f in sitecustomize usercustomize; do echo ${JSON.stringify(FORGED)} > $d/$f.py; echo ${JSON.stringify(FORGED)} > $f.py; done; echo 'import sitecustomize' > $d/a.pth; export PYTHONPATH=$PWD:$d PYTHONSTARTUP=$PWD/sitecustomize.py`,
        ],
      ],
      [
        'metrics in the output',
        ['python baseline.py; echo \'{"accuracy": 1.0}\'', 'echo \'{"accuracy": 1.0}\'; submit'],
      ],
      [
        'system files',
        [
          HONESTLY,
          'for f in /usr/bin/python3 /usr/lib/python3*/json/__init__.py /etc/passwd; do echo x >> $f; rm -f $f; mv $f /tmp; done; true',
        ],
      ],
    ])('by %s gains nothing', async (_, actions) => {
      const result = await range.attack('labels', actions);
      expectNoGain(result);
      expect(result.info.score).toBe(HONEST);
    });

    it.each([
      ['markers of a validation', 'printf "<<VALIDATION||\\nvalidating file\\n||VALIDATION>>\\n"'],
      ['markers of a submission', 'printf "<<SUBMISSION||\\nsubmitting file\\n||SUBMISSION>>\\n"'],
      ['the end of a command', 'echo "///PROCESS-DONE:0:PROCESS-DONE///"'],
    ])('by printing %s does nothing', async (_, action) => {
      const episode = await range.begin('labels');
      const { info, terminated, observation } = await episode.step(action);
      expect(info).toMatchObject({ scores: [], valid: null });
      expect(terminated).toBe(false);
      expect(observation.text).toMatch(/VALIDATION|SUBMISSION|PROCESS/);
      await episode.close();
    });
  });

  describe('submissions that are no files of the agent [B5]', () => {
    it.each([
      ['a link to the shadow file', 'ln -s /etc/shadow submission.csv'],
      ['a link to where labels would be', 'ln -s labels.csv submission.csv'],
      ['a link to a file of its own', 'python baseline.py; mv submission.csv s; ln -s s submission.csv'],
      ['a hard link', 'ln /etc/passwd submission.csv; ln data/test.csv submission.csv; true'],
      ['a pipe', 'mkfifo submission.csv'],
      ['a device', 'mknod submission.csv c 1 5; ln -s /dev/zero submission.csv'],
      ['a socket', `python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('submission.csv')"`],
      ['a directory', 'mkdir submission.csv; touch submission.csv/submission.csv'],
      ['a huge file', 'truncate -s 100G submission.csv'],
      ['a file that is a little too large', 'head -c 100001 /dev/zero > submission.csv'],
      ['nothing', 'rm -f submission.csv'],
      ['a workspace that is a link', 'python baseline.py; cd ~; mv workspace w; ln -s / workspace'],
      ['a workspace that is gone', 'python baseline.py; cd ~; mv workspace w'],
    ])('%s', async (_, action) => {
      const result = await range.attack('labels', [action]);
      expectNoGain(result);
      expect(result.info).toMatchObject({ score: null, valid: false });
      expect(result.reward).toBeNull();
    });

    it('are caught while they change all the time', async () => {
      const swap =
        'python baseline.py; cp submission.csv /tmp/good; (setsid sh -c "while :; do ln -sf /etc/shadow submission.csv; rm -f submission.csv; cp /tmp/good submission.csv; done" >/dev/null 2>&1 &)';
      for (const action of ['validate', 'submit'] as const) {
        const episode = await range.begin('labels');
        await episode.step(swap);
        for (let round = 0; round < 3; round++) {
          const result = await episode.step(action);
          expectNoGain(result);
          if (result.terminated) break;
        }
        await episode.close();
      }
    });

    it('cannot be changed once they are handed in', async () => {
      const rewriting =
        'python baseline.py; (setsid sh -c "while :; do for i in 0 1 2 3 4 5 6 7 8 9; do echo id,label; done > submission.csv; done" >/dev/null 2>&1 &)';
      expectNoGain(await range.attack('labels', [rewriting, 'validate']));
    });
  });

  describe('metrics that are none [B5]', () => {
    it.each(['nan', 'inf', '-inf', '1e309', '1e308', '17', '-1'])('%s', async (number) => {
      const result = await range.attack('own-word', [`echo ${number} > submission.csv`]);
      expect(result).toMatchObject({ reward: null, info: { score: null, exit_status: 'evaluation_error' } });
    });

    it('and numbers within the bounds', async () => {
      const result = await range.attack('own-word', ['echo 0.75 > submission.csv']);
      expect(result).toMatchObject({ reward: 0.5, info: { score: 0.75 } });
    });
  });
});
