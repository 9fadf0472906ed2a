import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { codeFingerprint } from '../../src/agent/config/code-fingerprint.js';
import { readCommandFile } from '../../src/agent/config/command-file.js';
import { loadAgentConfig } from '../../src/agent/config/load-agent-config.js';
import { selectCommandFiles } from '../../src/agent/config/select-command-files.js';
import { checkout, fixture } from './checkout.js';

const SMALL = fixture('mlgym/configs/agents/small.yaml');

describe("MLGym's configurations of agents [E1]", () => {
  it('load as they are, with paths that start at the root of the checkout', async () => {
    const config = await loadAgentConfig(SMALL);
    expect(config).toMatchObject({
      name: 'small',
      source: 'mlgym',
      templateLanguage: 'python',
      parser: 'mlgym_thought_action',
      history: [{ type: 'last_observations', n: 3 }],
      submitCommand: 'submit',
      putDemonstrationsInHistory: false,
      stateCommand: null,
    });
    expect(config.demonstrations.map(({ path }) => path)).toEqual(['demonstrations/counting.traj']);
    expect(config.templates.strategy).toBe('Look before you leap, {remaining_steps} times.');
  });

  it('spell variables as Python prints them', async () => {
    const { variables } = await loadAgentConfig(SMALL);
    expect(variables).toEqual({ WINDOW: '40', RATIO: '1.0', EMPTY: '', LIST: '()', SURE: 'True' });
  });

  it('tell of commands in full, byte for byte', async () => {
    const { commandDocs } = await loadAgentConfig(SMALL);
    expect(commandDocs).toBe(
      'open:\n  docstring: shows 40 lines of a file\n  signature: open "<path>" [<line_number>]\n  arguments:\n' +
        '    - path (string) [required]: the file to show\n    - line_number (integer) [optional]: where to begin\n\n' +
        'page:\n  docstring: shows the next 40 lines\n  signature: page\n\n' +
        'undocumented:\n  signature: undocumented\n\n' +
        'edit:\n  docstring: puts text in the place of lines\n  signature: edit <start_line>:<end_line>\n<replacement_text>\nend_of_edit\n  arguments:\n' +
        '    - start_line (integer) [required]: the first line that goes\n    - end_line (integer) [required]: the last line that goes\n' +
        '    - replacement_text (string) [required]: the text that comes\n\n' +
        'plot:\n  docstring: draws a column of a table\n  signature: plot <column> [<height>]\n  arguments:\n' +
        '    - column (string) [required]: name of the column\n    - height (integer) [optional]: lines that the drawing takes\n\n' +
        'submit:\n  docstring: ends the task\n  signature: submit\n\n' +
        'validate:\n  docstring: asks for the score\n  signature: validate\n\n',
    );
  });

  it('tell of commands in short when no parser of theirs is named, and say what becomes of a misnamed one', async () => {
    const root = await checkout({
      'agent.yaml':
        'system_template: s\ntask_template: t\ntools:\n  command_parser: ParseCommandDetailed\n  command_files: [tools/a.sh]\n',
      'tools/a.sh': '# @yaml\n# docstring: waits\n# arguments: {}\nwait_for() {\n:\n}\nhush() {\n:\n}\n',
    });
    const { commandDocs, warnings } = await loadAgentConfig(`${root}/agent.yaml`);
    expect(commandDocs).toBe('wait_for - waits\n');
    expect(warnings).toEqual([
      'agent.yaml:4: tools.command_parser: is not a field of this file and is passed over - write parser',
    ]);
  });

  it('give templates that are not there to those that follow from others', async () => {
    const root = await checkout({ 'agent.yaml': 'system_template: s\ntask_template: t {observation}\n' });
    const { templates, parser, history, blocked } = await loadAgentConfig(`${root}/agent.yaml`);
    expect(templates).toMatchObject({
      nextStep: 't {observation}',
      nextStepNoOutput: 't {observation}',
      strategy: null,
    });
    expect(parser).toBe('thought_action');
    expect(history).toEqual([{ type: 'full' }]);
    expect(blocked?.names).toContain('vim');
  });

  it.each([
    ['DefaultHistoryProcessor', [{ type: 'full' }]],
    ['Last2Observations', [{ type: 'last_observations', n: 2 }]],
    ['Last5Observations', [{ type: 'last_observations', n: 5 }]],
    ['Last100Observations', [{ type: 'last_observations', n: 100 }]],
    ['ClosedWindowHistoryProcessor', [{ type: 'closed_window' }]],
  ])('know the history processor %s', async (name, history) => {
    const yaml = `system_template: s\ntask_template: t\nhistory_processor: ${name}\n`;
    const root = await checkout({ 'agent.yaml': yaml });
    expect((await loadAgentConfig(`${root}/agent.yaml`)).history).toEqual(history);
  });

  it('fill their format error text in once, with their own fields', async () => {
    const { templates } = await loadAgentConfig(SMALL);
    expect(templates.formatError).toMatch(/^Write it as the task says: Task \{\{name\}\}: \{\{description\}\}\n/);
  });
});

