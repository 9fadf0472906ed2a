import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';

describe('readConfig', () => {
  it('takes an empty variable as unset', () => {
    const empty = {
      GYMSMITH_PORT: '',
      GYMSMITH_TOKEN: '',
      GYMSMITH_PACKS: '',
      GYMSMITH_STATE_DIR: '',
      HOME: '/home/x',
    };
    expect(readConfig(empty)).toEqual(readConfig({ HOME: '/home/x' }));
    expect(readConfig(empty).port).toBe(8765);
  });

  it('reads lists between commas and names every setting that cannot be used [B1]', () => {
    expect(readConfig({ GYMSMITH_PACKS: '/a,/b' }).packs).toEqual(['/a', '/b']);
    const wrong = { GYMSMITH_PORT: 'many', GYMSMITH_TOKEN: 'short' };
    expect(() => readConfig(wrong)).toThrow(
      /GYMSMITH_PORT: .*\n {2}GYMSMITH_TOKEN: a token has at least 16 characters/,
    );
  });

  it('refuses a run directory below which no socket can be made [B1]', () => {
    expect(() => readConfig({ GYMSMITH_RUN_DIR: `/tmp/${'x'.repeat(60)}` })).toThrow(/at most 60 bytes/);
  });
});
