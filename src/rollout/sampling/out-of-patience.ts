import type { GateSnapshot } from '../../agent/models/request-gate.js';
import type { Outage } from './outage.js';

/** What may be out of reach. */
export interface Reach {
  servers: readonly { name: string; awayMs: number; why: string }[];
  players: readonly { player: { name: string; gate: { snapshot(): GateSnapshot } | null }; outage: Outage }[];
}

/** @returns why the run ends: no server, or no model, was of use for so long; null: it goes on */
export function outOfPatience({ servers, players }: Reach, patienceMs: number): Error | null {
  const away = servers.filter(({ awayMs }) => awayMs > patienceMs);
  if (away.length === servers.length) {
    const reasons = away.map(({ name, why }) => `${name}: ${why}`);
    return new Error(`No server could be used for ${minutes(patienceMs)}. ${reasons.join(' ')}`);
  }
  const silent = players.filter(({ player: { gate }, outage }) => {
    return Math.max(outage.lastsMs, gate?.snapshot().silentMs ?? 0) > patienceMs;
  });
  if (silent.length < players.length) return null;
  const reasons = silent.map(({ player: { name, gate }, outage }) => {
    return `${name}: ${outage.message || gate?.snapshot().lastFault || 'no answer'}`;
  });
  return new Error(`No model answered for ${minutes(patienceMs)}. ${reasons.join(' ')}`);
}

function minutes(ms: number): string {
  return `${Math.round(ms / 6000) / 10} min`;
}
