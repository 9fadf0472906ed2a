import path from 'node:path';

/** Where things lie in the directory of a run. */
export class RunPlaces {
  constructor(readonly root: string) {}

  /** The run that the directory of a candidate belongs to. */
  static ofCandidate(directory: string): RunPlaces {
    return new RunPlaces(path.dirname(path.dirname(directory)));
  }

  /** Settings, versions, when it began. */
  get manifest(): string {
    return path.join(this.root, 'run.json');
  }

  /** Accepted and rejected topics. */
  get topics(): string {
    return path.join(this.root, 'topics.json');
  }

  /** What stages take on average. */
  get spending(): string {
    return path.join(this.root, 'spending.json');
  }

  /** The prompts that the run was begun with, so that it can be taken up whatever becomes of those that ship. */
  get prompts(): string {
    return path.join(this.root, 'prompts');
  }

  /** Every question and answer: of the teacher, and of the Hub. */
  get journal(): string {
    return path.join(this.root, 'journal');
  }

  get candidates(): string {
    return path.join(this.root, 'candidates');
  }

  /** `candidate.json`, `attempts/<n>/{visible,hidden,checks}/`, `episodes/`. */
  candidate(id: string): string {
    return path.join(this.candidates, id);
  }

  /** Pack of tasks that are being tried out; empty when nobody works. */
  get drafts(): string {
    return path.join(this.root, 'drafts');
  }

  /** Published tasks, unless the settings name another pack. */
  get pack(): string {
    return path.join(this.root, 'pack');
  }

  /** Sound tasks that the teacher cannot solve. */
  get frontier(): string {
    return path.join(this.root, 'frontier');
  }

  get reportJson(): string {
    return path.join(this.root, 'report.json');
  }

  get reportHtml(): string {
    return path.join(this.root, 'report.html');
  }
}
