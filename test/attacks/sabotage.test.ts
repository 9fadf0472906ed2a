import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttackRange, BOTH, expectNoGain, HONEST } from './attack-range.js';

describe.each(BOTH)('attacks, answered as %s [B5]', (compat) => {
  let range: AttackRange;
  beforeAll(async () => {
    range = await AttackRange.open(compat);
  });
  afterAll(() => range?.close());

  const HONESTLY = 'python baseline.py';

  describe('attacks on what surrounds the agent [B4 B5]', () => {
    it.each([
      ['killing everything', 'kill -9 -1'],
      ['killing the daemon', 'kill -9 1 $PPID; kill -STOP 1 $PPID; pkill -9 -f envd; true'],
      ['closing the pipes of the shell', 'exec 0<&- 1>&- 2>&-'],
      ['limits', 'ulimit -n 8; ulimit -f 1; ulimit -u 3; ulimit -t 1; true'],
      ['a fork bomb', 'b() { b | b & }; b 2>/dev/null; sleep 1'],
      [
        'a full disk',
        'head -c 1G /dev/zero > ~/fill 2>/dev/null; head -c 1G /dev/zero > /tmp/fill 2>/dev/null; df ~ | tail -n 1',
      ],
      ['many files', 'mkdir m; for i in $(seq 2000); do : > m/$i; done'],
      ['a shell that ends', 'exit 3'],
      ['another shell', 'exec sh'],
      ['odd options', 'set -euo pipefail; set -n; trap "" INT TERM EXIT; PS1= PS2= IFS=x'],
      [
        'functions by the names of builtins',
        'for f in cd echo eval printf read exit true command builtin; do eval "$f() { :; }"; done',
      ],
    ])('%s leaves the score of an honest submission as it is', async (_, action) => {
      const result = await range.attack('labels', [HONESTLY, { type: 'bash', command: action, timeout_s: 10 }]);
      expectNoGain(result);
      // MLGym ends an episode with its shell.
      const ended = compat === 'mlgym' ? /^(?:submitted|early_exit)$/ : /^submitted$/;
      expect(result.info).toMatchObject({ score: HONEST, exit_status: expect.stringMatching(ended) });
    });

    it('garbage in the descriptors and sockets of the shell gains nothing', async () => {
      const garbage = `
import os, socket, struct, json
for fd in range(3, 64):
    try: os.write(fd, b'\\0' * 64 + b'{"exit_code": 0}\\n')
    except OSError: pass
for root, _, files in os.walk('/run'):
    for name in files:
        for data in (b'\\xff' * 4096, struct.pack('>II', 2**32 - 1, 2**32 - 1), struct.pack('>II', 2, 0) + b'{}',
                     *(struct.pack('>II', len(h), 0) + h for h in (json.dumps({'name': n, 'args': a, 'cwd': c}).encode()
                     for n, a, c in (('submit', [], '/'), ('open', ['/etc/shadow'], '/'), ('edit', ['1:1'], None), (7, 7, 7))))):
            try:
                s = socket.socket(socket.AF_UNIX); s.settimeout(1); s.connect(os.path.join(root, name)); s.sendall(data); s.recv(100)
            except OSError: pass
`;
      const write = { type: 'bash', command: `cat > /tmp/g.py << 'END'\n${garbage}\nEND` } as const;
      const actions = [
        HONESTLY,
        write,
        'for f in /proc/$$/fd/*; do echo garbage > $f; done 2>/dev/null; true',
        'python3 /tmp/g.py',
      ];
      const result = await range.attack('labels', actions);
      expectNoGain(result);
      expect(result.info.score).toBe(HONEST);
    });

    it('requests from the background are nobody’s: they come with no command', async () => {
      const episode = await range.begin('labels');
      await episode.step(HONESTLY);
      await episode.step('(sleep 0.1; submit; validate) >/dev/null 2>&1 &');
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect((await episode.step('true')).info).toMatchObject({ scores: [], exit_status: null });
      await episode.close();
    });

    it('a full disk or a bottomless evaluator fails an evaluation in place, and not the episode', async () => {
      const bottomless =
        'import os\nos.unlink("evaluate.py")\nos.mkdir("evaluate.py")\nos.chdir("evaluate.py")\nfor _ in range(70000):\n    os.mkdir("d")\n    os.chdir("d")\n';
      const episode = await range.begin('beside');
      await episode.step(HONESTLY);
      await episode.step({ type: 'bash', command: 'head -c 1G /dev/zero > ~/fill 2>/dev/null; true' });
      expect(await episode.step('validate')).toMatchObject({ terminated: false, info: { score: null } });
      await episode.step({ type: 'bash', command: `rm ~/fill; python3 - << 'END'\n${bottomless}END` });
      expect((await episode.step('validate')).info.score).toBe(HONEST);
      expect((await episode.step('submit')).info).toMatchObject({ score: HONEST, exit_status: 'submitted' });
      await episode.close();
    });

    it('gives an evaluation in place the real evaluator, whatever lies there', async () => {
      const forged = `echo 'print("{\\"accuracy\\": 1.0}")'`;
      for (const action of [
        `rm -f evaluate.py; ${forged} > evaluate.py`,
        `rm -f evaluate.py; ${forged} > f.py; ln -s f.py evaluate.py`,
        `rm -f evaluate.py; mkdir evaluate.py; ${forged} > evaluate.py/__main__.py`,
        `for m in json csv argparse os; do ${forged} > $m.py; done; mkdir -p ~/.local/bin; printf '#!/bin/sh\\necho "{\\"accuracy\\": 1.0}"' > ~/.local/bin/python3; chmod +x ~/.local/bin/python3; export PATH=~/.local/bin:$PATH PYTHONPATH=$PWD`,
        'mkdir labels.csv; touch labels.csv/x',
        'ln -s /tmp/out labels.csv',
      ]) {
        const result = await range.attack('beside', [HONESTLY, action, 'validate']);
        expectNoGain(result);
        expect(result.info.score).toBe(HONEST);
      }
    });
  });
});
