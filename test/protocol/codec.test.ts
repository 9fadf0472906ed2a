import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Codec, codecFor, jsonCodec, msgpackCodec, RpcError } from '../../src/protocol/index.js';

/** What messages are made of: no NaN, no -0, whole numbers within what both ends hold exactly. */
const plain = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
})).value;

describe.each([
  ['json', jsonCodec],
  ['msgpack', msgpackCodec],
] as [string, Codec][])('%s codec', (_name, codec) => {
  it('returns what it was given', () => {
    fc.assert(
      fc.property(plain, (message) => {
        expect(codec.decode(codec.encode(message))).toEqual(normal(message));
      }),
      { numRuns: 2000 },
    );
  });

  it('throws invalid_frame for every frame that it cannot read, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          codec.decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RpcError);
          expect((error as RpcError).code).toBe('invalid_frame');
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('throws invalid_frame for every frame that was cut', () => {
    fc.assert(
      fc.property(fc.record({ type: fc.constant('request'), params: plain }), fc.nat(), (message, seed) => {
        const frame = codec.encode(message);
        const cut = frame.slice(0, seed % frame.length);
        expect(() => codec.decode(cut)).toThrow(RpcError);
      }),
    );
  });

  it('survives a frame that nests very deeply', () => {
    const depth = 500_000;
    const frame = codec.encoding === 'json' ? '['.repeat(depth) : new Uint8Array(depth).fill(0x91);
    expect(() => codec.decode(frame)).toThrow(RpcError);
  });
});

describe('codecs', () => {
  it('carry bytes as bytes in msgpack and as text in JSON', () => {
    const data = Buffer.from('größe');
    const decoded = msgpackCodec.decode(msgpackCodec.encode({ data })) as { data: Uint8Array };
    expect(Buffer.from(decoded.data)).toEqual(data);
  });

  it('carry whole numbers of Python that need 64 bits as numbers', () => {
    const bytes = Buffer.from([0xcf, 0, 0, 1, 0x8b, 0, 0, 0, 0]);
    expect(msgpackCodec.decode(bytes)).toBe(0x18b00000000);
  });

  it('write msgpack that any reader knows: no extensions', () => {
    const frame = msgpackCodec.encode({ type: 'hello', list: [{ a: 1 }, { a: 2 }], none: null }) as Uint8Array;
    expect([...frame].some((byte) => byte >= 0xc7 && byte <= 0xc9)).toBe(false);
    expect(frame[0]).toBe(0x83);
  });

  it('are chosen by subprotocol, JSON when there is none', () => {
    expect(codecFor('gymsmith.v1.msgpack').encoding).toBe('msgpack');
    expect(codecFor('gymsmith.v1.json').encoding).toBe('json');
    expect(codecFor(undefined).encoding).toBe('json');
  });
});

/** The same value with plain prototypes throughout. */
function normal(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
