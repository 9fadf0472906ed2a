import { posix } from 'node:path';
import { WORKSPACE } from '../../sandbox/sandbox.js';
import { hubNeeds } from '../supplies/hub/hub-need.js';
import type { Task } from '../task.js';
import { submissionRule } from './submission.js';

/** Their entries lead to other places, by links that are not seen in the path. */
const LEADING_ELSEWHERE = /^\/(?:proc|sys|dev)(?:\/|$)/;

/** Whether two paths cannot both be files: they are the same, or one would be a directory. */
export function collides(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

/**
 * Paths of the evaluator's side, which no submission replaces: files of the task, and names by which libraries load from the Hub what
 * they do not find as a directory.
 */
export function protectedPaths(task: Task): string[] {
  const { accepts } = submissionRule(task);
  const starters = task.starterFiles.map((file) => file.path).filter((path) => !accepts(path));
  const loaded = hubNeeds(task).flatMap(({ repo, aliases }) => [repo, ...aliases]);
  return [...starters, task.evaluationPath, ...task.hiddenFiles.map((file) => file.path), 'data', ...loaded];
}

/**
 * Where a sealed evaluation in the words of MLGym begins: where the agent stands. What a script looks for by a relative path it then
 * does not find; it must not find there, in its place, what the agent submitted.
 * @param cwd of the agent, as its shell tells it
 * @param submitted paths below the workspace
 */
export function evaluationDirectory(task: Task, cwd: string, submitted: readonly string[]): string {
  const place = posix.normalize(cwd);
  if (!posix.isAbsolute(place) || LEADING_ELSEWHERE.test(place)) return '/';
  const below = posix.relative(WORKSPACE, place);
  if (below === '' || below.startsWith('..')) return place;
  const guarded = protectedPaths(task);
  const there = submitted.filter((path) => path.startsWith(`${below}/`)).map((path) => path.slice(below.length + 1));
  return there.some((path) => guarded.some((other) => collides(path, other))) ? WORKSPACE : place;
}
