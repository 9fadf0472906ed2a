const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const HEX = '0123456789abcdef';
const BACKSLASH = 0x5c;
const LETTER_X = 0x78;
const ESCAPE_BYTES = '\\xNN'.length;

/** Length of the valid UTF-8 sequence at a position; 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  const second = bytes[at + 1] ?? 0;
  // The second byte alone decides on overlong forms, surrogates, and what lies beyond U+10FFFF.
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const greatest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > greatest) return 0;
  for (let index = 2; index < length; index++) {
    if (((bytes[at + index] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** Decodes UTF-8; each byte that is part of no character becomes `\xNN`, as MLGym shows it. */
export function decodeOutput(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return escaped(bytes).toString('utf8');
  }
}

/** The bytes with an escape in the place of each that is part of no character: one pass, for megabytes of garbage. */
function escaped(bytes: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(bytes.length * ESCAPE_BYTES);
  let end = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      const byte = bytes[at++] ?? 0;
      out[end++] = BACKSLASH;
      out[end++] = LETTER_X;
      out[end++] = HEX.charCodeAt(byte >> 4);
      out[end++] = HEX.charCodeAt(byte & 15);
    }
    for (const next = at + length; at < next; at++) out[end++] = bytes[at] ?? 0;
  }
  return out.subarray(0, end);
}

/** Drops the piece of a character that a cut left at the end. */
export function trimCutEnd(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return wanted > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

/** Drops the piece of a character that a cut left at the beginning. */
export function trimCutStart(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < Math.min(3, bytes.length) && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++;
  return bytes.subarray(at);
}
