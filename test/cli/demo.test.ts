import { expect, it } from 'vitest';
import { runCli } from './run-cli.js';

const env = { GYMSMITH_LOG_LEVEL: 'error' };

it.each(['docker', 'local'])(
  'plays recorded solutions in %s sandboxes and shows that they beat their baselines [C4]',
  async (backend) => {
    const run = await runCli(['demo', 'breast-cancer', 'throw-league', '--backend', backend, '--warm', '0'], { env });
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/^reference\/breast-cancer-v1 +accuracy ↑ +0\.\d+ +0\.9\d+ +0\.\d+ +7 /m);
    expect(run.stdout).toMatch(/^reference\/throw-league-v1 +points ↑ +0\.\d+ +1\.\d+ +\d/m);
    expect(run.stdout).toMatch(/achieved █{40} 0\.9/);
    expect(run.code).toBe(0);
  },
);
