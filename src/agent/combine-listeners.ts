import type { AgentListener } from './agent-listener.js';

const EVENTS = [
  'onStart',
  'onPrompt',
  'onText',
  'onReasoning',
  'onRetry',
  'onRequery',
  'onAction',
  'onOutput',
  'onStep',
  'onEnd',
] as const satisfies readonly (keyof AgentListener)[];

type AnyEvent = (...args: unknown[]) => unknown;

/** @returns a listener that tells all of them, and takes only what one of them takes: output that nobody reads is not streamed */
export function combineListeners(listeners: readonly AgentListener[]): AgentListener {
  const combined: Record<string, AnyEvent> = {};
  for (const event of EVENTS) {
    const takers = listeners.filter((listener) => listener[event]);
    if (takers.length === 0) continue;
    combined[event] = (...args) => {
      const pending = takers.map((listener) => (listener[event] as AnyEvent).apply(listener, args));
      return pending.some((result) => result instanceof Promise) ? Promise.all(pending) : undefined;
    };
  }
  return combined as AgentListener;
}
