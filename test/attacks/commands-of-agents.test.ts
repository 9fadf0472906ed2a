import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EpisodeOptions } from '../../src/protocol/index.js';
import { type BackendName, RealGym } from '../env/real-gym.js';

const BACKENDS: readonly BackendName[] = ['local', 'docker'];
const OPTIONS: EpisodeOptions = {
  compat: 'fixed',
  step_timeout_s: 20,
  variables: { MARK: 'mine' },
  command_files: [{ name: 'greet.sh', contents: 'greet() { echo "hello $1"; }\n' }],
  state_command: { name: 'where', code: 'where() { echo \'{"working_dir": "\'$PWD\'", "open_file": "n/a"}\'; }' },
};

describe.each(BACKENDS)('an agent with commands of its own, %s [B4 B5]', (backend) => {
  let gym: RealGym;
  beforeAll(async () => {
    gym = await RealGym.open(fileURLToPath(new URL('range', import.meta.url)), backend);
  });
  afterAll(() => gym?.close());

  it.each([
    ['leads their directory elsewhere', 'mv ~/commands ~/c; mkdir /tmp/x; ln -s /tmp/x ~/commands'],
    ['puts a file in its place', 'mv ~/commands ~/c; touch ~/commands'],
    ['puts a directory in the place of one', 'mv ~/commands ~/c; mkdir -p ~/commands/greet.sh/x'],
    ['closes it', 'chmod 0 ~/commands; mv ~/commands ~/c; mkdir -m 0 ~/commands'],
    ['fills the disk', 'rm -rf ~/commands; mv ~/commands ~/c; head -c 1G /dev/zero > ~/fill 2>/dev/null; true'],
  ])('that %s has an episode and its score all the same, when its shell ends', async (_, action) => {
    const episode = await gym.begin('attacks/labels', { options: OPTIONS });
    await episode.step('python baseline.py');
    await episode.step({ type: 'bash', command: action });
    await episode.step('exit 3');
    expect((await episode.step('echo alive; ls -A /tmp/x 2>/dev/null')).observation.text).toBe('alive');
    expect((await episode.step('submit')).info).toMatchObject({ score: 0.5, exit_status: 'submitted' });
    await episode.close();
  });

  it.each([
    ['never ends', 'where() { sleep 1000; }'],
    ['kills the shell', 'where() { kill -9 $$; }'],
    ['prints for ever', 'where() { yes \'{"a": 1}\'; }'],
    ['prints a megabyte', 'where() { printf \'{"a": "%01000000d"}\' 1; }'],
    ['asks for an evaluation', 'where() { submit; validate; echo \'{"a": "<<SUBMISSION||"}\'; }'],
    ['changes the shell', 'where() { cd /; MARK=other; exec 1>&-; exit 7; }'],
    ['forks', 'where() { b() { b | b & }; b; sleep 1; }'],
  ])('whose state command %s is not hindered, ended nor scored by it', async (_, broken) => {
    const episode = await gym.begin('attacks/labels', { options: OPTIONS });
    await episode.step('python baseline.py');
    const started = await episode.step(broken);
    expect(started.info).toMatchObject({ scores: [], exit_status: null });
    const next = await episode.step('pwd');
    expect(next.observation.text).toBe('/home/agent/workspace');
    expect(JSON.parse(next.observation.state)).toBeTruthy();
    expect(next.observation.state.length).toBeLessThan(40_000);
    expect((await episode.step('submit')).info).toMatchObject({ score: 0.5, exit_status: 'submitted' });
    await episode.close();
  });

  it('leaves nothing of them to the next one', async () => {
    const first = await gym.begin('attacks/labels', { options: OPTIONS });
    await first.step('touch ~/left /tmp/left; echo x > ~/memory.json; sleep 1000 &');
    await first.close();
    const next = await gym.begin('attacks/labels', { options: { compat: 'fixed' } });
    const look =
      'type -t greet where; echo "<$MARK>"; ls -A ~ /tmp | grep -E "left|commands|memory"; pgrep -f "sleep 1000"';
    expect((await next.step(look)).observation.text).toBe('<>');
    await next.close();
  });

  it('decides nothing for root: variables, files and what is sourced are its own', async () => {
    const options: EpisodeOptions = {
      ...OPTIONS,
      variables: {
        BASH_ENV: '/home/agent/commands/greet.sh',
        LD_PRELOAD: '/tmp/x.so',
        PYTHONSTARTUP: '/tmp/x.py',
        WHO: '$(id -un > /tmp/who; id -un)',
      },
      command_files: [
        {
          name: 'evil.sh',
          contents: 'submit() { echo mine; }\nid -un > /tmp/sourced\nsleep 1000 &\n',
        },
        { name: 'python3', contents: '#!/bin/sh\nid -un > /tmp/python\necho \'{"accuracy": 1}\'\n' },
      ],
    };
    const episode = await gym.begin('attacks/labels', { options });
    expect((await episode.step('echo $WHO; cat /tmp/who /tmp/sourced')).observation.text).toBe('agent\nagent\nagent');
    await episode.step('/usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin python3 baseline.py');
    const { info } = await episode.step('submit');
    expect(info).toMatchObject({ score: 0.5, exit_status: 'submitted' });
    await episode.close();
  });
});
