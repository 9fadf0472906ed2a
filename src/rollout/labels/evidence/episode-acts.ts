import path from 'node:path';
import type { TrajectoryFile } from '../../parse-trajectory.js';
import { type ShellCommand, shellCommands } from '../../replay/shell-commands.js';
import { type FileChange, fileChanges } from './file-changes.js';

/** What an agent did in a step, as rules about cheating look at it. */
export interface Act {
  /** Everything that the agent sent: shell text, code that it wrote. */
  text: string;
  /** The shell's part of it; what is fed to a program or written into a file is not in it. */
  commands: readonly ShellCommand[];
  changes: readonly FileChange[];
}

/** What rules look at. */
export interface EpisodeActs {
  acts: readonly Act[];
  /** Names of the numbers that the evaluator prints, as far as the file knows them. */
  metrics: readonly string[];
  /** Name of the file that is handed in; null: the file does not know. */
  submission: string | null;
}

/** SWE-agent's commands whose further lines are text, not commands. */
const WITH_TEXT = /^\s*(?:edit|insert|create|str_replace\w*)\b/;
/** Words by which those commands say that they changed nothing. */
const REFUSED = /^(?:Error|Usage): |Permission denied|read-only file|introduced new syntax error|already exists/;
const REFUSED_CHARACTERS = 500;
const HOME = '/home/agent/workspace';

export function episodeActs({ trajectory, info, gymsmith }: TrajectoryFile['trajectory']): EpisodeActs {
  const first = stateOf(trajectory[0]?.state ?? '').cwd;
  const acts = trajectory.map(({ action, state, observation }, index): Act => {
    const sent = gymsmith?.steps[index]?.sent;
    const text = sent && typeof sent === 'object' && 'command' in sent ? sent.command : action;
    const { openFile, cwd } = stateOf(state);
    const shell = WITH_TEXT.test(text) ? text.slice(0, Math.max(text.indexOf('\n'), 0) || text.length) : text;
    const commands = shellCommands(shell);
    // Agents forget which file is open: an edit that was refused is a slip.
    const isRefused = WITH_TEXT.test(text) && REFUSED.test(observation.slice(0, REFUSED_CHARACTERS));
    const place = { openFile, cwd: cwd ?? HOME, workspace: first ?? HOME };
    return { text, commands, changes: isRefused ? [] : fileChanges(text, commands, place) };
  });
  const printed = (info.score ?? []).flatMap((metrics) => Object.keys(metrics));
  const known = [gymsmith?.metric ?? [], Object.keys(gymsmith?.baseline_scores ?? {}), printed].flat();
  const submission = info.submission ? path.posix.basename(info.submission) : null;
  return { acts, metrics: [...new Set(known)], submission };
}

/** States are JSON text of a few forms; two of its strings are known to all of them. */
function stateOf(state: string): { openFile: string | null; cwd: string | null } {
  const of = (key: string) => new RegExp(`"${key}"\\s*:\\s*"([^"]*)"`).exec(state)?.[1] ?? null;
  return { openFile: of('open_file'), cwd: of('working_dir') };
}
