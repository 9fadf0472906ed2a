import path from 'node:path';
import { requireSampleRun } from '../../rollout/sampling/require-sample-run.js';
import { SamplePlaces } from '../../rollout/sampling/sample-places.js';
import { holdingRun } from '../../run/hold-run.js';
import type { Attempt } from '../../store/attempt.js';
import { Ledger } from '../../store/ledger.js';
import { closest } from '../../yaml/closest.js';
import { CliError } from '../cli-error.js';
import type { Output } from '../output.js';

/** Which attempts are meant. */
export interface SampleRetryFlags {
  out: string;
  task?: string[];
  code?: string[];
}

/** Gives attempts that others' faults ended their tries again. */
export async function retryAttempts({ out, task, code }: SampleRetryFlags, output: Output): Promise<void> {
  const places = new SamplePlaces(path.resolve(out));
  await requireSampleRun(places);
  await holdingRun(places.root, 'gymsmith sample status', async () => {
    const ledger = Ledger.open(places.ledger);
    try {
      const failed = [...ledger.attempts({ state: 'failed' })];
      const codes = new Map(failed.map(({ id }) => [id, ledger.tries(id).at(-1)?.code ?? 'unknown']));
      const wanted = failed.filter(
        ({ id, task: of }) =>
          (task?.some((name) => isTask(name, of)) ?? true) && (code?.includes(codes.get(id)!) ?? true),
      );
      if (wanted.length === 0) {
        refuseUnknown(
          '--task',
          task,
          failed.map((attempt) => attempt.task),
        );
        refuseUnknown('--code', code, codes.values());
        output.line(
          failed.length === 0 ? 'No attempt was given up.' : 'None of the attempts that were given up is meant.',
        );
        return;
      }
      ledger.database.transaction(() => {
        for (const { id } of wanted) ledger.reopen({ id });
      });
      for (const [name, count] of counted(wanted, codes)) output.line(`  ${count}  ${name}`);
      output.line(`next: ${output.style('accent', `gymsmith sample run --out ${out}`)}`);
    } finally {
      ledger.close();
    }
  });
}

/** A version may be left out. */
function isTask(name: string, task: string): boolean {
  return name === task || name === task.replace(/-v\d+$/, '');
}

function refuseUnknown(flag: string, names: readonly string[] | undefined, known: Iterable<string>): void {
  const all = [...new Set(known)];
  for (const name of names ?? []) {
    if (all.length === 0 || all.some((one) => isTask(name, one))) continue;
    const near = closest(name, all)[0];
    throw new CliError(
      `${flag} ${name}: no attempt with it was given up`,
      near ? `Did you mean ${near}?` : `There are: ${all.slice(0, 10).join(', ')}`,
      2,
    );
  }
}

function counted(attempts: readonly Pick<Attempt, 'id'>[], codes: ReadonlyMap<string, string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { id } of attempts) counts.set(codes.get(id)!, (counts.get(codes.get(id)!) ?? 0) + 1);
  return counts;
}
