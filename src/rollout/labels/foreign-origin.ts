import path from 'node:path';

/** What MLGym calls the directory of a run: model, task, agent, then numbers, between double underscores. */
const MLGYM_RUN = /^(?<model>.+?)__(?<task>.+?)__(?<agent>.+?)__t-/;

/** What the names of a file and its directory say of an episode when the file itself does not. */
export interface ForeignOrigin {
  task: string;
  model: string;
  agent: string;
}

/** MLGym and SWE-agent name files by their tasks; only MLGym's directories say who played. */
export function foreignOrigin(file: string): ForeignOrigin {
  const run = MLGYM_RUN.exec(path.basename(path.dirname(file)))?.groups;
  const task = path.basename(file).replace(/\.traj$/, '');
  return { task: run?.task ?? task, model: run?.model ?? '', agent: run?.agent ?? '' };
}
