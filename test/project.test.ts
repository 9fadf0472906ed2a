import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../src/config.js';

const manifest = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8'));

describe('the project', () => {
  it('is a TypeScript package with a gym-style client and a server command [C1]', () => {
    expect(manifest.type).toBe('module');
    expect(manifest.bin).toHaveProperty('gymsmith');
    expect(manifest.exports).toHaveProperty('./client');
    const sources = execFileSync('git', ['ls-files', 'src'], { cwd: PROJECT_ROOT, encoding: 'utf8' }).split('\n');
    expect(sources.filter((file) => /\.(js|py|mjs)$/.test(file))).toEqual([]);
  });

  it.each(['hono', 'ws', 'dockerode', 'openai', '@huggingface/hub', 'zod', 'msgpackr', 'vitest'])(
    'is built on %s, pinned exactly [C2]',
    (name) => {
      expect({ ...manifest.dependencies, ...manifest.devDependencies }[name]).toMatch(/^\d+\.\d+\.\d+$/);
    },
  );

  it.each(['package.json', 'src/server', 'src/env', 'src/synth', 'src/client', 'docker', 'test'])(
    'has %s where the layout says [C3]',
    (place) => {
      expect(existsSync(path.join(PROJECT_ROOT, place))).toBe(true);
    },
  );
});
