import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EnvdFrame,
  encodeFrame,
  FrameError,
  FrameParser,
  MAX_BODY_BYTES,
} from '../../src/sandbox/envd/envd-frame.js';

const frame = fc.record({
  header: fc.dictionary(
    fc.string(),
    fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null)),
  ),
  body: fc.uint8Array({ maxLength: 5000 }),
});

function cut(bytes: Buffer, sizes: number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes.length === 0 ? bytes.length : sizes[turn % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe('the frames of the daemon', () => {
  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 6 }),
        (frames, sizes) => {
          const stream = Buffer.concat(frames.flatMap(({ header, body }) => encodeFrame(header, body)));
          const parser = new FrameParser();
          const out: EnvdFrame[] = [];
          for (const piece of cut(stream, sizes)) parser.push(piece, (each) => out.push(each));
          expect(out.map(({ header, body }) => ({ header: JSON.stringify(header), body: [...body] }))).toEqual(
            frames.map(({ header, body }) => ({ header: JSON.stringify(header), body: [...body] })),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of a peer that sends rubbish end in a FrameError or in silence, never otherwise [B1]', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }), (chunks) => {
        const parser = new FrameParser();
        try {
          for (const chunk of chunks) parser.push(chunk, () => {});
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('with a changed byte end in a FrameError, in silence, or in other frames [B1]', () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.integer({ min: 0, max: 255 }), ({ header, body }, place, value) => {
        const stream = Buffer.concat(encodeFrame(header, body));
        stream[place % stream.length] = value;
        try {
          new FrameParser().push(stream, (each) => expect(typeof each.header).toBe('object'));
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('are refused when they are larger than the wire allows, before anything is reserved for them [B1]', () => {
    expect(() => encodeFrame({}, new Uint8Array(MAX_BODY_BYTES + 1))).toThrow(FrameError);
    expect(() => encodeFrame({ text: 'x'.repeat(1 << 20) }, new Uint8Array(0))).toThrow(FrameError);
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32BE(2, 0);
    prefix.writeUInt32BE(0xffff_ffff, 4);
    expect(() => new FrameParser().push(prefix, () => {})).toThrow('is not one of the wire');
    expect(() =>
      new FrameParser().push(Buffer.concat([Buffer.from([0, 0, 0, 2, 0, 0, 0, 0]), Buffer.from('[]')]), () => {}),
    ).toThrow('is not an object');
  });
});
