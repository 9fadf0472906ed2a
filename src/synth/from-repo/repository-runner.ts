import { REPOSITORY_DIRECTORY } from './repository.js';

/** @returns the module that a file of the repository is, as its own code imports it; null when it is none */
export function repositoryModule(file: string): string | null {
  const inside = file.startsWith(`${REPOSITORY_DIRECTORY}/`) ? file.slice(REPOSITORY_DIRECTORY.length + 1) : null;
  if (!inside?.endsWith('.py')) return null;
  const name = inside
    .replace(/^src\//, '')
    .replace(/(?:\/__init__)?\.py$/, '')
    .replaceAll('/', '.');
  return /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(name) ? name : null;
}

/** `runner.py` of a task from a code base: calls functions of the repository, in a process of its own, for the evaluator. */
export function repositoryRunner(module: string): string {
  return `"""Calls functions of the repository: a question is a line of JSON, [name, arguments], its answer a line of what was returned.

A name is "function" for one of ${module}, or "package.module:function". Says first that it is ready. What the code prints
goes to standard error.
"""
import importlib
import json
import os
import sys

workspace = os.path.dirname(os.path.abspath(__file__))
answers = os.fdopen(os.dup(1), 'w', buffering=1)
os.dup2(2, 1)
questions = sys.stdin
repository = os.path.join(workspace, '${REPOSITORY_DIRECTORY}')
sys.path[:1] = [place for place in (repository, os.path.join(repository, 'src')) if os.path.isdir(place)]
os.chdir(repository)
importlib.import_module('${module}')
answers.write('ready\\n')
for line in questions:
    name, arguments = json.loads(line)
    module, _, function = name.rpartition(':')
    answer = getattr(importlib.import_module(module or '${module}'), function)(*arguments)
    answers.write(json.dumps(answer, default=lambda value: value.tolist()) + '\\n')
`;
}
