import { type GateSnapshot, RequestGate } from './request-gate.js';

/** Who is asked: limits are counted per model and key. */
export interface AskedEndpoint {
  baseUrl: string;
  model: string;
  apiKey: string | undefined;
}

/** A gate, and what it stands before; no key. */
export interface NamedGate extends GateSnapshot {
  baseUrl: string;
  model: string;
}

/** The gates of a program: one for each endpoint, model and key, whoever asks. */
export class RequestGates {
  readonly #gates = new Map<string, { asked: AskedEndpoint; gate: RequestGate }>();

  /** @param most requests at once to one of them; null: what it takes */
  constructor(private readonly most: number | null = null) {}

  of(asked: AskedEndpoint): RequestGate {
    const key = JSON.stringify([asked.baseUrl.replace(/\/+$/, ''), asked.model, asked.apiKey ?? '']);
    let known = this.#gates.get(key);
    if (!known) {
      known = { asked, gate: new RequestGate(this.most) };
      this.#gates.set(key, known);
    }
    return known.gate;
  }

  snapshots(): NamedGate[] {
    return [...this.#gates.values()].map(({ asked: { baseUrl, model }, gate }) => ({
      baseUrl,
      model,
      ...gate.snapshot(),
    }));
  }
}
