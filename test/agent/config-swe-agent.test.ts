import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadAgentConfig } from '../../src/agent/config/load-agent-config.js';
import { checkout, fixture } from './checkout.js';

const OLD = fixture('swe-agent-0/config/small.yaml');
const NEW = fixture('swe-agent-1/config/small.yaml');

/** A checkout of SWE-agent 1 with bundles, each a directory of tools. */
function bundles(list: Record<string, { config: string; [file: string]: string }>, tools = ''): Promise<string> {
  const files: Record<string, string> = {
    'config/agent.yaml': `agent:\n  templates: {system_template: s, instance_template: t}\n  tools:\n    env_variables: {A: b}\n${tools}    bundles:\n${Object.keys(
      list,
    )
      .map((name) => `      - path: tools/${name}\n`)
      .join('')}`,
  };
  for (const [name, { config, ...rest }] of Object.entries(list)) {
    files[`tools/${name}/config.yaml`] = config;
    for (const [file, contents] of Object.entries(rest)) files[`tools/${name}/${file}`] = contents;
  }
  return checkout(files);
}

describe('configurations of SWE-agent 0 [E1]', () => {
  it('load as they are', async () => {
    const config = await loadAgentConfig(OLD);
    expect(config).toMatchObject({
      source: 'swe-agent-0',
      templateLanguage: 'python',
      parser: 'xml_thought_action',
      history: [{ type: 'closed_window' }],
      commandDocs: 'count <file> [<unit>] - counts the lines of a file, at most 10\nexit_forfeit - gives up\n',
      variables: { MOST: '10' },
      blocked: { names: ['vim'], errorTemplate: '{name} is not for you' },
      stateCommand: { name: 'state' },
    });
    expect(config.templates.nextStepNoOutput).toBe('{observation} $');
    expect(config.commandFiles.map(({ name }) => name)).toEqual(['count.sh']);
    expect(config.warnings).toEqual([
      'config/small.yaml:24: summarizer_config: is passed over - long observations are bounded by the environment instead',
    ]);
  });
});

