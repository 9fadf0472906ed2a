import path from 'node:path';
import { formatFault, type PackFault } from '../../env/packs/pack-fault.js';
import type { Output } from '../output.js';

/** Prints every fault once, by the path that an editor opens from here. */
export function printFaults(faults: readonly PackFault[], output: Output): void {
  const lines = new Set<string>();
  for (const fault of faults) {
    const absolute = path.join(fault.packRoot, fault.file);
    const relative = path.relative(process.cwd(), absolute);
    const file = relative.startsWith('..') ? absolute : relative;
    const style = fault.severity === 'error' ? 'bad' : 'warn';
    lines.add(`${output.style(style, fault.severity.padEnd(7))}  ${formatFault({ ...fault, file })}`);
  }
  for (const line of lines) output.line(line);
}
