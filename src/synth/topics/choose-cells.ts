import { createHash } from 'node:crypto';
import type { Topic } from '../candidate.js';
import { AREAS, AXES, CONSTRAINTS } from './axes.js';
import { words } from './text-features.js';
import type { Cell } from './topics-file.js';

function order(seed: number, name: string): string {
  return createHash('sha256').update(`${seed}/${name}`).digest('hex');
}

/** How often something was taken; names are compared by their words. */
class Uses {
  private readonly counts = new Map<string, number>();

  of(...names: readonly string[]): number {
    return this.counts.get(this.key(names)) ?? 0;
  }

  add(...names: readonly string[]): void {
    this.counts.set(this.key(names), this.of(...names) + 1);
  }

  private key(names: readonly string[]): string {
    return names.map((name) => words(name).join(' ')).join('/');
  }
}

/**
 * Chooses the places of the grid that are asked for next: the areas with the fewest topics, and in each the modality, the problem and
 * the constraint that were taken least.
 * @param seed decides between equally rare ones
 */
export function chooseCells(accepted: readonly Topic[], count: number, seed: number): Cell[] {
  const uses = new Uses();
  const take = (cell: Cell): void => {
    for (const axis of AXES) uses.add(axis, cell[axis]);
    for (const axis of AXES) uses.add(cell.area, axis, cell[axis]);
  };
  const rarest = (names: readonly string[], ...ranks: ((name: string) => number)[]): string =>
    names
      .map((name) => ({ name, ranks: ranks.map((rank) => rank(name)), tie: order(seed, name) }))
      .sort((a, b) => {
        const decisive = a.ranks.findIndex((rank, at) => rank !== b.ranks[at]);
        return decisive < 0 ? (a.tie < b.tie ? -1 : 1) : a.ranks[decisive]! - b.ranks[decisive]!;
      })[0]!.name;
  for (const topic of accepted) take(topic);
  return Array.from({ length: count }, () => {
    const area = rarest(Object.keys(AREAS), (name) => uses.of('area', name));
    const within = (axis: string) => (name: string) => uses.of(area, axis, name);
    const cell: Cell = {
      area,
      modality: rarest(AREAS[area]!.modalities, within('modality'), (name) => uses.of('modality', name)),
      problem: rarest(AREAS[area]!.problems, within('problem'), (name) => uses.of('problem', name)),
      constraint: rarest(CONSTRAINTS, (name) => uses.of('constraint', name), within('constraint')),
    };
    take(cell);
    return cell;
  });
}
