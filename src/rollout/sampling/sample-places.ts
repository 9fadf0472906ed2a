import path from 'node:path';

/** Where things lie in the directory of a run of sampling. */
export class SamplePlaces {
  constructor(readonly root: string) {}

  /** Settings, versions, when it began. */
  get manifest(): string {
    return path.join(this.root, 'run.json');
  }

  /** Attempts, tries, outcomes, sessions. */
  get ledger(): string {
    return path.join(this.root, 'ledger.sqlite');
  }

  /** What filters may ask of trajectories, once they were labelled; may be removed at any time. */
  get labels(): string {
    return path.join(this.root, 'labels.sqlite');
  }

  get trajectories(): string {
    return path.join(this.root, 'trajectories');
  }

  /** @param attempt id of the attempt: `<task>/<model>/<number>` */
  trajectory(attempt: string): string {
    return path.join(this.trajectories, `${attempt}.traj`);
  }

  get reportJson(): string {
    return path.join(this.root, 'report.json');
  }

  get reportHtml(): string {
    return path.join(this.root, 'report.html');
  }

  /** Plots of the report, each a file that stands alone. */
  get plots(): string {
    return path.join(this.root, 'plots');
  }
}