describe('configurations of SWE-agent 1 [E1]', () => {
  it('load as they are', async () => {
    const config = await loadAgentConfig(NEW);
    expect(config).toMatchObject({
      name: 'small',
      source: 'swe-agent-1',
      templateLanguage: 'jinja',
      parser: 'thought_action',
      history: [
        { type: 'last_observations', n: 4, polling: 3 },
        { type: 'remove_regex', patterns: ['<diff>.*</diff>'], keepLast: 2 },
      ],
      variables: { STEP: '2', USE_MARKS: 'true' },
      stateCommand: null,
    });
    expect(config.commands.map(({ name }) => name)).toEqual(['bash', 'measure', 'goto', 'submit']);
    expect(config.commands[1]?.arguments[1]).toEqual({
      name: 'unit',
      type: 'string',
      description: 'what to count in',
      required: false,
      values: ['inch', 'foot'],
      format: '--unit {{value}}',
    });
    expect(config.commandDocs).toContain(
      'measure:\n  docstring: says how long a thing is, in steps of 2\n  signature: measure <object> [<unit>]\n  arguments:\n' +
        '    - object (string) [required]: the thing to measure\n    - unit (string) [optional]: what to count in\n\n' +
        'goto:\n  docstring: moves\n  signature: goto <line_number>\n  arguments:\n    - line_number (integer) [required]: where to\n\n' +
        'submit:\n  docstring: hands in\n  signature: submit\n\n',
    );
  });

  it('say of everything that cannot be used what happens instead', async () => {
    expect((await loadAgentConfig(NEW)).warnings).toEqual([
      'config/small.yaml:19: agent.tools.bundles[0]: tools/ruler/install.sh is not run - what it installs must be in the image of the task',
      'config/small.yaml:19: agent.tools.bundles[0]: tools/ruler: its state command _state_ruler is not run - templates get open_file and working_dir, and nothing for what it would add',
      'config/small.yaml:28: agent.tools.execution_timeout: is passed over - the task and the options of its reset set the time limits',
      'config/small.yaml:36: agent.model: is passed over - the model is chosen when the agent is run',
    ]);
  });

  it('send programs with the modules they import, where sandboxes have no command of the name', async () => {
    const { commandFiles } = await loadAgentConfig(NEW);
    expect(commandFiles.map(({ name }) => name)).toEqual(['gymsmith_exports.sh', 'measure']);
    const root = await checkout({});
    await writeFile(`${root}/measure`, commandFiles[1]?.contents ?? '');
    await chmod(`${root}/measure`, 0o755);
    expect(execFileSync(`${root}/measure`, ['abc'], { encoding: 'utf8', timeout: 30_000 })).toBe("3 it's ≈ 3 \\n\n");
  });

  it('bring all programs and a state of their own when an editor takes other arguments than that of sandboxes', async () => {
    const goto =
      'signature: goto <line_number>, docstring: moves, arguments: [{name: line_number, type: integer, description: d, required: true}]';
    const edit =
      'signature: edit <text>, docstring: changes, arguments: [{name: text, type: string, description: d, required: true}]';
    const root = await bundles({
      windowed: { config: `tools:\n  goto: {${goto}}\nstate_command: _state\n`, 'bin/goto': 'echo\n' },
      rewrite: {
        config: `tools:\n  edit: {${edit}}\n`,
        'bin/edit': '#!/usr/bin/env python3\nfrom registry import registry\n',
      },
      submit: { config: 'tools:\n  submit: {docstring: hands in}\n', 'bin/submit': 'echo\n' },
      registry: { config: 'tools: {}\n', 'lib/registry.py': 'registry = {}\n' },
    });
    const config = await loadAgentConfig(`${root}/config/agent.yaml`);
    expect(config.commandFiles.map(({ name }) => name)).toEqual(['gymsmith_exports.sh', 'goto', 'edit']);
    expect(config.commandFiles[1]?.contents).toBe('#!/usr/bin/env bash\necho\n');
    expect(config.variables).toMatchObject({ A: 'b', WINDOW: '100', OVERLAP: '2' });
    expect(config.warnings[0]).toBe(
      'config/agent.yaml:7: agent.tools.bundles[1]: tools/rewrite has another edit than sandboxes, so all tools run as ' +
        "SWE-agent's programs - use tools/windowed_edit_linting for commands that answer at once",
    );
    const kept = `${root}/kept.json`;
    const state = (text: string) => {
      const env = { ...process.env, SWE_AGENT_ENV_FILE: kept };
      const script = `${config.stateCommand?.code}\n${config.stateCommand?.name}`;
      return writeFile(kept, text).then(() =>
        execFileSync('bash', ['-c', script], { cwd: '/', env, encoding: 'utf8' }),
      );
    };
    expect(await state('')).toBe('{"open_file": "n/a", "working_dir": "/"}\n');
    expect(await state('{"CURRENT_FILE": "/usr/../a b"}')).toBe('{"open_file": "/a b", "working_dir": "/"}\n');
  });

  it('have SWE-agent 1 defaults where they say nothing', async () => {
    const root = await checkout({ 'agent.yaml': 'agent:\n  templates: {system_template: s, instance_template: t}\n' });
    const config = await loadAgentConfig(`${root}/agent.yaml`);
    expect(config).toMatchObject({
      parser: 'function_calling',
      history: [{ type: 'full' }],
      submitCommand: 'submit',
      templates: { nextStep: 'Observation: {{observation}}', truncated: { maxCharacters: 100_000 } },
    });
    expect(config.variables).toMatchObject({ PAGER: 'cat', TQDM_DISABLE: '1' });
    expect(config.commands.map(({ name }) => name)).toEqual(['bash']);
    expect(config.blocked?.names).toContain('tail -f');
  });

  it('of several attempts are read for their first agent', async () => {
    const one = '{templates: {system_template: one, instance_template: t}}';
    const two = '{templates: {system_template: two, instance_template: t}}';
    const root = await checkout({
      'agent.yaml': `agent:\n  type: retry\n  agent_configs:\n    - ${one}\n    - ${two}\n  retry_loop: {type: chooser}\n`,
    });
    const { templates, warnings } = await loadAgentConfig(`${root}/agent.yaml`);
    expect(templates.system).toBe('one');
    expect(warnings).toEqual([
      'agent.yaml:3: agent.agent_configs: is read for its first agent only - attempts of several agents are not played',
      'agent.yaml:6: agent.retry_loop: is passed over - attempts are not repeated',
    ]);
  });
});
