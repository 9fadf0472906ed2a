import type { PlayerSettings } from './sample-settings.js';

const MAX_CHARACTERS = 60;

/**
 * @returns what each player is called in the run: its own name, else what its model is called without what a path cannot hold; a number
 *   tells those apart that would be called the same
 */
export function playerNames(players: readonly Pick<PlayerSettings, 'name' | 'model'>[]): string[] {
  const taken = new Set(players.flatMap(({ name }) => name ?? []));
  return players.map(({ name, model }) => {
    if (name !== null) return name;
    const plain = model.replace(/^(?:openai|litellm):/, '').replace(/[^\w.-]+/g, '-');
    const short = plain.replace(/^[.-]+|[.-]+$/g, '').slice(0, MAX_CHARACTERS) || 'model';
    let found = short;
    for (let number = 2; taken.has(found); number++) found = `${short}-${number}`;
    taken.add(found);
    return found;
  });
}
