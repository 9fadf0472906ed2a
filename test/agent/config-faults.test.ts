import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadAgentConfig, shippedAgents } from '../../src/agent/config/load-agent-config.js';
import { checkout } from './checkout.js';
import { type Files, MLGYM, SWE_AGENT, told } from './told.js';

describe('a configuration that cannot be used is told with its place and a remedy [B1]', () => {
  it.each<[string, Files, string]>([
    [
      'no YAML',
      { 'agent.yaml': 'a: [\n' },
      'agent.yaml:2: Flow sequence in block collection must be sufficiently indented and end with a ] - correct the YAML',
    ],
    ['a list', { 'agent.yaml': '- a\n' }, 'agent.yaml:1: must hold a mapping, is a list - write fields as name: value'],
    [
      'another file',
      { 'agent.yaml': 'a: b\n' },
      'agent.yaml:1: is no configuration of an agent: it has neither agent (SWE-agent 1), instance_template (SWE-agent 0), task_template (MLGym) nor gymsmith (ours) - name the YAML file of an agent',
    ],
    [
      'a later format',
      { 'agent.yaml': `gymsmith: 2\n${MLGYM}` },
      'agent.yaml:1: gymsmith: is 2, a format that is not known here - write gymsmith: 1, or use a newer Gymsmith',
    ],
    [
      'no system prompt',
      { 'agent.yaml': 'task_template: t\n' },
      'agent.yaml:1: system_template: is missing - write the prompt: system_template: |-',
    ],
    [
      'a prompt that is a list',
      { 'agent.yaml': 'system_template: [a]\ntask_template: t\n' },
      'agent.yaml:1: system_template: must be a text, is a list - write a text; quote it if need be',
    ],
    [
      'a lone brace',
      { 'agent.yaml': 'system_template: |-\n  a\n  b } c\ntask_template: t\n' },
      'agent.yaml:3: system_template: cannot be filled in: a single "}" stands in the text - write {{ and }} for braces that are meant as such',
    ],
    [
      'no Jinja',
      { 'agent.yaml': 'agent:\n  templates:\n    system_template: "{{a"\n    instance_template: t\n' },
      'agent.yaml:3: agent.templates.system_template: is no Jinja template: Unexpected end of input - correct it',
    ],
    [
      'a format error text that asks for more than there is',
      { 'agent.yaml': `${MLGYM}format_error_template: "{command_docs}"\n` },
      'agent.yaml:3: format_error_template: cannot be filled in: {command_docs} names nothing that can be filled in - write {{ and }} for braces; known are system_template, task_template, next_step_template, next_step_no_output_template, strategy_template, demonstration_template',
    ],
    [
      'an unknown parser',
      { 'agent.yaml': `${MLGYM}output_parser: ThoughtParser\n` },
      'agent.yaml:3: output_parser: is ThoughtParser, which is no parser - write one of MLGymThoughtActionParser, ThoughtActionParser, ActionParser, XMLThoughtActionParser, EditFormat, Identity, JsonParser',
    ],
    [
      'a parser of a name that every object has',
      { 'agent.yaml': `${MLGYM}output_parser: constructor\ntools: {parser: toString}\n` },
      'agent.yaml:4: tools.parser: is toString, which documents no commands - write one of ParseCommandBash, ParseCommandDetailed',
    ],
    [
      'an unknown parser of SWE-agent 1',
      { 'agent.yaml': `${SWE_AGENT}  tools: {parse_function: {type: thoughts}}\n` },
      'agent.yaml:3: agent.tools.parse_function.type: is thoughts, which is no parser - write one of thought_action, action, action_only, xml_thought_action, xml_function_calling, edit_format, identity, function_calling, json, all_bash_code_blocks, single_bash_code_block',
    ],
    [
      'an unknown history processor',
      { 'agent.yaml': `${MLGYM}history_processor: Last3Observations\n` },
      'agent.yaml:3: history_processor: is Last3Observations, which is no history processor - write Last2Observations',
    ],
    [
      'observations without a number',
      { 'agent.yaml': `${MLGYM}history_processor: LastNObservations\n` },
      'agent.yaml:3: history_processor: does not say how many observations stay - write history_processor_args: {n: 5}',
    ],
    [
      'a number that is none',
      { 'agent.yaml': `${MLGYM}history_processor: LastNObservations\nhistory_processor_args: {n: 0}\n` },
      'agent.yaml:4: history_processor_args.n: must be a whole number from 1 on, is 0 - write a number such as 5',
    ],
    [
      'an unknown processor of ours',
      { 'agent.yaml': `gymsmith: 1\n${MLGYM}history_processors: [{type: last}]\n` },
      'agent.yaml:4: history_processors[0].type: is last, which is no history processor - write last_observations',
    ],
    [
      'a processor of ours without its number',
      { 'agent.yaml': `gymsmith: 1\n${MLGYM}history_processors: [{type: append_only, keep: 2}]\n` },
      'agent.yaml:4: history_processors[0].every: is missing - write every: 5',
    ],
    [
      'an unknown processor of SWE-agent 1',
      { 'agent.yaml': `${SWE_AGENT}  history_processors: [{type: last_observations}]\n` },
      'agent.yaml:3: agent.history_processors[0].type: is last_observations, which is no history processor - write last_n_observations',
    ],
    [
      'an unknown command of ours',
      { 'agent.yaml': `gymsmith: 1\n${MLGYM}tools: {commands: [opn]}\n` },
      'agent.yaml:4: tools.commands[0]: is opn, which no sandbox has of its own - write open',
    ],
    [
      'an unknown language of templates',
      { 'agent.yaml': `gymsmith: 1\n${MLGYM}template_language: mako\n` },
      'agent.yaml:4: template_language: is mako, which is no language of templates - write python or jinja',
    ],
    [
      'a lone brace in our format error text',
      { 'agent.yaml': `gymsmith: 1\n${MLGYM}format_error_template: "{"\n` },
      'agent.yaml:4: format_error_template: cannot be filled in: a "{" is never closed - write {{ and }} for braces that are meant as such',
    ],
    [
      'an unknown style of documentation',
      { 'agent.yaml': `${MLGYM}tools: {parser: Long}\n` },
      'agent.yaml:3: tools.parser: is Long, which documents no commands - write one of ParseCommandBash, ParseCommandDetailed',
    ],
    [
      'a flag that is none',
      { 'agent.yaml': `${MLGYM}put_demos_in_history: sometimes\n` },
      'agent.yaml:3: put_demos_in_history: must be true or false, is the text "sometimes" - write true or false',
    ],
    [
      'a list that is none',
      { 'agent.yaml': `${MLGYM}demonstrations: a.traj\n` },
      'agent.yaml:3: demonstrations: must be a list, is the text "a.traj" - write one item a line, each after "- "',
    ],
    [
      'a mapping that is none',
      { 'agent.yaml': `${MLGYM}tools: [a]\n` },
      'agent.yaml:3: tools: must be a mapping, is a list - write fields as name: value',
    ],
    [
      'a variable that no shell takes',
      { 'agent.yaml': `${MLGYM}tools: {env_variables: {a-b: 1}}\n` },
      'agent.yaml:3: tools.env_variables.a-b: is no name of a shell variable - use letters, digits and "_"',
    ],
    [
      'a state without code',
      { 'agent.yaml': `${MLGYM}tools: {state_command: {name: s}}\n` },
      'agent.yaml:3: tools.state_command.code: is missing - write the shell function that prints the state',
    ],
    [
      'a state of a wrong name',
      { 'agent.yaml': `${MLGYM}tools: {state_command: {name: a b, code: x}}\n` },
      'agent.yaml:3: tools.state_command.name: is a b, which is no name of a function - write state',
    ],
    [
      'a missing demonstration',
      { 'agent.yaml': `${MLGYM}demonstration_template: "{demonstration}"\ndemonstrations: [a.traj]\n` },
      'agent.yaml:4: demonstrations[0]: there is no a.traj in <root> - write a path from the root of the checkout',
    ],
    [
      'a demonstration without a way to show it',
      { 'agent.yaml': `${MLGYM}demonstrations: [a.traj]\n`, 'a.traj': '{"history": []}' },
      'agent.yaml:3: demonstrations: cannot be shown without a template - write demonstration_template, or put_demos_in_history: true',
    ],
    [
      'a demonstration that is no trajectory',
      { 'agent.yaml': `${MLGYM}put_demos_in_history: true\ndemonstrations: [a.traj]\n`, 'a.traj': '{}' },
      'agent.yaml:4: demonstrations[0]: a.traj: has no list named history - name a .traj file',
    ],
    [
      'a demonstration with an odd item',
      {
        'agent.yaml': `${MLGYM}put_demos_in_history: true\ndemonstrations: [a.traj]\n`,
        'a.traj': '{"history": [{"role": "cat"}]}',
      },
      'agent.yaml:4: demonstrations[0]: a.traj: history[0] has no known role, or holds something else than text - name a .traj file',
    ],
    [
      'no agent among several',
      { 'agent.yaml': 'agent:\n  agent_configs: []\n' },
      'agent.yaml:2: agent.agent_configs: is empty - write at least one agent',
    ],
  ])('%s', async (_what, files, expected) => {
    expect((await told(files)).errors).toContain(expected);
  });

  it.each<[string, Files, string]>([
    [
      'an unknown field',
      { 'agent.yaml': `${MLGYM}next_step_templat: x\n` },
      'agent.yaml:3: next_step_templat: is not a field of this file and is passed over - write next_step_template',
    ],
    [
      'a name that no prompt has',
      { 'agent.yaml': 'system_template: s {working_dir}\ntask_template: t\n' },
      'agent.yaml:1: system_template: asks for {working_dir}, which no task, variable or state is known to have: without it the prompt cannot be made - remove it, or double braces that are meant as such',
    ],
    [
      'a misspelled name',
      { 'agent.yaml': 'system_template: s\ntask_template: |-\n  a\n  {descripton}\n' },
      'agent.yaml:4: task_template: asks for {descripton}, which no task, variable or state is known to have: without it the prompt cannot be made - write {description}',
    ],
    [
      'inner functions',
      { 'agent.yaml': `${MLGYM}tools: {util_functions: [a]}\n` },
      'agent.yaml:3: tools.util_functions: is passed over - functions that begin with _ are found in the command files',
    ],
    [
      'empty prompts of SWE-agent 1',
      { 'agent.yaml': 'agent:\n  templates: {system_template: s}\n' },
      'agent.yaml:2: agent.templates.instance_template: is missing, its message will be empty - write the prompt: instance_template: |-',
    ],
    [
      'a run beside the agent',
      { 'agent.yaml': `${SWE_AGENT}env: {repo: x}\n` },
      'agent.yaml:3: env: is passed over - it is about a run of SWE-agent, not about the agent',
    ],
    [
      'another type of agent',
      { 'agent.yaml': `${SWE_AGENT}  type: shell\n` },
      'agent.yaml:3: agent.type: shell is read as default - the model plays alone',
    ],
    [
      'marks for a prompt cache',
      { 'agent.yaml': `${SWE_AGENT}  history_processors: [{type: cache_control}]\n` },
      'agent.yaml:3: agent.history_processors[0].type: cache_control is passed over - endpoints that need marks for their prompt cache get none; others cache by themselves',
    ],
    [
      'images',
      { 'agent.yaml': `${SWE_AGENT}  history_processors: [{type: image_parsing}]\n` },
      'agent.yaml:3: agent.history_processors[0].type: image_parsing is passed over - the model sees what it would have changed; remove it if that is meant',
    ],
    [
      'a registry of lists',
      { 'agent.yaml': `${SWE_AGENT}  tools: {registry_variables: {A: [1]}}\n` },
      'agent.yaml:3: agent.tools.registry_variables.A: is passed over - only texts reach the programs of a bundle',
    ],
  ])('%s is a warning', async (_what, files, expected) => {
    const { errors, warnings } = await told(files);
    expect(errors).toEqual([]);
    expect(warnings).toContain(expected);
  });

  it('tells of every fault at once', async () => {
    const yaml = 'task_template: "{"\noutput_parser: None\nhistory_processor: None\n';
    expect((await told({ 'agent.yaml': yaml })).errors).toHaveLength(4);
  });

  it('is told of when there is no such agent, with the one that was meant', async () => {
    await expect(loadAgentConfig('defalt')).rejects.toThrow(
      'There is no agent defalt, neither a file of this path nor one that ships - did you mean default?',
    );
    const names = (await shippedAgents()).join(', ');
    await expect(loadAgentConfig('./nowhere/quite-another.yaml')).rejects.toThrow(`agents that ship: ${names}`);
  });

  it('is told of when it is no UTF-8', async () => {
    const root = await checkout({});
    await writeFile(`${root}/agent.yaml`, Buffer.from([0xff, 0x3a]));
    await expect(loadAgentConfig(`${root}/agent.yaml`)).rejects.toThrow(`${root}/agent.yaml: is no UTF-8 text`);
  });
});
