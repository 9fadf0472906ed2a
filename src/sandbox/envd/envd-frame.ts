/** Version of the wire between a backend and `envd` that this client speaks. */
export const ENVD_WIRE = 1;

/** Most bytes of a frame's header. */
const MAX_HEADER_BYTES = 1 << 20;

/** Most bytes of a frame's body. */
export const MAX_BODY_BYTES = 4 << 20;

const PREFIX_BYTES = 8;

/** A header as it stands on the wire; requests have `id` and `op`, replies `id` and `ok`, events `event`. */
export type EnvdHeader = Record<string, unknown>;

export interface EnvdFrame {
  header: EnvdHeader;
  body: Uint8Array;
}

/** The peer does not speak the wire; the connection is of no more use. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/**
 * The bytes of one frame, in the pieces to write one after another (the body is not copied).
 * @throws FrameError when header or body is larger than the wire allows
 */
export function encodeFrame(header: EnvdHeader, body: Uint8Array): Uint8Array[] {
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  if (text.length > MAX_HEADER_BYTES) throw new FrameError(`a header of ${text.length} bytes is too large`);
  if (body.length > MAX_BODY_BYTES) throw new FrameError(`a body of ${body.length} bytes is too large`);
  const head = Buffer.allocUnsafe(PREFIX_BYTES + text.length);
  head.writeUInt32BE(text.length, 0);
  head.writeUInt32BE(body.length, 4);
  text.copy(head, PREFIX_BYTES);
  return body.length > 0 ? [head, body] : [head];
}

/**
 * Cuts a byte stream into frames. Each part of a frame is collected into one buffer of its final size, so that no byte is
 * copied more than once, however the stream is cut.
 */
export class FrameParser {
  #part: 'prefix' | 'header' | 'body' = 'prefix';
  #wanted = PREFIX_BYTES;
  #partial: Buffer | null = null;
  #filled = 0;
  #bodyBytes = 0;
  #header: EnvdHeader = {};

  /**
   * Takes the next bytes and hands out the frames that they complete.
   * @throws FrameError when the stream is not a stream of frames
   */
  push(chunk: Uint8Array, onFrame: (frame: EnvdFrame) => void): void {
    const data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let offset = 0;
    while (offset < data.length) {
      const missing = this.#wanted - this.#filled;
      const taken = Math.min(missing, data.length - offset);
      const slice = data.subarray(offset, offset + taken);
      offset += taken;
      if (taken === missing && this.#partial === null) {
        this.#complete(slice, onFrame);
        continue;
      }
      this.#partial ??= Buffer.allocUnsafeSlow(this.#wanted);
      slice.copy(this.#partial, this.#filled);
      this.#filled += taken;
      if (this.#filled === this.#wanted) {
        const whole = this.#partial;
        this.#partial = null;
        this.#filled = 0;
        this.#complete(whole, onFrame);
      }
    }
  }

  #complete(bytes: Buffer, onFrame: (frame: EnvdFrame) => void): void {
    if (this.#part === 'prefix') {
      const headerBytes = bytes.readUInt32BE(0);
      this.#bodyBytes = bytes.readUInt32BE(4);
      if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || this.#bodyBytes > MAX_BODY_BYTES) {
        throw new FrameError(`a frame of ${headerBytes} + ${this.#bodyBytes} bytes is not one of the wire`);
      }
      this.#expect('header', headerBytes);
      return;
    }
    if (this.#part === 'header') {
      this.#header = parseHeader(bytes);
      if (this.#bodyBytes > 0) {
        this.#expect('body', this.#bodyBytes);
        return;
      }
      bytes = Buffer.alloc(0);
    }
    const header = this.#header;
    this.#expect('prefix', PREFIX_BYTES);
    onFrame({ header, body: bytes });
  }

  #expect(part: 'prefix' | 'header' | 'body', bytes: number): void {
    this.#part = part;
    this.#wanted = bytes;
  }
}

function parseHeader(bytes: Buffer): EnvdHeader {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new FrameError('the header of a frame is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FrameError('the header of a frame is not an object');
  }
  return value as EnvdHeader;
}
