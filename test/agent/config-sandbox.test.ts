import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAgentConfig } from '../../src/agent/config/load-agent-config.js';
import { PromptRenderer } from '../../src/agent/prompts/prompt-renderer.js';
import { resetOptions } from '../../src/agent/reset-options.js';
import { PROJECT_ROOT } from '../../src/config.js';
import type { Episode } from '../../src/env/episode/episode.js';
import { RealGym } from '../env/real-gym.js';
import { fixture } from './checkout.js';

const TASK = 'reference/diabetes-progression-v1';
let gym: RealGym;

beforeAll(async () => {
  gym = await RealGym.open(`${PROJECT_ROOT}/packs/reference`);
});
afterAll(() => gym?.close());

/** An episode as an agent asks for it. @returns what shows the observation of an action */
async function play(nameOrPath: string): Promise<{ episode: Episode; see: (action: string) => Promise<string> }> {
  const episode = await gym.begin(TASK, { options: resetOptions(await loadAgentConfig(nameOrPath)) });
  const see = async (action: string) => (await episode.step(action)).observation.text;
  return { episode, see };
}

describe('a sandbox of an agent [E1]', () => {
  it('has the commands and variables of a configuration of MLGym, the viewer of its own among them', async () => {
    const { see } = await play(fixture('mlgym/configs/agents/small.yaml'));
    expect(await see('open')).toBe('nothing to show');
    expect(await see('plot a b; page; echo "$WINDOW $RATIO $SURE"; declare -p LIST; env | grep -c ^RATIO=')).toBe(
      '###\nno more\n40 1.0 True\ndeclare -a LIST=()\n0',
    );
    expect(await see('_ruler')).toBe('used by others');
  });

  it('runs the state command of a configuration of SWE-agent 0, whose values reach the prompts', async () => {
    const path = fixture('swe-agent-0/config/small.yaml');
    const { episode, see } = await play(path);
    expect(await see('count /dev/null')).toBe('0 /dev/null');
    const { observation } = await episode.step('cd /tmp');
    const facts = { state: observation.state, currentStep: 1, remainingSteps: 2 };
    const config = await loadAgentConfig(path);
    const templates = { ...config.templates, nextStep: '{mood} in {working_dir}' };
    expect(new PromptRenderer({ ...config, templates }, { description: 'd' }).next('x', facts)).toBe('good in /tmp');
  });

  it('runs the programs of a configuration of SWE-agent 1, with their modules and in their environment', async () => {
    const { see } = await play(fixture('swe-agent-1/config/small.yaml'));
    expect(await see('measure abcd')).toBe("4 it's ≈ 3 \\n");
    expect(await see('env | grep -E "^(STEP|USE_MARKS)=" | sort')).toBe('STEP=2\nUSE_MARKS=true');
    expect(await see('goto 1')).toBe('No file open. Use the open command first.');
  });

  it('has the commands that the default agent is told of, and its environment', async () => {
    const { see } = await play('default');
    expect(await see('open evaluate.py')).toMatch(
      /^\[File: \/home\/agent\/workspace\/evaluate\.py \(\d+ lines total\)\]\n/,
    );
    expect(await see('env | grep -E "PAGER=|PYTHONUNBUFFERED=" | sort')).toBe(
      'GIT_PAGER=cat\nPAGER=cat\nPYTHONUNBUFFERED=1',
    );
    expect(await see('python -c "for i in range(250): print(i)" > n.txt; open n.txt | tail -1')).toBe(
      '(50 more lines below)',
    );
  });
});
