import path from 'node:path';
import { PROJECT_ROOT } from '../../config.js';
import type { DraftFile } from '../../env/packs/task-draft.js';
import type { Proposal } from '../candidate.js';
import { repositoryModule, repositoryRunner } from '../from-repo/repository-runner.js';

const REFEREE = path.join(PROJECT_ROOT, 'packs', 'reference', 'data', 'common', 'referee.py');

/** Python module that the first file of a program task is; null where it is none. */
export function submissionModule({ submission }: Proposal): string | null {
  const [first] = submission.files;
  if (submission.kind !== 'program' || first === undefined || !first.endsWith('.py')) return null;
  const name = first.slice(0, -'.py'.length).replaceAll('/', '.');
  return /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(name) ? name : null;
}

function runner(module: string): string {
  return `"""Calls functions of the submission: a question is a line of JSON, [name, arguments], its answer a line of what was returned.

Says first that it is ready. What the submission prints goes to standard error.
"""
import importlib
import json
import os
import sys

answers = os.fdopen(os.dup(1), 'w', buffering=1)
os.dup2(2, 1)
questions = sys.stdin
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
submission = importlib.import_module('${module}')
answers.write('ready\\n')
for line in questions:
    name, arguments = json.loads(line)
    answer = getattr(submission, name)(*arguments)
    answers.write(json.dumps(answer, default=lambda value: value.tolist()) + '\\n')
`;
}

/** Whether an evaluator runs what was handed in through the referee: as another user, away from hidden files. */
function usesReferee(evaluator: string): boolean {
  return /^\s*(?:from\s+referee\s+import|import\s+referee)\b/m.test(evaluator);
}

/**
 * Files of ours that an evaluator asks for: `referee.py`, and `runner.py` of the submission.
 * @param evaluator text of `evaluate.py`
 */
export function supportFiles(proposal: Proposal, evaluator: string): DraftFile[] {
  if (!usesReferee(evaluator)) return [];
  const ofRepository = repositoryModule(proposal.submission.files[0] ?? '');
  const module = ofRepository ?? submissionModule(proposal);
  const isRunner = module !== null && /\brunner\.py\b/.test(evaluator);
  return [
    { path: 'referee.py', hostPath: REFEREE },
    ...(isRunner
      ? [{ path: 'runner.py', contents: ofRepository ? repositoryRunner(ofRepository) : runner(module) }]
      : []),
  ];
}
