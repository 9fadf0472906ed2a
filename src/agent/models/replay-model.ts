import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ModelFileError } from './model-file-error.js';
import { ScriptedModel, type ScriptedReply } from './scripted-model.js';

const Recording = z.object({
  history: z.array(
    z.looseObject({
      role: z.string(),
      content: z.string().nullish(),
      is_demo: z.boolean().nullish(),
      tool_calls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() })).nullish(),
    }),
  ),
});

/** What MLGym says where a recording ends before the episode does. */
const LAST = '```\nsubmit\n```';

/** Says again what the assistant of a recorded history said, demonstrations apart; after its end it submits. For one episode. */
export class ReplayModel extends ScriptedModel {
  constructor(replies: readonly ScriptedReply[]) {
    super((_request, call) => replies[call] ?? LAST, { name: 'replay' });
  }

  /**
   * @param file a `.traj` file of MLGym, SWE-agent or ours
   * @throws ModelFileError
   */
  static async fromFile(file: string): Promise<ReplayModel> {
    let json: unknown;
    try {
      json = JSON.parse(await readFile(file, 'utf8'));
    } catch (error) {
      throw new ModelFileError(`${file} cannot be read as JSON: ${(error as Error).message}`);
    }
    const recording = Recording.safeParse(json);
    if (!recording.success) throw ModelFileError.of(file, 'no trajectory', recording.error);
    const said = recording.data.history.filter((item) => item.role === 'assistant' && !item.is_demo);
    return new ReplayModel(said.map((item) => ({ text: item.content ?? '', toolCalls: item.tool_calls ?? [] })));
  }
}
