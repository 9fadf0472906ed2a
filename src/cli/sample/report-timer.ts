import { writeSampleReport } from '../../rollout/sampling/report/write-sample-report.js';
import type { SamplePlaces } from '../../rollout/sampling/sample-places.js';
import type { Ledger } from '../../store/ledger.js';
import { shownLine } from '../play/terminal-text.js';

const EVERY_MS = 5 * 60_000;

/** Writes the report of a run every now and then. What keeps it from being written is told, and ends nothing. */
export class ReportTimer {
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly places: SamplePlaces,
    private readonly ledger: Ledger,
    private readonly tell: (text: string) => void,
  ) {
    this.#timer = setInterval(() => void this.write(), EVERY_MS);
  }

  /** Never rejects. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      await writeSampleReport(this.places, this.ledger).catch((error: Error) => {
        this.tell(`The report could not be written: ${shownLine(error.message)}`);
      });
    });
    return this.#writing;
  }

  /** Waits for a report that is being written. */
  stop(): Promise<void> {
    clearInterval(this.#timer);
    return this.#writing;
  }
}
