import path from 'node:path';
import { reloadTasks } from '../../client/index.js';
import { readConfig } from '../../config.js';
import { PackError } from '../../env/packs/pack-error.js';
import { storing } from '../../files/storage-fault.js';
import { log } from '../../log.js';
import type { Candidate } from '../candidate.js';
import { draftOfCandidate } from '../generation/draft-of-candidate.js';
import { FRONTIER_REASONS } from '../reasons.js';
import { RunPlaces } from '../run/run-places.js';
import { rejected, type Stage, type StageContext } from '../stage.js';
import { provenanceOf, verdictsOf } from './provenance.js';
import { publishTask } from './publish-task.js';
import { fingerprintOf, taskNames } from './task-name.js';

/** A server that takes longer reads the pack all the same. */
const RELOAD_TIMEOUT_MS = 60_000;

/** A server that cannot be told serves the task later: that is no fault of the candidate. */
async function tellServer(address: string, context: StageContext): Promise<void> {
  context.tell('has the server read its pack');
  const { signal } = context;
  try {
    await reloadTasks(address, { token: readConfig().token, timeoutMs: RELOAD_TIMEOUT_MS, signal });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    context.tell(`the server was not told: ${reason}`);
    log.warn({ reason }, 'a server could not be told of a new task');
  }
}

/**
 * Writes the task of a candidate into the pack of the run, or that of the settings, with its baseline, the verdicts of the gates and where
 * it comes from; a task that its teacher cannot solve (`reason` says so) goes to `frontier`. Then a running server is told, where the
 * settings name one. A task that would not load is rejected. Rejects with PackError when the pack cannot take it, and StorageFault when
 * the disk does not.
 */
export const publishingStage: Stage = {
  name: 'publishing',
  async run(candidate, context) {
    const attempt = candidate.attempts.at(-1);
    if (!attempt || attempt.verdict === 'failed') throw new Error(`${candidate.id} has no sound attempt to publish`);
    const { settings, directory } = context;
    const places = RunPlaces.ofCandidate(directory);
    const isFrontier = candidate.reason !== null && FRONTIER_REASONS.includes(candidate.reason);
    const pack = settings.publish.pack === null ? places.pack : path.resolve(settings.publish.pack);
    const fingerprint = await fingerprintOf(candidate, attempt.number, directory);
    context.tell('writes the task into its pack');
    const provenance = await provenanceOf(candidate, context, fingerprint);
    const { namespace } = settings.publish;
    const draftOf = (id: string) =>
      draftOfCandidate(candidate, attempt.number, context, {
        id,
        namespace,
        version: 1,
        baseline: baselineOf(candidate),
        provenance,
        gates: verdictsOf(candidate, context),
      });
    let name: string;
    try {
      const names = taskNames(candidate, fingerprint);
      const root = isFrontier ? places.frontier : pack;
      name = await storing(root, () => publishTask(root, names, fingerprint, draftOf));
    } catch (error) {
      if (!(error instanceof PackError) || error.faults.length === 0) throw error;
      return rejected(candidate, 'task_malformed', error.message);
    }
    if (!isFrontier && settings.publish.reload !== null) await tellServer(settings.publish.reload, context);
    return { ...candidate, state: isFrontier ? 'frontier' : 'published', env_id: `${namespace}/${name}-v1` };
  },
};

function baselineOf({ baseline }: Candidate): { score: number; std: number; runs: number } | null {
  return baseline && { score: baseline.mean, std: baseline.std, runs: baseline.scores.length };
}
