import { LabelStore } from '../../store/label-store.js';
import { KeptLabels, type LabelCache } from './labelled-file.js';

/** Labels that are kept in a file. */
export class LabelFile implements LabelCache {
  private constructor(private readonly store: LabelStore) {}

  /**
   * Opens a file, and makes it when it is missing.
   * @throws StoreError when it is damaged or of newer software, StorageFault when the machine does not keep it
   */
  static open(file: string): LabelFile {
    return new LabelFile(LabelStore.open(file));
  }

  /** Idempotent, never throws. */
  close(): void {
    this.store.close();
  }

  labels(id: string, key: string): KeptLabels | undefined {
    const text = this.store.get(id, key);
    if (text === undefined) return undefined;
    // What cannot be read is found out again.
    const parsed = KeptLabels.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  }

  putLabels(entries: readonly { id: string; key: string; kept: KeptLabels }[]): void {
    this.store.put(entries.map(({ id, key, kept }) => ({ id, key, kept: JSON.stringify(kept) })));
  }
}
