import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadAgentConfig, shippedAgents } from '../../src/agent/config/load-agent-config.js';
import { ENVIRONMENT_COMMANDS, NATIVE_COMMANDS } from '../../src/agent/config/native-commands.js';
import { createDialect } from '../../src/agent/dialects/create-dialect.js';
import { createParser } from '../../src/agent/parsing/create-parser.js';
import { PromptRenderer } from '../../src/agent/prompts/prompt-renderer.js';
import { TOOLS } from '../../src/env/episode/tool-names.js';
import { loadPack } from '../../src/env/packs/pack.js';
import { fixture } from './checkout.js';

const names = await shippedAgents();
const root = fileURLToPath(new URL('../../', import.meta.url));
const { tasks } = await loadPack(`${root}packs/reference`);
const facts = {
  state: '{"open_file": "n/a", "working_dir": "/home/agent/workspace"}',
  currentStep: 0,
  remainingSteps: 50,
};

describe('the agents that ship [E1]', () => {
  it('are found by their names, and are part of the package', async () => {
    expect(names).toEqual(['append-only', 'default', 'tools']);
    const { files } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as { files: string[] };
    expect(files).toContain('agents');
  });

  it.each(names)('%s loads without a warning, and its prompts can be made for every task', async (name) => {
    const config = await loadAgentConfig(name);
    expect(config).toMatchObject({ name, source: 'gymsmith', warnings: [], demonstrations: [], stateCommand: null });
    expect(tasks.length).toBeGreaterThan(5);
    for (const task of tasks) {
      const prompts = new PromptRenderer(config, task.promptFields);
      expect(prompts.system()).toContain(`after ${task.promptFields.training_timeout} seconds`);
      expect(prompts.first(facts)).toContain(`THE TASK\n${task.promptFields.description}\n`);
      expect(prompts.first(facts)).toMatch(
        /\[step 0, 50 left \| open file: n\/a \| directory: \/home\/agent\/workspace\]$/,
      );
      expect(prompts.next('1', { ...facts, currentStep: 1, remainingSteps: 49 })).toMatch(/^1\n\[step 1, 49 left \|/);
      expect(prompts.blockError('vim x')).toContain('vim waits for a keyboard');
    }
  });

  it('say in the default prompt what stands in the golden text', async () => {
    const prompts = new PromptRenderer(await loadAgentConfig('default'), {
      description: 'd',
      training_timeout: '1800',
    });
    await expect(prompts.system()).toMatchFileSnapshot(fixture('golden/default-system.txt'));
  });

  it.each(['default', 'append-only'])('%s shows in its prompt an answer that its parser reads', async (name) => {
    const { templates, commands, parser } = await loadAgentConfig(name);
    const example = /The training script[\s\S]*?\n```\n[\s\S]*?\n```/.exec(templates.system)?.[0] ?? '';
    expect(parser).toBe('thought_action');
    expect(createParser('thought_action', commands).parse(example)).toMatchObject({ action: 'open "train.py"\n' });
    const fault = /\nWhat I want to find out\.[\s\S]*/.exec(templates.formatError ?? '')?.[0] ?? '';
    expect(createParser('thought_action', commands).parse(fault.trim())).toMatchObject({ action: 'the command\n' });
  });

  it('call the tools of sandboxes in the second dialect [F5]', async () => {
    const config = await loadAgentConfig('tools');
    const prompts = new PromptRenderer(config, { description: 'd', training_timeout: '1' });
    const tools = createDialect(config, prompts).tools.map(({ name }) => name);
    expect(tools).toEqual(['bash', ...TOOLS, 'validate', 'submit'].sort((a, b) => tools.indexOf(a) - tools.indexOf(b)));
    expect(prompts.system()).not.toContain('end_of_edit');
  });

  it('documents every command that sandboxes have, and none that they lack', () => {
    const documented = NATIVE_COMMANDS.map(({ name }) => name);
    const others = ['bash', 'memory_read', 'memory_write', 'submit', 'validate'];
    expect([...documented].sort()).toEqual([...TOOLS, ...others].sort());
    for (const { endName, signature, arguments: args } of NATIVE_COMMANDS) {
      for (const { name } of args) expect(signature).toContain(`<${name}>`);
      if (endName !== null) expect(signature?.split('\n').at(-1)).toBe(endName);
    }
    expect([...ENVIRONMENT_COMMANDS].filter((name) => documented.includes(name))).toEqual(['submit', 'validate']);
  });
});
