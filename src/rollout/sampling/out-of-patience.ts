import type { GateSnapshot } from '../../agent/models/request-gate.js';
import type { Outage } from './outage.js';

/** What may be out of reach. */
export interface Reach {
  servers: readonly { name: string; awayMs: number; why: string }[];
  /** Those that have something left to play. */
  players: readonly { player: { name: string; gate: { snapshot(): GateSnapshot } | null }; outage: Outage }[];
}

/** @returns why the run ends: no server, or no model, was of use for so long; null: it goes on */
export function outOfPatience({ servers, players }: Reach, patienceMs: number): Error | null {
  const away = servers.filter(({ awayMs }) => awayMs > patienceMs);
  if (away.length === servers.length) {
    const reasons = away.map(({ name, why }) => `${name}: ${why}`);
    return new Error(`No server could be used for ${minutes(patienceMs)}. ${reasons.join(' ')}`);
  }
  if (players.length === 0 || players.some((one) => !isSilent(one, patienceMs))) return null;
  return new Error(`No model answered for ${minutes(patienceMs)}. ${players.map(lastWords).join(' ')}`);
}

/** @returns whether a model did not answer for so long */
export function isSilent({ player: { gate }, outage }: Reach['players'][number], patienceMs: number): boolean {
  return Math.max(outage.lastsMs, gate?.snapshot().silentMs ?? 0) > patienceMs;
}

/** @returns what is known of why a model does not answer */
export function lastWords({ player: { name, gate }, outage }: Reach['players'][number]): string {
  return `${name}: ${outage.message || gate?.snapshot().lastFault || 'no answer'}`;
}

function minutes(ms: number): string {
  return `${Math.round(ms / 6000) / 10} min`;
}
