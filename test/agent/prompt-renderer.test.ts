import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentConfig } from '../../src/agent/config/agent-config.js';
import { loadAgentConfig } from '../../src/agent/config/load-agent-config.js';
import { PromptError } from '../../src/agent/prompts/prompt-error.js';
import type { PromptFacts } from '../../src/agent/prompts/prompt-facts.js';
import { PromptRenderer } from '../../src/agent/prompts/prompt-renderer.js';
import { fixture } from './checkout.js';

const task = { id: 'sum', name: 'Sums', description: 'Add {up}.', training_timeout: '1800' };
const state = '{"open_file": "n/a", "working_dir": "/w"}';
const at = (currentStep: number, more: Partial<PromptFacts> = {}): PromptFacts => ({
  state,
  currentStep,
  remainingSteps: 50 - currentStep,
  ...more,
});

const mlgym = await loadAgentConfig(fixture('mlgym/configs/agents/small.yaml'));
const jinja = await loadAgentConfig(fixture('swe-agent-1/config/small.yaml'));

function withTemplates(config: AgentConfig, templates: Partial<AgentConfig['templates']>): AgentConfig {
  return { ...config, templates: { ...config.templates, ...templates } };
}

describe('prompts of MLGym [E1]', () => {
  const prompts = new PromptRenderer(mlgym, task);

  it('begin with the system message', () => {
    expect(prompts.system()).toBe(
      `You see 40 lines. Commands:\n${mlgym.commandDocs}\nBraces stay: {x}. At most 1800 seconds.`,
    );
  });

  it('go on with the task, and with the strategy behind a newline', () => {
    expect(prompts.first(at(0))).toBe(
      'Task Sums: Add {up}.\n(Step 0, 50 to go)\n(n/a in /w)\nLook before you leap, 50 times.',
    );
  });

  it('show an observation as it is', () => {
    expect(prompts.next('{observation} } {{x}}\n', at(3))).toBe('{observation} } {{x}}\n\n(Step 3, 47 to go)');
  });

  it.each([[null], [''], [' \n\t'], ['\u001c\u0085']])('say so when nothing was printed: %j', (observation) => {
    expect(prompts.next(observation, at(3))).toBe('Nothing was printed.\n(Step 3, 47 to go)');
  });

  it('give every key of the state, as Python prints its value', () => {
    const config = withTemplates(mlgym, { nextStep: '{a}|{b}|{c}|{d}|{e}|{f}' });
    const keys = '{"a": 1.0, "b": null, "c": [1, "x"], "d": true, "e": {"k": 2}, "f": 12345678901234567890}';
    const facts = at(1, { state: keys });
    expect(new PromptRenderer(config, task).next('x', facts)).toBe(
      "1.0|None|[1, 'x']|True|{'k': 2}|12345678901234567890",
    );
  });

  it('have the counts of steps of their own, whatever the state says', () => {
    const facts = at(2, { state: '{"current_step": 9, "open_file": "f", "working_dir": "w"}' });
    expect(prompts.next('x', facts)).toBe('x\n(Step 2, 48 to go)');
  });

  it('tell a name that means two things', () => {
    const twice =
      (fields: Record<string, string>, facts = state) =>
      () =>
        new PromptRenderer(mlgym, { ...task, ...fields }).first(at(0, { state: facts }));
    expect(twice({ WINDOW: '1' })).toThrow(
      'small: {WINDOW} means two things in its templates: a field of the task, and a variable of the agent - rename one of them',
    );
    expect(twice({ command_docs: '' })).toThrow('a field of the task, and the documentation of the commands');
    expect(twice({}, '{"name": "x"}')).toThrow(
      '{name} means two things in its templates: a field of the task, and a value of the state',
    );
    expect(twice({}, '{"observation": "x"}')).toThrow('a value of the state, and the observation');
  });

  it.each(['', 'null', '[]', '{"open_file": "n/a"', 'main: [: too many arguments\n{}'])(
    'tell a state that is no JSON object: %j',
    (text) => {
      expect(() => prompts.next('x', at(1, { state: text }))).toThrow(PromptError);
      expect(() => prompts.next('x', at(1, { state: text }))).toThrow(
        `the state command must print one JSON object, but printed ${JSON.stringify(text)} - correct tools.state_command`,
      );
    },
  );

  it('tell what a template asks for in vain, with its line and what is there', () => {
    const config = withTemplates(mlgym, { system: 'a\n{descriptoin}' });
    expect(() => new PromptRenderer(config, task).system()).toThrow(
      'small: system_template, line 2: {descriptoin} names nothing that can be filled in - write {description}',
    );
    const strange = withTemplates(mlgym, { task: '{xyzzy}' });
    expect(() => new PromptRenderer(strange, task).first(at(0))).toThrow(
      /^small: task_template, line 1: \{xyzzy\} names nothing .* - known are EMPTY, LIST, .*; braces that are meant as such are doubled$/,
    );
    const lone = withTemplates(mlgym, { strategy: '{' });
    expect(() => new PromptRenderer(lone, task).first(at(0))).toThrow(
      'small: strategy_template, line 1: a "{" is never closed - write {{ and }} for braces that are meant as such',
    );
  });

  it.each(['nextStep', 'nextStepNoOutput'] as const)('try %s before a model is asked', (name) => {
    const config = withTemplates(mlgym, { [name]: '{nowhere}' });
    expect(() => new PromptRenderer(config, task).first(at(0))).toThrow('{nowhere} names nothing');
  });

  it('keep the format error text as it was filled in when the configuration was loaded', () => {
    expect(prompts.formatError()).toBe(
      'Write it as the task says: Task {name}: {description}\n(Step {current_step}, {remaining_steps} to go)\n({open_file} in {working_dir})',
    );
    expect(new PromptRenderer(withTemplates(mlgym, { formatError: null }), task).formatError()).toBeNull();
  });

  it('name the first word of an action that is refused', () => {
    expect(prompts.blockError('  vim {x}\nls')).toBe(
      "Interactive operation 'vim' is not supported by this environment",
    );
  });
});

