import path from 'node:path';

/** Where the parts of a training lie. */
export class TrainPlaces {
  readonly root: string;
  readonly settings: string;
  /** What the recipe is told. */
  readonly recipe: string;
  readonly metrics: string;
  readonly checkpoints: string;
  /** What libraries say. */
  readonly log: string;
  /** A file that asks the recipe to save a checkpoint and end. */
  readonly stop: string;
  readonly curve: string;
  readonly reportJson: string;
  readonly reportHtml: string;

  constructor(directory: string) {
    this.root = path.resolve(directory);
    const at = (name: string) => path.join(this.root, name);
    this.settings = at('settings.json');
    this.recipe = at('.recipe.json');
    this.metrics = at('metrics.jsonl');
    this.checkpoints = at('checkpoints');
    this.log = at('train.log');
    this.stop = at('.stop');
    this.curve = at('loss.svg');
    this.reportJson = at('report.json');
    this.reportHtml = at('report.html');
  }
}
