import { describe, expect, it } from 'vitest';
import { type Files, MLGYM, told } from './told.js';

const shell = (comment: string): Files => ({
  'agent.yaml': `${MLGYM}tools:\n  parser: ParseCommandDetailed\n  command_files:\n    - tools/a.sh\n`,
  'tools/a.sh': `${comment}act() {\n:\n}\n`,
});

describe('a command file that cannot be used is told with its place and a remedy [B1]', () => {
  it.each<[string, Files, string]>([
    [
      'a missing command file',
      { 'agent.yaml': `${MLGYM}tools:\n  command_files:\n    - tools/a.sh\n` },
      'agent.yaml:5: tools.command_files[0]: there is no tools/a.sh in <root> - write a path from the root of the checkout',
    ],
    [
      'a command file that is no text',
      { 'agent.yaml': `${MLGYM}tools: {command_files: [tools]}\n`, 'tools/x': '' },
      'agent.yaml:3: tools.command_files[0]: <root>/tools: cannot be read: EISDIR: illegal operation on a directory, read - name a text file',
    ],
    [
      'two command files of a name',
      { 'agent.yaml': `${MLGYM}tools: {command_files: [a/x.sh, b/x.sh]}\n`, 'a/x.sh': '', 'b/x.sh': '' },
      'agent.yaml:3: tools.command_files: x.sh is there twice - rename one of the files',
    ],
    [
      'a command file of an impossible name',
      { 'agent.yaml': `${MLGYM}tools: {command_files: [a b.sh]}\n`, 'a b.sh': '' },
      'agent.yaml:3: tools.command_files: a b.sh is no name for a command - use letters, digits, "_", "-" and "."',
    ],
    [
      'a command file that is huge',
      { 'agent.yaml': `${MLGYM}tools: {command_files: [a.sh]}\n`, 'a.sh': '#'.repeat(300_000) },
      'agent.yaml:3: tools.command_files: a.sh is larger than 262144 bytes - put data into files of the task',
    ],
    [
      'text that is neither shell nor program',
      { 'agent.yaml': `${MLGYM}tools: {command_files: [a.py]}\n`, 'a.py': 'x = 1\n' },
      'a.py:1: is neither a shell file nor a program - name a file of shell functions .sh; begin a program with #! and its interpreter',
    ],
    [
      'a program without documentation',
      { 'agent.yaml': `${MLGYM}tools: {command_files: [a.py]}\n`, 'a.py': '#!/usr/bin/python\n' },
      'a.py:1: has no @yaml comment - document the command, or begin the name of a file that is none with _',
    ],
    [
      'a program with two',
      {
        'agent.yaml': `${MLGYM}tools: {command_files: [a.py]}\n`,
        'a.py': '#!/bin/sh\n# @yaml\n# docstring: d\n\n# @yaml\n# docstring: e\n',
      },
      'a.py:5: is a second @yaml comment - keep one: a program is one command',
    ],
    [
      'a program with an empty one',
      { 'agent.yaml': `${MLGYM}tools: {command_files: [a.py]}\n`, 'a.py': '#!/bin/sh\n# @yaml\n#\nx\n' },
      'a.py:2: is an empty @yaml comment - document the command: docstring, arguments',
    ],
    [
      'a function with the word function',
      shell('function other() {\n:\n}\n'),
      'tools/a.sh:1: is a function whose name cannot be read - write name() { on one line, without the word function',
    ],
    [
      'a function without end',
      { ...shell(''), 'tools/a.sh': 'act() {\n:\n' },
      'tools/a.sh:1: the function act has no end - write } on a line of its own',
    ],
    [
      'a comment that is no YAML',
      shell('# what it does: this: and that\n'),
      'tools/a.sh:1: act: its comment cannot be read: Nested mappings are not allowed in compact mappings - correct the YAML',
    ],
    [
      'a comment that is prose',
      shell('# It acts.\n'),
      'tools/a.sh:1: act: its comment cannot be read: must hold a mapping, is the text "It acts." - write fields as name: value',
    ],
    [
      'documentation without its text',
      shell('# @yaml\n# signature: act\n'),
      'tools/a.sh:2: act: docstring: is missing - say in one line what the command does',
    ],
    [
      'a docstring that asks for an unknown variable',
      shell('# @yaml\n# docstring: shows {LINES} lines\n'),
      'tools/a.sh:2: act: docstring: cannot be filled in: {LINES} names nothing that can be filled in - set it in env_variables, or double braces that are meant as such',
    ],
    [
      'an argument without type',
      shell('# @yaml\n# docstring: d\n# arguments:\n#   a: {description: d, required: true}\n'),
      'tools/a.sh:4: act: arguments.a.type: is missing - write type: ...',
    ],
    [
      'an argument that is needed or not',
      shell('# @yaml\n# docstring: d\n# arguments:\n#   a: {description: d, type: t}\n'),
      'tools/a.sh:4: act: arguments.a.required: is missing - write required: true or required: false',
    ],
    [
      'an empty argument',
      shell('# @yaml\n# docstring: d\n# arguments:\n#   a:\n'),
      'tools/a.sh:4: act: arguments.a: is empty - give it a type, a description, and required: true or false',
    ],
  ])('%s', async (_what, files, expected) => {
    expect((await told(files)).errors).toContain(expected);
  });
});
