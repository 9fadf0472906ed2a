import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomically } from '../../files/write-atomically.js';
import { SOFTWARE } from '../../protocol/index.js';
import { holdingRun } from '../../run/hold-run.js';
import { RunError } from '../../run/run-error.js';
import { type SettingsChange, settingsChanges } from '../../run/settings-changes.js';
import type { SynthSettings } from '../settings.js';
import { CandidateStore } from './candidate-store.js';
import { mayChange } from './may-change.js';
import { ablationsOf, RunManifest } from './run-manifest.js';
import { RunPlaces } from './run-places.js';

/** Shows how far another process is. */
export const STATUS = 'gymsmith synth status';

/** What a run is begun or taken up with. */
export interface RunOptions {
  settings: SynthSettings;
  /** Versions of the prompts by name. */
  prompts: Readonly<Record<string, string>>;
  /** Directory of the run whose answers are played again. */
  replayOf?: string | null;
}

/** A run's directory while this process has it. */
export interface OpenRun {
  places: RunPlaces;
  manifest: RunManifest;
  store: CandidateStore;
  /** Whether an earlier process began it. */
  isResumed: boolean;
}

/**
 * Begins a run, or takes one up, and holds its directory while the work is done; a process that is killed holds nothing.
 * @param directory of the run; made when it is missing
 * @throws RunError when another process has it, when it holds something else, or when settings changed that decide what comes of it
 */
export async function withRun<T>(
  directory: string,
  options: RunOptions,
  work: (run: OpenRun) => Promise<T>,
): Promise<T> {
  const places = new RunPlaces(path.resolve(directory));
  return holdingRun(places.root, STATUS, async () => {
    const known = await readManifest(places);
    if (known === null) await refuseForeign(places);
    const manifest = known === null ? newManifest(options) : takenUp(known, options, places);
    await mkdir(places.candidates, { recursive: true });
    await writeAtomically(places.manifest, [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
    return work({ places, manifest, store: new CandidateStore(places), isResumed: known !== null });
  });
}

/** @returns null where no run was begun @throws RunError when the file is damaged or of another version */
export async function readManifest(places: RunPlaces): Promise<RunManifest | null> {
  let text: string;
  try {
    text = await readFile(places.manifest, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
  const remedy = 'Put the file back from a copy, or begin a run elsewhere with --out.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RunError(`${places.manifest} is damaged: ${(error as Error).message}`, remedy, { cause: error });
  }
  const parsed = RunManifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const what = `${issue?.path.join('.') || 'the file'}: ${issue?.message}`;
  throw new RunError(`${places.manifest} is no run of this version: ${what}`, remedy);
}

function newManifest({ settings, prompts, replayOf = null }: RunOptions): RunManifest {
  return {
    version: 1,
    software: `${SOFTWARE.name} ${SOFTWARE.version}`,
    created_at: new Date().toISOString(),
    settings,
    prompts: { ...prompts },
    replay_of: replayOf,
    ablations: ablationsOf(settings),
  };
}

function takenUp(known: RunManifest, options: RunOptions, places: RunPlaces): RunManifest {
  const { settings, prompts, replayOf = null } = options;
  const refused = settingsChanges(known.settings, settings).filter((change) => !mayChange(change));
  for (const name of new Set([...Object.keys(known.prompts), ...Object.keys(prompts)])) {
    const [was, is] = [known.prompts[name], prompts[name]];
    if (was !== is) refused.push({ path: `the prompt ${name}`, was, is });
  }
  if (replayOf !== known.replay_of)
    refused.push({ path: 'the run that is replayed', was: known.replay_of, is: replayOf });
  if (refused.length > 0) {
    throw new RunError(
      `${places.root} was begun with other settings:\n${refused.map(changeLine).join('\n')}`,
      'Go on with the settings of then, or begin another run with --out. Budgets and concurrency may change, and topics become more.',
    );
  }
  return { ...known, settings };
}

function changeLine({ path: where, was, is }: SettingsChange): string {
  return `  ${where}: was ${shown(was)}, is ${shown(is)}`;
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 200);
}

async function refuseForeign({ root }: RunPlaces): Promise<void> {
  const others = (await readdir(root)).filter((name) => name !== '.lock');
  if (others.length === 0) return;
  throw new RunError(
    `${root} is no run: it holds ${others.slice(0, 3).join(', ')} and no run.json.`,
    'Name an empty or new directory with --out.',
  );
}
