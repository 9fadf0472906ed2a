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
  old_checkout: 'old recording: shows files, their modes, or byte code of another checkout',
  old_size_limit: 'old recording: its open showed large files by line as well',
  outside: 'shows files outside the workspace, such as packages, which another image has',
  lost_output: 'the recorder lost the output of the command, which ran all the same',
  skipped: 'was not played',
} as const;
export type Excuse = keyof typeof EXCUSES;

const LOST_OUTPUT = '\nEXECUTION FAILED OR COMMAND MALFORMED';
const TOO_LARGE = 'The file is larger than 20000 characters';
const LISTER = /^(?:ls|ll|la|l|tree|find|find_file|search_dir)$/;
/** What may stand beside a listing: its lines do not look like names of files. */
const BESIDE = /^(?:cd|pwd|edit|insert|open|goto|scroll_up|scroll_down)$/;
const NAME = /^[^\s:'"]+$/;

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
  if (isListing(commands)) return listingExcuse({ step, isOld, known }, pair);
  const files = filesOf(step);
  if (files.some((file) => known.isData(file))) return 'data';
  if (files.some((file) => known.isOutside(file))) return 'outside';
  if (isOld && files.some((file) => known.isPristine(file))) return 'old_checkout';
  return known.programsRan && files.some((file) => !known.isKnown(file)) ? 'program' : null;
}

function isListing(commands: readonly string[]): boolean {
  return commands.some((name) => LISTER.test(name)) && commands.every((name) => LISTER.test(name) || BESIDE.test(name));
}

const MODES = /^[bcdlps-][-rwxsStT]{9} /gm;

type Listing = Pick<Comparison, 'step' | 'isOld' | 'known'>;

/** A listing is excused when every entry that only one side shows is data, or nobody knows where it comes from. */
function listingExcuse(listing: Listing, pair: ObservationPair): Excuse | null {
  // Modes are those of the checkout that the old recordings were made from.
  const entries = (text: string) => (listing.isOld ? text.replace(MODES, '') : text).split('\n');
  const [before, now] = [entries(pair.recorded), entries(pair.replayed)];
  const differing = [...before.filter((line) => !now.includes(line)), ...now.filter((line) => !before.includes(line))];
  const places = filesOf(listing.step);
  const { known } = listing;
  const isNowhere = (place: string) => !known.isKnown(place) && !known.isData(place);
  if (known.programsRan && places.length > 0 && places.every(isNowhere)) return 'program';
  const reasons = new Set<Excuse | null>();
  for (const line of differing) {
    if (line !== '' && line !== 'total' && !/^Found \d+ matches for /.test(line))
      reasons.add(entryExcuse(line, places, listing));
  }
  if (differing.length === 0 && listing.isOld) return 'old_checkout';
  if (reasons.has(null)) return null;
  return (['program', 'data', 'old_checkout'] as const).find((reason) => reasons.has(reason)) ?? null;
}

function entryExcuse(line: string, places: readonly string[], { step, isOld, known }: Listing): Excuse | null {
  const [, absent] = /^ls: cannot access '(.*)': No such file or directory$/.exec(line) ?? [];
  const listed = line
    .replace(MODES, '')
    .replace(/ \(\d+ matches\)$/, '')
    .replace(/ -> .*$/, '')
    .replace(/[*/=|:@]$/, '');
  const entry = absent ?? (/^\.{0,2}$/.test(listed) ? '' : listed);
  const isPath = absent !== undefined || entry.startsWith('/') || entry.startsWith('./');
  const at = isPath ? [path.resolve(step.cwd ?? WORKSPACE, entry)] : placesOf(entry, places);
  if (at.some((file) => known.isData(file))) return 'data';
  if (isOld && /(?:^|\/)__pycache__$|\.pyc$/.test(entry)) return 'old_checkout';
  if (!NAME.test(entry) || !known.programsRan) return null;
  return known.hasName(path.basename(entry)) ? null : 'program';
}

function placesOf(entry: string, places: readonly string[]): string[] {
  return (places.length > 0 ? places : [WORKSPACE]).map((place) => path.join(place, entry));
}
