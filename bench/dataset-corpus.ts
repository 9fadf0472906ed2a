import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Chance } from './dataset-chance.js';

/** Larger files are data. */
const MOST_BYTES = 60_000;
/** Sources that name marks of chat templates, which no agent's files do. */
const MARKS = /rollout\/(?:dataset|labels)/;

/** Texts like those that agents read and write: code, documentation and logs, from this repository and made up. */
export class Corpus {
  readonly #code: string[];
  readonly #prose: string[];

  /** Reads the repository that the working directory is in. */
  constructor() {
    const files = execFileSync('git', ['ls-files'], { encoding: 'utf8', maxBuffer: 2 ** 24 }).split('\n');
    const linesOf = (pattern: RegExp) =>
      files.filter((file) => pattern.test(file) && !MARKS.test(file)).flatMap((file) => contents(file).split('\n'));
    this.#code = linesOf(/^(?:src|packs|docker|examples|test\/python)\/.*\.(?:py|ts|sh)$/);
    this.#prose = linesOf(/\.md$/).filter((line) => /^[A-Z][^|`]{20,}$/.test(line));
  }

  /** Lines of a file with their numbers, as an opened file shows them. */
  window(chance: Chance, characters: number): string {
    const first = 1 + chance.below(900);
    let shown = `[File: /home/agent/workspace/src/part_${chance.below(40)}.py (${first + 200} lines total)]\n`;
    for (const [at, line] of this.#from(this.#code, chance, characters).entries()) shown += `${first + at}:${line}\n`;
    return shown;
  }

  code(chance: Chance, characters: number): string {
    return this.#from(this.#code, chance, characters).join('\n');
  }

  prose(chance: Chance, characters: number): string {
    return this.#from(this.#prose, chance, characters).join(' ');
  }

  /** What a training prints. */
  log(chance: Chance, characters: number): string {
    let text = '';
    for (let epoch = chance.below(5); text.length < characters; epoch++) {
      const [loss, accuracy] = [(2 * chance.next()).toFixed(4), chance.next().toFixed(4)];
      text += `Epoch ${epoch}/200  loss: ${loss}  val_acc: ${accuracy}  lr: ${(1e-3 * chance.next()).toExponential(2)}\n`;
      if (chance.next() < 0.2) {
        text += `100%|██████████| ${1000 + chance.below(999)}/1999 [00:${10 + chance.below(49)}<00:00, ${(90 * chance.next()).toFixed(2)}it/s]\n`;
      }
      if (chance.next() < 0.03) text += `${this.#from(this.#prose, chance, 200).join('\n')}\n`;
    }
    return text.slice(0, characters);
  }

  #from(lines: readonly string[], chance: Chance, characters: number): string[] {
    const taken: string[] = [];
    for (let length = 0; length < characters; ) {
      // Runs of lines, as files have them, and never the same run for long.
      const begin = chance.below(lines.length);
      for (let at = begin; at < Math.min(begin + 40, lines.length) && length < characters; at++) {
        taken.push(lines[at]!);
        length += lines[at]!.length + 1;
      }
    }
    return taken;
  }
}

function contents(file: string): string {
  const text = readFileSync(file, 'utf8');
  return text.length > MOST_BYTES ? '' : text;
}
