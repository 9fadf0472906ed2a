import path from 'node:path/posix';
import type { CommandClass } from './command-class.js';
import { filesOf, type KnownFiles, WORKSPACE } from './known-files.js';
import type { ObservationPair } from './normalise.js';
import type { RecordedStep } from './recording.js';

/** Why a deterministic command is left out of the count: what its recorded observation rests on cannot be there. */
export const EXCUSES = {
  program: 'shows or needs what a program or an evaluation of the recording wrote',
  data: 'shows data that the gym does not show: hidden from the agent, or not in the pack',
  old_lint_crash: 'old recording: its lint filter crashed and let an edit pass that has errors',
  old_modes: 'old recording: shows modes of files as another checkout had them',
  old_size_limit: 'old recording: its open showed large files by line as well',
  lost_output: 'the recorder lost the output of the command, which ran all the same',
  skipped: 'was not played',
} as const;
export type Excuse = keyof typeof EXCUSES;

const LOST_OUTPUT = '\nEXECUTION FAILED OR COMMAND MALFORMED';
const TOO_LARGE = 'The file is larger than 20000 characters';
const LISTER = /^(?:ls|ll|la|l|tree|find|find_file|search_dir)$/;
const STEPPING = /^(?:cd|pwd|echo)$/;

/** What was compared, and what is known of the recording at that point. */
export interface Comparison {
  step: RecordedStep;
  kind: CommandClass;
  commands: readonly string[];
  isOld: boolean;
  known: KnownFiles;
}

/**
 * Looks for a reason why two observations had to differ.
 * @param pair after normalising
 * @returns null when there is none: then the difference is one
 */
export function excuseOf({ step, kind, commands, isOld, known }: Comparison, pair: ObservationPair): Excuse | null {
  if (step.observation === LOST_OUTPUT) return 'lost_output';
  if (isOld && kind === 'edit' && step.observation.startsWith('Traceback (most recent call last):')) {
    return 'old_lint_crash';
  }
  if (isOld && kind === 'viewer' && pair.replayed.startsWith(TOO_LARGE)) return 'old_size_limit';
  if (isListing(commands)) return isOld ? oldListingExcuse(step, known, pair) : listingExcuse(step, known, pair);
  const files = filesOf(step);
  if (files.some((file) => known.isData(file))) return 'data';
  return known.programsRan && files.some((file) => !known.isKnown(file)) ? 'program' : null;
}

function isListing(commands: readonly string[]): boolean {
  return (
    commands.some((name) => LISTER.test(name)) && commands.every((name) => LISTER.test(name) || STEPPING.test(name))
  );
}

const MODE = /^[bcdlps-][-rwxsStT]{9} /;

/** Modes are the checkout's that the old recordings were made from; the rest is judged as in any listing. */
function oldListingExcuse(step: RecordedStep, known: KnownFiles, pair: ObservationPair): Excuse | null {
  const bare = (text: string) => text.replace(new RegExp(MODE.source, 'gm'), '');
  const names = { recorded: bare(pair.recorded), replayed: bare(pair.replayed) };
  return names.recorded === names.replayed ? 'old_modes' : listingExcuse(step, known, names);
}

/** A listing is excused when every entry that only one side shows is data, or nobody knows where it comes from. */
function listingExcuse(step: RecordedStep, known: KnownFiles, { recorded, replayed }: ObservationPair): Excuse | null {
  const [before, now] = [recorded, replayed].map((text) => text.split('\n'));
  const ours = new Set(now);
  const theirs = new Set(before);
  const places = filesOf(step);
  const reasons = new Set<Excuse | null>();
  for (const line of [...(before ?? []).filter((l) => !ours.has(l)), ...(now ?? []).filter((l) => !theirs.has(l))]) {
    if (line === '' || line === 'total' || /^Found \d+ matches for /.test(line)) continue;
    reasons.add(entryExcuse(line, step, places, known));
  }
  if (reasons.size === 0 || reasons.has(null)) return null;
  return reasons.has('program') ? 'program' : 'data';
}

function entryExcuse(line: string, step: RecordedStep, places: readonly string[], known: KnownFiles): Excuse | null {
  const [, absent] = /^ls: cannot access '(.*)': No such file or directory$/.exec(line) ?? [];
  const listed = line
    .replace(MODE, '')
    .replace(/ \(\d+ matches\)$/, '')
    .replace(/(?:[*/=|:]|@| -> .*)$/, '');
  const entry = absent ?? (/^\.{0,2}$/.test(listed) ? '' : listed);
  const isPath = absent !== undefined || entry.startsWith('/') || entry.startsWith('./');
  const at = isPath ? [path.resolve(step.cwd ?? WORKSPACE, entry)] : placesOf(entry, places);
  if (at.some((file) => known.isData(file))) return 'data';
  if (entry === '' || !known.programsRan) return null;
  return known.hasName(path.basename(entry)) ? null : 'program';
}

function placesOf(entry: string, places: readonly string[]): string[] {
  return (places.length > 0 ? places : [WORKSPACE]).map((place) => path.join(place, entry));
}
