/** Hears how a preparation goes. */
export interface PreparationListener {
  /** A part begins; the one before is over. */
  onPart(text: string): void;
  /** Something about the part, worth no line of its own. */
  onNote(text: string): void;
  /** Bytes of the part that are there, those of an earlier try among them, and how many there will be. */
  onBytes(doneBytes: number, totalBytes: number): void;
}