describe('command files [E1]', () => {
  const read = (path: string, contents: string) => readCommandFile(path, contents, path, []);
  const viewer = read('defaults.sh', '_show() {\n  cat "$CURRENT_FILE"\n}\nopen() {\n  _show "$1"\n}\n');
  const lens = read('_lens.py', '#!/usr/bin/env python3\nprint(1)\n');
  const known = new Set([viewer, lens].map(({ contents }) => codeFingerprint(contents)));
  const shipped = (...files: ReturnType<typeof read>[]) => {
    const choice = selectCommandFiles(files, known);
    return { names: choice.shipped.map(({ path }) => path), viewer: choice.viewer?.path ?? null };
  };

  it('that a sandbox has of its own stay at home, other comments or not', () => {
    const commented = read('mine.sh', viewer.contents.replace('_show "$1"', '# now\n\n  _show "$1"  '));
    expect(shipped(viewer, commented, lens)).toEqual({ names: [], viewer: null });
  });

  it('with commands of their own go along', () => {
    const plot = read('plot.py', '#!/usr/bin/env python3\n# @yaml\n# docstring: draws\nopen("x")\n');
    const hello = read('hello.sh', 'hello() {\n  echo "$CURRENT_FILE"\n}\n');
    expect(shipped(viewer, lens, plot, hello)).toEqual({ names: ['plot.py', 'hello.sh'], viewer: null });
  });

  it.each([
    ['has a command of the viewer', 'edit() {\n  :\n}\n'],
    ['moves the view', 'top() {\n  export CURRENT_LINE=1\n}\n'],
    ['calls inner functions of the viewer', 'peek() {\n  _show x\n}\n'],
    ['calls an inner program of the viewer', 'peek() {\n  echo | _lens\n}\n'],
  ])('bring all others along when one %s', (_what, contents) => {
    const own = read('own.sh', contents);
    expect(shipped(viewer, lens, own)).toEqual({ names: ['defaults.sh', '_lens.py', 'own.sh'], viewer: 'own.sh' });
  });

  it('that hand in or ask for the score never replace what the environment does', () => {
    const forged = read(
      'submit.sh',
      'submit() {\n  echo 1.0\n}\nvalidate() {\n  echo 1.0\n}\nexit_forfeit() {\n  :\n}\n',
    );
    expect(shipped(forged)).toEqual({ names: [], viewer: null });
    expect(shipped(forged, read('edit.sh', 'edit() {\n  :\n}\n')).names).toEqual(['edit.sh']);
  });

  it('of a checkout are named in a warning when they replace the viewer', async () => {
    const { commandFiles, warnings } = await loadAgentConfig(SMALL);
    expect(commandFiles.map(({ name }) => name)).toEqual(['look.sh', 'write.sh', 'plot.py', '_ruler.py']);
    expect(commandFiles[1]?.contents).toBe(await readFile(fixture('mlgym/tools/write.sh'), 'utf8'));
    expect(warnings).toEqual([
      'configs/agents/small.yaml:36: tools.command_files[0]: tools/look.sh has open of its own, so all command files run in the shell instead of the commands of the sandbox - use the file of MLGym or SWE-agent for commands that answer at once',
    ]);
  });

  it('find their interpreter where their first line names a place of another image', async () => {
    const root = await checkout({
      'agent.yaml': 'system_template: s\ntask_template: t\ntools:\n  command_files: [tools/far.py]\n',
      'tools/far.py': '#!/home/agent/miniconda3/envs/some/bin/python\n# @yaml\n# docstring: goes far\nprint(1)\n',
    });
    const { commandFiles } = await loadAgentConfig(`${root}/agent.yaml`);
    expect(commandFiles[0]?.contents).toMatch(/^#!\/usr\/bin\/env python\n# @yaml\n/);
  });
});
