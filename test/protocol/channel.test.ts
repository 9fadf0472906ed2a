import { describe, expect, it } from 'vitest';
import { channelPair } from '../../src/protocol/index.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('channel pair', () => {
  it('delivers in order, never within send', async () => {
    const [left, right] = channelPair();
    const received: unknown[] = [];
    right.onMessage = (frame) => received.push(frame);
    left.send('one');
    left.send(new Uint8Array([2]));
    expect(received).toEqual([]);
    await settled();
    expect(received).toEqual(['one', new Uint8Array([2])]);
  });

  it('delivers what was sent before a close, tells both sides once, and then nothing', async () => {
    const [left, right] = channelPair();
    const events: unknown[] = [];
    right.onMessage = (frame) => events.push(frame);
    right.onClose = (code, reason) => events.push(['right', code, reason]);
    left.onClose = (code, reason) => events.push(['left', code, reason]);
    left.send('last');
    left.close(1001, 'bye');
    right.close(1000);
    left.close(1002);
    await settled();
    left.send('late');
    right.send('late');
    await settled();
    expect(events[0]).toBe('last');
    expect(events.slice(1)).toEqual(
      expect.arrayContaining([
        ['left', 1001, 'bye'],
        ['right', 1001, 'bye'],
      ]),
    );
    expect(events).toHaveLength(3);
  });
});
