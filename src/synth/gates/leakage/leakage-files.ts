import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DraftFile, TaskDraft } from '../../../env/packs/task-draft.js';
import { REPOSITORY_DIRECTORY } from '../../from-repo/repository.js';
import { TaskFault } from '../../verification/task-fault.js';
import type { TrialGate } from '../../verification/trial-subject.js';
import { answersOf } from '../tables/answers.js';
import { judgeDerivable } from './derivable-labels.js';
import { LabelTraces } from './label-traces.js';
import { overlapOf } from './train-test-overlap.js';

/** Larger files are data that no teacher wrote, and take long to search. */
const MAX_SEARCHED_BYTES = 2 ** 20;
/** A hidden file shorter than this tells nothing, and may be found anywhere. */
const TELLING_CHARACTERS = 64;
const SNIPPETS = 40;
const SNIPPET_CHARACTERS = 48;
/** Of the snippets of a hidden file, how many in visible files make a copy. */
const COPIED_SHARE = 0.8;
/** No person writes so long a text without a space; numbers of a table have separators. */
const OPAQUE = /["'`][A-Za-z0-9+/=_-]{512,}["'`]/;
/** Made by grounding: labels of other rows, no labels, one label for all rows. */
const OF_GROUNDING = new Set(['data/train.csv', 'data/test.csv', 'sample_submission.csv']);
/** Share of the test rows whose inputs may be those of a training row too. */
const MAX_TEST_IN_TRAIN = 0.05;

interface Text {
  path: string;
  text: string;
}

/**
 * The part of G5 that needs no sandbox: hidden contents in visible files, programs of the agent that name hidden files, answers that
 * follow from the test table, test rows among the training rows.
 */
export const leakageFilesGate: TrialGate = {
  name: 'leakage',
  async judge({ candidate, draft }) {
    const visible = await textsOf(draft, false);
    const hidden = await textsOf(draft, true);
    judgeNames(visible, draft.sidecar.hidden_files ?? []);
    judgeCopies(visible, hidden);
    const answers = await answersOf(candidate);
    if (answers === null) return { verdict: 'pass', detail: 'no visible file holds what is hidden' };
    const traces = new LabelTraces(answers.ids, answers.values);
    for (const { path: name, text } of visible) {
      const trace = OF_GROUNDING.has(name) ? null : traces.find(text);
      if (trace) throw new TaskFault('labels_reachable', `${name} holds ${trace.length} answers ${trace.how}`);
    }
    await judgeDerivable(candidate, answers);
    const { share, rows } = await overlapOf(candidate);
    const measured = { test_in_train_share: share, test_in_train_rows: rows };
    if (share > MAX_TEST_IN_TRAIN) {
      const percent = `${(100 * share).toFixed(1)} %`;
      const detail = `${percent} of the test rows (${rows}) have the inputs of a training row; ${100 * MAX_TEST_IN_TRAIN} % are the most`;
      throw new TaskFault('test_in_train', detail, null, measured);
    }
    return { verdict: 'pass', detail: 'no visible file gives answers away', measured };
  },
};

/** Files that fit into memory and are text. @param isHidden those of the evaluator, else those that the agent sees */
async function textsOf(draft: TaskDraft, isHidden: boolean): Promise<Text[]> {
  const hidden = new Set(draft.sidecar.hidden_files ?? []);
  const data = draft.datasets.flatMap(({ files }) =>
    (files ?? []).map((file) => ({ ...file, path: `data/${file.path}` })),
  );
  const texts: Text[] = [];
  for (const file of [...draft.files, ...data]) {
    if (hidden.has(file.path) !== isHidden) continue;
    const contents = await contentsOf(file);
    if (contents !== null && !contents.includes(0)) texts.push({ path: file.path, text: contents.toString('utf8') });
  }
  return texts;
}

async function contentsOf(file: DraftFile): Promise<Buffer | null> {
  if ('contents' in file) return Buffer.from(file.contents as Uint8Array);
  if ((await stat(file.hostPath)).size > MAX_SEARCHED_BYTES) return null;
  return readFile(file.hostPath);
}

/** What `baseline.py` imports of the workspace, itself included; evaluators read hidden files, and may have modules for it. */
function programsOfAgent(visible: readonly Text[]): Text[] {
  const byPath = new Map(visible.map((file) => [file.path, file]));
  const found = new Set<Text>();
  const waiting = ['baseline.py'];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const file = byPath.get(name);
    if (!file || found.has(file)) continue;
    found.add(file);
    for (const [, from, names] of file.text.matchAll(
      /^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([\w., \t]+))/gm,
    )) {
      for (const module of (from ?? names ?? '').split(',')) {
        const stem = (module.trim().split(/\s/)[0] ?? '').replaceAll('.', '/');
        waiting.push(`${stem}.py`, `${stem}/__init__.py`);
      }
    }
  }
  return [...found];
}

function judgeNames(visible: readonly Text[], hidden: readonly string[]): void {
  for (const { path: name, text } of programsOfAgent(visible)) {
    for (const file of hidden) {
      const base = path.posix.basename(file);
      // A visible file of that name may be read.
      const isShared = visible.some((one) => path.posix.basename(one.path) === base);
      const escaped = (isShared ? file : base).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const literal = new RegExp(`(["'])(?:(?!\\1)[^\\n])*\\b${escaped}\\1`);
      const line = text.split('\n').find((one) => literal.test(one.replace(/^\s*#.*/, '')));
      if (line === undefined) continue;
      const evidence = { command: null, exit_status: null, log_tail: `${name}: ${line.trim()}` };
      throw new TaskFault('labels_reachable', `${name} reads ${file}, which only the evaluator may`, evidence);
    }
  }
}

function judgeCopies(visible: readonly Text[], hidden: readonly Text[]): void {
  for (const { path: name, text } of visible) {
    // A code base holds what it holds; nobody wrote it for this task.
    const isGiven = name.startsWith(`${REPOSITORY_DIRECTORY}/`);
    if (!isGiven && name.endsWith('.py') && OPAQUE.test(text)) {
      throw new TaskFault('labels_reachable', `${name} holds a text of 512 characters or more that nobody can read`);
    }
  }
  const plain = visible.map((file) => ({ path: file.path, text: squeezed(file.text) }));
  for (const secret of hidden) {
    // A program of the evaluator may share its words with one of the agent.
    if (secret.path.endsWith('.py')) continue;
    const text = squeezed(secret.text);
    if (text.length < TELLING_CHARACTERS) continue;
    const step = Math.max(1, Math.floor((text.length - SNIPPET_CHARACTERS) / SNIPPETS));
    const snippets = new Set<string>();
    for (let at = 0; at + SNIPPET_CHARACTERS <= text.length; at += step) {
      const snippet = text.slice(at, at + SNIPPET_CHARACTERS);
      // A row of zeros is everywhere.
      if (new Set(snippet).size > 4) snippets.add(snippet);
    }
    for (const file of plain) {
      const found = [...snippets].filter((snippet) => file.text.includes(snippet)).length;
      if (snippets.size > 0 && found > COPIED_SHARE * snippets.size) {
        throw new TaskFault('labels_reachable', `${file.path} holds what is hidden in ${secret.path}`);
      }
    }
  }
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, '');
}
