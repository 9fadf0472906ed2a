const LF = 10;
const CR = 13;

/**
 * @returns what turns the pieces in which a stream of events arrives into events, each whole. The library looks through all of an
 *   unfinished event with every piece that comes, which for one without an end takes hours.
 */
export function wholeEvents(): TransformStream<Uint8Array, Uint8Array> {
  let held: Uint8Array[] = [];
  // The bytes before the next one, the last first.
  let [one, two, three] = [0, 0, 0];
  return new TransformStream({
    transform(chunk, controller) {
      let from = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at] ?? 0;
        const isNewline = byte === LF || byte === CR;
        if (isNewline && (byte === one || (byte === LF && one === CR && two === LF && three === CR))) {
          controller.enqueue(joined([...held, chunk.subarray(from, at + 1)]));
          held = [];
          from = at + 1;
          [one, two, three] = [0, 0, 0];
        } else [one, two, three] = [byte, one, two];
      }
      if (from < chunk.length) held.push(chunk.subarray(from));
    },
    flush(controller) {
      if (held.length > 0) controller.enqueue(joined(held));
    },
  });
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
}
