import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const MAX_LINES = 1000;

/** Lines of earlier plays, newest first, in a file that only this user can read. */
export class PlayHistory {
  lines: string[] = [];

  private constructor(private readonly file: string) {}

  /** A missing or unreadable file is an empty history. */
  static async open(stateDir: string): Promise<PlayHistory> {
    const history = new PlayHistory(path.join(stateDir, 'play-history'));
    const text = await readFile(history.file, 'utf8').catch(() => '');
    history.lines = text.split('\n').filter(Boolean).reverse();
    return history;
  }

  /** Never rejects: a play is worth more than its history. */
  async save(): Promise<void> {
    try {
      await mkdir(path.dirname(this.file), { recursive: true });
      await writeFile(this.file, `${this.lines.slice(0, MAX_LINES).reverse().join('\n')}\n`, { mode: 0o600 });
      await chmod(this.file, 0o600);
    } catch {
      // A state directory that is not writable is what `doctor` tells about.
    }
  }
}
