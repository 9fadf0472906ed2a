import type { Part } from '../../../page/charts.js';
import type { GroupSums } from '../index/group-sums.js';

/** Where attempts stand, as parts of a chart: all of them together are all attempts. */
export function attemptParts({ valid, done, failed, running, open }: Omit<GroupSums, 'spent'>): Part[] {
  return [
    { label: 'valid', kind: 'good', value: valid },
    { label: 'played, without a valid submission', kind: 'bad', value: done - valid },
    { label: "given up for others' faults", kind: 'kept', value: failed },
    { label: 'being played', kind: 'plain', value: running },
    { label: 'open', kind: 'open', value: open },
  ];
}
