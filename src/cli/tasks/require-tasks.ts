import { formatFault } from '../../env/packs/pack-fault.js';
import type { TaskRegistry } from '../../env/registry.js';
import { CliError } from '../cli-error.js';

/** @throws CliError with what is wrong with the packs, when they hold no sound task */
export function requireTasks(registry: Pick<TaskRegistry, 'list' | 'faults'>): void {
  if (registry.list().length > 0) return;
  const faults = registry.faults.map((fault) => `\n  ${formatFault(fault)}`);
  throw new CliError(
    `There is no task.${faults.join('')}`,
    'Name a pack that has sound tasks: --pack, or GYMSMITH_PACKS.',
  );
}