describe('prompts of SWE-agent [E1]', () => {
  const prompts = new PromptRenderer(jinja, task);

  it('are filled in as Jinja does, and lose one newline at their end', () => {
    expect(prompts.system()).toBe(`Commands:\n${jinja.commandDocs}\nIn steps of 2.`);
    expect(prompts.first(at(0))).toBe('Mend this: Add {up}.');
    expect(prompts.first(at(0, { state: '{"open_file": "/a"}' }))).toBe('Mend this: Add {up}. (/a)');
    expect(prompts.next('', at(1))).toBe('Seen: nothing in /w');
    expect(prompts.next('{{1}}', at(1))).toBe('Seen: {{1}}');
  });

  it('cut observations that are too long, counted in characters', () => {
    expect(prompts.next('0123456789', at(1))).toBe('Seen: 0123456789');
    expect(prompts.next('😀'.repeat(10), at(1))).toBe(`Seen: ${'😀'.repeat(10)}`);
    expect(prompts.next('😀'.repeat(12), at(1))).toBe(`Seen: ${'😀'.repeat(10)} and 2 more`);
  });

  it('have what the parser found in their format error text, and the action in their refusals', () => {
    expect(prompts.formatError({ exception_message: 'no block' })).toBe('Try again: no block');
    expect(prompts.blockError('vim x')).toBe('Here nobody can type into a program, so this is not run: vim x');
  });

  it('of generation 0 are filled in as Python does, with the issue that is to be mended', async () => {
    const old = new PromptRenderer(await loadAgentConfig(fixture('swe-agent-0/config/small.yaml')), task);
    expect(old.system()).toMatch(/^count <file> .*\nexit_forfeit - gives up\nAt most 10\.$/);
    expect(old.first(at(0))).toBe('Mend this: Add {up}.\nn/a in /w $');
    expect(old.next(null, at(1))).toBe(' $');
    expect(old.blockError('vim')).toBe('vim is not for you');
  });

  it('tell a template that fails when it is filled in', () => {
    const config = withTemplates(jinja, { system: '{{ 1 | nothing_known }}' });
    expect(() => new PromptRenderer(config, task).system()).toThrow(
      /^small: system_template: .*nothing_known.* - correct the Jinja template$/,
    );
  });
});

describe('templates of any form [E1]', () => {
  const names = ['description', 'name', 'WINDOW', 'observation', 'current_step', 'open_file'] as const;
  const text = fc.string({ unit: fc.constantFrom('a', '{', '}', '%', '#', '\n', '"', '😀', ' ', '\\', '$&') });
  const part = fc.oneof(
    text.map((value) => ({ text: value })),
    fc.constantFrom(...names).map((name) => ({ name })),
  );
  type Part = { text: string } | { name: (typeof names)[number] };

  it('are filled in without a throw, and what is put in is not looked at again', () => {
    fc.assert(
      fc.property(fc.array(part), text, text, fc.nat(50), (parts: Part[], description, observation, step) => {
        const filled = (facts: Record<string, string>) =>
          parts.map((item) => ('text' in item ? item.text : facts[item.name])).join('');
        const python = parts
          .map((item) => ('text' in item ? item.text.replace(/[{}]/g, '$&$&') : `{${item.name}}`))
          .join('');
        const config = withTemplates(mlgym, { nextStep: python, nextStepNoOutput: python });
        const prompts = new PromptRenderer(config, { ...task, description });
        const facts = { ...task, description, WINDOW: '40', observation, current_step: `${step}`, open_file: 'n/a' };
        expect(prompts.next(observation, at(step))).toBe(filled(facts));
      }),
    );
  });

  it('of Jinja are as well', () => {
    const safe = text.map((value) => value.replace(/[{}]/g, '-'));
    fc.assert(
      fc.property(fc.array(fc.tuple(safe, fc.constantFrom(...names))), text, (parts, observation) => {
        const template = `${parts.map(([before, name]) => `${before}{{ ${name} }}`).join('')}.`;
        const config = { ...withTemplates(jinja, { nextStep: template, nextStepNoOutput: template, truncated: null }) };
        const facts = { ...task, WINDOW: '', observation, current_step: '1', open_file: 'n/a' };
        const expected = `${parts.map(([before, name]) => before + facts[name]).join('')}.`;
        expect(new PromptRenderer(config, task).next(observation, at(1))).toBe(expected);
      }),
    );
  });
});
