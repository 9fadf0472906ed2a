/** One command of a shell text: its words without quotes, and the files that its output is sent to. */
export interface ShellCommand {
  words: readonly string[];
  writes: readonly string[];
}

/** Words that may stand where a command is expected and are none. */
const KEYWORDS = new Set(['if', 'then', 'elif', 'else', 'fi', 'while', 'until', 'do', 'done', '!', '{', '}', 'time']);
const MOST_DEPTH = 8;

class Scanner {
  readonly commands: ShellCommand[] = [];
  #at = 0;
  #words: string[] = [];
  #writes: string[] = [];
  #word: string | null = null;
  /** What the next word is to a redirection. */
  #redirect: 'write' | 'read' | 'here' | null = null;
  #hereEnds: string[] = [];

  constructor(
    private readonly text: string,
    private readonly depth: number,
  ) {}

  run(): ShellCommand[] {
    while (this.#at < this.text.length) this.#step();
    this.#endCommand();
    return this.commands;
  }

  #step(): void {
    const { text } = this;
    const char = text[this.#at] ?? '';
    const next = text[this.#at + 1] ?? '';
    if (char === '\\' && next === '\n') this.#at += 2;
    else if (char === '\\') this.#add(next, 2);
    else if (char === "'") this.#quoted(text.indexOf("'", this.#at + 1));
    else if (char === '"') this.#doubleQuoted();
    else if (char === '$' && next === '(') this.#substitution(this.#at + 2, closing(text, this.#at + 2));
    else if (char === '`') this.#substitution(this.#at + 1, text.indexOf('`', this.#at + 1));
    else if (char === '#' && this.#word === null) this.#skipTo(text.indexOf('\n', this.#at));
    else if (char === '\n') this.#newline();
    else if (char === ' ' || char === '\t') this.#endWord(1);
    else if (char === '>' || char === '<') this.#redirection(char);
    else if (char === '&' && next === '>') this.#endWord(1);
    else if (';|&()'.includes(char)) {
      this.#endCommand();
      this.#at++;
    } else this.#add(char, 1);
  }

  #add(part: string, length: number): void {
    this.#word = (this.#word ?? '') + part;
    this.#at += length;
  }

  #quoted(end: number): void {
    const stop = end < 0 ? this.text.length : end;
    this.#add(this.text.slice(this.#at + 1, stop), stop + 1 - this.#at);
  }

  #doubleQuoted(): void {
    const { text } = this;
    let part = '';
    let at = this.#at + 1;
    while (at < text.length && text[at] !== '"') {
      const from = at;
      if (text[at] === '\\') at++;
      const opened = text.startsWith('$(', at) ? 2 : text[at] === '`' && from === at ? 1 : 0;
      if (opened > 0 && from === at) {
        const end = opened === 2 ? closing(text, at + 2) : text.indexOf('`', at + 1);
        this.#inner(at + opened, end);
        at = end < 0 ? text.length : end;
        part += text.slice(from, at + 1);
      } else part += text[at] ?? '';
      at++;
    }
    this.#add(part, at + 1 - this.#at);
  }

  #substitution(from: number, end: number): void {
    this.#inner(from, end);
    const stop = end < 0 ? this.text.length : end + 1;
    this.#add(this.text.slice(this.#at, stop), stop - this.#at);
  }

  #inner(from: number, end: number): void {
    if (this.depth >= MOST_DEPTH) return;
    const inner = this.text.slice(from, end < 0 ? undefined : end);
    this.commands.push(...new Scanner(inner, this.depth + 1).run());
  }

  #skipTo(at: number): void {
    this.#at = at < 0 ? this.text.length : at;
  }

  #redirection(char: string): void {
    // A number before it is a file descriptor, no word.
    if (/^\d+$/.test(this.#word ?? '')) this.#word = null;
    this.#endWord(0);
    const [sign = char] = /^(?:<<<|<<-?|>>|>\||[<>]&|[<>])/.exec(this.text.slice(this.#at, this.#at + 3)) ?? [];
    this.#at += sign.length;
    if (sign.endsWith('&')) this.#redirect = 'read';
    else if (sign.startsWith('>')) this.#redirect = 'write';
    else this.#redirect = sign === '<<' || sign === '<<-' ? 'here' : 'read';
  }

  #endWord(length: number): void {
    this.#at += length;
    if (this.#word === null) return;
    if (this.#redirect === null) this.#words.push(this.#word);
    else if (this.#redirect === 'write') this.#writes.push(this.#word);
    else if (this.#redirect === 'here') this.#hereEnds.push(this.#word);
    this.#redirect = null;
    this.#word = null;
  }

  #endCommand(): void {
    this.#endWord(0);
    let first = 0;
    while (KEYWORDS.has(this.#words[first] ?? '') || /^\w+=/.test(this.#words[first] ?? '')) first++;
    const words = this.#words.slice(first);
    if (words.length > 0 || this.#writes.length > 0) this.commands.push({ words, writes: this.#writes });
    this.#words = [];
    this.#writes = [];
  }

  #newline(): void {
    this.#endCommand();
    this.#at++;
    for (const end of this.#hereEnds.splice(0)) {
      for (let isOpen = true; isOpen && this.#at < this.text.length; ) {
        const stop = this.text.indexOf('\n', this.#at);
        const line = this.text.slice(this.#at, stop < 0 ? undefined : stop);
        this.#skipTo(stop < 0 ? -1 : stop + 1);
        isOpen = line.trim() !== end;
      }
    }
  }
}

/** Where the parenthesis that was opened before `from` is closed; -1 when it is not. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at;
  }
  return -1;
}

/**
 * Takes a shell text apart, as far as telling its commands apart needs it. Text below `edit` and `insert` up to their end words is no
 * command; commands inside substitutions come before the one that uses them.
 */
export function shellCommands(text: string): ShellCommand[] {
  return new Scanner(withoutBodies(text), 0).run();
}

function withoutBodies(text: string): string {
  const lines = text.split('\n');
  const kept: string[] = [];
  // The next line with each end word; a text may begin as often as it has lines, and never end.
  const ends = new Map<string, number>();
  const endOf = (name: string, after: number): number => {
    const known = ends.get(name) ?? 0;
    if (known < 0 || known > after) return known;
    const next = lines.findIndex((line, i) => i > after && line.trimEnd() === `end_of_${name}`);
    ends.set(name, next);
    return next;
  };
  for (let at = 0; at < lines.length; at++) {
    kept.push((lines[at] ?? '').replace(/ << '?end_of_\w+'?$/, ''));
    const [, name] = /^\s*(edit|insert)\b/.exec(lines[at] ?? '') ?? [];
    const end = name === undefined ? -1 : endOf(name, at);
    if (end > 0) at = end;
  }
  return kept.join('\n');
}
