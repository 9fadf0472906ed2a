import type { DatasetManifest } from '../manifest.js';

/** @returns what a dataset is called where nobody called it otherwise */
export function cardTitle({ settings, tasks }: DatasetManifest): string {
  const kept = tasks.filter((task) => task.kept > 0).length;
  return settings.card.title ?? `Agent trajectories of ${kept} machine-learning research task${kept === 1 ? '' : 's'}`;
}
