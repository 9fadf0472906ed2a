import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OutputFrame, OutputWindow } from '../../src/server/native/output-window.js';

const bounds = { streamWindowBytes: 64, streamPendingBytes: 32, streamFrameBytes: 16 };

describe('output window', () => {
  it('never sends more than the credit, holds no more than its bound, and every frame is what stood at its offset', () => {
    const act = fc.oneof(
      fc.record({ push: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }) }),
      fc.record({ credit: fc.integer({ min: 1, max: 50 }) }),
      fc.constant({ end: true }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const frames: OutputFrame[] = [];
        const window = new OutputWindow(
          bounds,
          (frame) => {
            frames.push({ ...frame, bytes: Buffer.from(frame.bytes) });
            return frame.bytes.length;
          },
          () => false,
        );
        const whole: Buffer[] = [];
        let length = 0;
        let credit = bounds.streamWindowBytes;
        for (const step of acts) {
          if ('push' in step) {
            const chunk = Buffer.from(step.push);
            window.push('r', 'e', chunk, length);
            whole.push(chunk);
            length += chunk.length;
          } else if ('credit' in step) {
            window.credit(step.credit);
            credit += step.credit;
          } else window.finish('r');
          expect(window.pendingBytes).toBeLessThanOrEqual(bounds.streamPendingBytes);
        }
        const all = Buffer.concat(whole);
        expect(frames.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(credit);
        let last = 0;
        for (const { offset, bytes } of frames) {
          expect(offset).toBeGreaterThanOrEqual(last);
          expect(bytes.length).toBeLessThanOrEqual(bounds.streamFrameBytes);
          expect(Buffer.from(bytes)).toEqual(all.subarray(offset, offset + bytes.length));
          last = offset + bytes.length;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('cuts no character in two', () => {
    const frames: string[] = [];
    const window = new OutputWindow(
      { ...bounds, streamPendingBytes: 1000 },
      ({ bytes }) => {
        frames.push(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
        return bytes.length;
      },
      () => false,
    );
    const text = 'aß€😀'.repeat(6);
    window.push('r', 'e', Buffer.from(text), 0);
    window.finish('r');
    expect(frames.join('')).toBe(text);
    expect(frames.length).toBeGreaterThan(3);
  });

  it('joins small chunks of one turn', async () => {
    const frames: OutputFrame[] = [];
    const window = new OutputWindow(
      bounds,
      (frame) => frames.push(frame),
      () => false,
    );
    for (let offset = 0; offset < 8; offset += 1) window.push('r', 'e', Buffer.from('x'), offset);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(frames).toHaveLength(1);
  });
});
