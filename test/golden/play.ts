import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { RealGym } from '../env/real-gym.js';
import { readTranscripts, type Scene } from './transcript.js';

/** How the actions of a transcript are sent. */
interface Manner {
  applies: (scene: Scene) => boolean;
  action: (written: string) => string;
}

/** Plays the transcripts of both dialects, each scene in an episode of its own on a real sandbox. */
export function playTranscripts({ applies, action }: Manner): void {
  let gym: RealGym;
  beforeAll(async () => {
    gym = await RealGym.open(path.join(PROJECT_ROOT, 'packs', 'reference'));
  });
  afterAll(() => gym?.close());

  async function play(file: string, scene: Scene, compat: 'mlgym' | 'fixed'): Promise<void> {
    const options = { compat, ...(scene.window && { window: scene.window }) };
    const episode = await gym.begin('reference/breast-cancer-v1', { options });
    for (const command of scene.setup) {
      const { observation } = await episode.step({ type: 'bash', command });
      expect(observation.exit_code, `${file}:${scene.line} set-up: ${command}\n${observation.text}`).toBe(0);
    }
    for (const turn of scene.turns) {
      const { text } = (await episode.step(action(turn.action))).observation;
      expect(text, `${file}:${turn.line} $ ${turn.action.split('\n')[0]}`).toBe(turn.observation);
    }
    await episode.close();
  }

  describe.each(['mlgym', 'fixed'] as const)('%s', (compat) => {
    const directory = path.join(import.meta.dirname, compat);
    for (const name of readdirSync(directory).sort()) {
      const file = path.relative(PROJECT_ROOT, path.join(directory, name));
      const scenes = readTranscripts(readFileSync(path.join(directory, name), 'utf8')).filter(applies);
      for (const scene of scenes) it(`${name}: ${scene.name} [E1]`, () => play(file, scene, compat));
    }
  });
}
