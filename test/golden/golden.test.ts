import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { RealGym } from '../env/real-gym.js';
import { readTranscripts, type Scene } from './transcript.js';

let gym: RealGym;
beforeAll(async () => {
  gym = await RealGym.open(path.join(PROJECT_ROOT, 'packs', 'reference'));
});
afterAll(() => gym?.close());

/** The action as part of a shell script, so that bash runs it and not the short way to the commands. */
function composed(action: string): string {
  return action.includes('\n') ? `${action}\ntrue` : `true; ${action}`;
}

async function play(file: string, scene: Scene, compat: 'mlgym' | 'fixed', write: (action: string) => string) {
  const options = { compat, ...(scene.window && { window: scene.window }) };
  const episode = await gym.begin('reference/breast-cancer-v1', { options });
  try {
    for (const command of scene.setup) {
      const { observation } = await episode.step({ type: 'bash', command });
      expect(observation.exit_code, `${file}:${scene.line} set-up: ${command}\n${observation.text}`).toBe(0);
    }
    for (const { line, action, observation } of scene.turns) {
      const { text } = (await episode.step(write(action))).observation;
      expect(text, `${file}:${line} $ ${action.split('\n')[0]}`).toBe(observation);
    }
  } finally {
    await episode.close();
  }
}

describe.each(['mlgym', 'fixed'] as const)('%s', (compat) => {
  const directory = path.join(import.meta.dirname, compat);
  describe.each(readdirSync(directory).sort())('%s', (name) => {
    const file = path.relative(PROJECT_ROOT, path.join(directory, name));
    const scenes = readTranscripts(readFileSync(path.join(directory, name), 'utf8'));

    it.each(scenes)('$name [E1]', (scene) => play(file, scene, compat, (action) => action));

    it.each(scenes.filter(({ composable }) => composable))('$name, in a longer line [E1]', (scene) =>
      play(file, scene, compat, composed),
    );
  });
});
