import { describe, expect, it } from 'vitest';
import { loadAgentConfig } from '../../src/agent/config/load-agent-config.js';
import { demonstrationItems } from '../../src/agent/prompts/demonstration-items.js';
import { checkout, fixture } from './checkout.js';

const mlgym = await loadAgentConfig(fixture('mlgym/configs/agents/small.yaml'));
const answer = 'DISCUSSION\none {brace}\n```\necho 1\n```';

async function agentWith(kind: 'mlgym' | 'swe-agent-0' | 'swe-agent-1', file: string, contents: string) {
  const demos = `  put_demos_in_history: true\n  demonstrations: [${file}]\n`;
  const flat = demos.replace(/^ {2}/gm, '');
  const yaml = {
    mlgym: `system_template: s\ntask_template: t\n${flat}`,
    'swe-agent-0': `system_template: s\ninstance_template: t\n${flat}`,
    'swe-agent-1': `agent:\n  templates:\n    system_template: s\n    instance_template: t\n${demos.replace(/^/gm, '  ').trimEnd()}\n`,
  }[kind];
  const root = await checkout({ 'agent.yaml': yaml, [file]: contents });
  return loadAgentConfig(`${root}/agent.yaml`);
}

describe('demonstrations [E1]', () => {
  it('are one message of the user, in the template, without the system and without other agents', () => {
    expect(demonstrationItems(mlgym, 'primary_0')).toEqual([
      {
        role: 'user',
        content: `An example:\nCount to two.\n${answer}\n1\ntwo, without a name\nThat was it.\n`,
        agent: 'primary_0',
        is_demo: true,
      },
    ]);
  });

  it('are items of the history one by one when they are put there', () => {
    const items = demonstrationItems({ ...mlgym, putDemonstrationsInHistory: true }, 'primary_0');
    expect(items).toEqual([
      { role: 'user', content: 'Count to two.', agent: 'primary_0', is_demo: true },
      { role: 'assistant', content: answer, thought: 'one', action: 'echo 1\n', agent: 'primary_0', is_demo: true },
      { role: 'user', content: '1', agent: 'primary_0', is_demo: true },
      { role: 'assistant', content: 'two, without a name', agent: 'primary_0', is_demo: true },
    ]);
  });

  it('that show nothing to an agent are told', async () => {
    const history = JSON.stringify({ history: [{ role: 'user', content: 'x', agent: 'other' }] });
    const config = await agentWith('mlgym', 'a.traj', history);
    expect(() => demonstrationItems(config, 'primary_0')).toThrow(
      'a.traj: shows nothing to the agent primary_0, its items are of other - rename the agent in it',
    );
  });

  it('of SWE-agent 0 are of the one agent it has', async () => {
    const history = JSON.stringify({ history: [{ role: 'user', content: 'x', agent: 'primary' }] });
    const config = await agentWith('swe-agent-0', 'a.traj', history);
    expect(demonstrationItems(config, 'primary_0')).toEqual([
      { role: 'user', content: 'x', agent: 'primary_0', is_demo: true },
    ]);
  });

  it('of SWE-agent 1 are of whatever agent, in JSON or YAML, with their calls of tools', async () => {
    const yaml = `history:
  - {role: system, content: s, agent: main}
  - role: assistant
    content: I look.
    agent: main
    thought: I look.
    action: ls
    tool_calls: [{id: c1, type: function, function: {name: bash, arguments: '{"command": "ls"}'}}]
  - {role: tool, content: [{type: text, text: a}, {type: text, text: b}], agent: main, tool_call_ids: [c1]}
  - {role: user, content: null}
`;
    const config = await agentWith('swe-agent-1', 'a.yaml', yaml);
    const calls = [{ id: 'c1', name: 'bash', arguments: '{"command": "ls"}' }];
    const common = { agent: 'primary_0', is_demo: true };
    expect(demonstrationItems(config, 'primary_0')).toEqual([
      { role: 'assistant', content: 'I look.', thought: 'I look.', action: 'ls', tool_calls: calls, ...common },
      { role: 'tool', content: 'a\nb', tool_call_id: 'c1', ...common },
      { role: 'user', content: '', ...common },
    ]);
  });

  it('are none where there are none', async () => {
    expect(demonstrationItems(await loadAgentConfig('default'), 'primary_0')).toEqual([]);
  });

  it('need a way to be shown', () => {
    const config = { ...mlgym, templates: { ...mlgym.templates, demonstration: null } };
    expect(() => demonstrationItems(config, 'primary_0')).toThrow(
      'small: demonstrations need demonstration_template, or put_demos_in_history: true',
    );
    const broken = { ...mlgym, demonstrations: [{ path: 'a.traj', contents: '[' }] };
    expect(() => demonstrationItems(broken, 'primary_0')).toThrow('a.traj: is no JSON: ');
    const yaml = { ...mlgym, demonstrations: [{ path: 'a.yaml', contents: 'a: [' }] };
    expect(() => demonstrationItems(yaml, 'primary_0')).toThrow('a.yaml: line 1: ');
  });
});
