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

  it('knows the dataset viewer of the Hub, none of a mirror, and the one that is named [B3]', () => {
    const viewerOf = (environment: NodeJS.ProcessEnv) => readConfig(environment).network.viewerUrl;
    expect(viewerOf({})).toBe('https://datasets-server.huggingface.co');
    expect(viewerOf({ HF_ENDPOINT: 'https://huggingface.co/' })).toBe('https://datasets-server.huggingface.co');
    expect(viewerOf({ HF_ENDPOINT: 'https://hub.example' })).toBeNull();
    const named = { HF_ENDPOINT: 'https://hub.example', GYMSMITH_HUB_VIEWER: 'https://viewer.example/' };
    expect(viewerOf(named)).toBe('https://viewer.example');
    expect(readConfig({ HF_HUB_OFFLINE: '1' }).network.isOffline).toBe(true);
    expect(readConfig({}).network.isOffline).toBe(false);
  });
});
