import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode, RpcError, WireError } from '../../src/protocol/index.js';

describe('the table of errors', () => {
  it('is told in PROTOCOL.md as it is', async () => {
    const page = await readFile(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
    const told = [...page.matchAll(/^\| `(\w+)` \| (yes|no) \| (\d{3}) \| (.+) \|$/gm)].map(
      ([, code, retryable, http, meaning]) => [code, { retryable: retryable === 'yes', http: Number(http), meaning }],
    );
    expect(Object.fromEntries(told)).toEqual(ERRORS);
  });

  it('survives the wire', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const error = new RpcError(code, 'what', { fact: 1 });
      const again = RpcError.fromWire(WireError.parse(JSON.parse(JSON.stringify(error.toWire()))));
      expect([again.code, again.message, again.data, again.retryable]).toEqual([
        code,
        'what',
        { fact: 1 },
        ERRORS[code].retryable,
      ]);
    }
  });
});
