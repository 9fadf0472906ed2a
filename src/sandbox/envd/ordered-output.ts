import type { OutputListener } from './envd-connection.js';

/** Drops what the listener has seen already: a connection that was taken up again may repeat output. */
export function inOrder(listener: OutputListener): OutputListener {
  let next = 0;
  return (chunk, offset) => {
    const seen = Math.max(0, next - offset);
    if (seen >= chunk.length) return;
    next = offset + chunk.length;
    listener(seen > 0 ? chunk.subarray(seen) : chunk, offset + seen);
  };
}
