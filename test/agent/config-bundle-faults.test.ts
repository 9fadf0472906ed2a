import { describe, expect, it } from 'vitest';
import { type Files, SWE_AGENT, told } from './told.js';

const bundle = (tools: string): Files => ({
  'agent.yaml': `${SWE_AGENT}  tools:\n    bundles:\n      - path: tools/a\n`,
  'tools/a/config.yaml': `tools:\n${tools}`,
});

const argument = (name: string, required = true) =>
  `{name: ${name}, type: string, description: d, required: ${required}}`;

describe('a bundle of tools that cannot be used is told with its place and a remedy [B1]', () => {
  it.each<[string, Files, string]>([
    [
      'a missing bundle',
      { 'agent.yaml': `${SWE_AGENT}  tools: {bundles: [{path: tools/a}]}\n` },
      'agent.yaml:3: agent.tools.bundles[0].path: there is no tools/a/config.yaml - write a path from the root of the checkout',
    ],
    [
      'a bundle without path',
      { 'agent.yaml': `${SWE_AGENT}  tools: {bundles: [{}]}\n` },
      'agent.yaml:3: agent.tools.bundles[0].path: is missing - write path: tools/<name>',
    ],
    [
      'a bundle that is no mapping',
      { 'agent.yaml': `${SWE_AGENT}  tools: {bundles: [tools/a]}\n` },
      'agent.yaml:3: agent.tools.bundles[0]: must be a mapping, is the text "tools/a" - write fields as name: value',
    ],
    [
      'a hidden tool that is not there',
      {
        ...bundle('  goto: {docstring: d}\n'),
        'agent.yaml': `${SWE_AGENT}  tools: {bundles: [{path: tools/a, hidden_tools: [go]}]}\n`,
        'tools/a/bin/goto': '',
      },
      'agent.yaml:3: agent.tools.bundles[0].hidden_tools: there is no tool go in tools/a - remove it',
    ],
    [
      'a tool without a program',
      bundle('  act: {docstring: d}\n'),
      'agent.yaml:5: agent.tools.bundles[0]: there is no program bin/act in tools/a - add it, or hide the tool',
    ],
    [
      'an empty tool',
      bundle('  act:\n'),
      'tools/a/config.yaml:2: tools.act: is empty - give it a docstring and arguments',
    ],
    [
      'a signature that leaves an argument out',
      bundle(`  submit: {docstring: d, signature: act <a>, arguments: [${argument('a')}, ${argument('b')}]}\n`),
      'tools/a/config.yaml:2: tools.submit.signature: of submit leaves b out - write <b> where it belongs',
    ],
    [
      'a signature with another argument',
      bundle('  submit: {docstring: d, signature: act <a>}\n'),
      'tools/a/config.yaml:2: tools.submit.signature: of submit has <a>, which is no argument - add it to arguments',
    ],
    [
      'two arguments of a name',
      bundle(`  submit: {docstring: d, arguments: [${argument('a')}, ${argument('a')}]}\n`),
      'tools/a/config.yaml:2: tools.submit.arguments: have two of the name a - rename one of them',
    ],
    [
      'a required argument behind one that is not',
      bundle(`  submit: {docstring: d, arguments: [${argument('a', false)}, ${argument('b')}]}\n`),
      'tools/a/config.yaml:2: tools.submit.arguments: have the required b behind one that is not - put required ones first',
    ],
    [
      'an argument of an impossible name',
      bundle(`  submit: {docstring: d, arguments: [${argument('1')}]}\n`),
      'tools/a/config.yaml:2: tools.submit.arguments[0].name: is 1, which is no name of an argument - use letters, digits, "_" and "-"',
    ],
    [
      'two tools of a name',
      bundle('  bash: {docstring: d}\n'),
      'agent.yaml:4: agent.tools.bundles: have two tools of the name bash - remove or hide one of them',
    ],
  ])('%s', async (_what, files, expected) => {
    expect((await told(files)).errors).toContain(expected);
  });
  it('tells that submit asks for no review', async () => {
    const files = { ...bundle('  submit: {docstring: d}\n'), 'tools/a/bin/submit': 'echo review\n' };
    expect((await told(files)).warnings).toEqual([
      'agent.yaml:5: agent.tools.bundles[0]: tools/a: submit asks for no review - the environment hands in at once',
    ]);
  });
});
