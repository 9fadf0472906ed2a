import { fencedReply } from './fenced-reply.js';
import type { ModelRequest } from './model.js';
import type { ScriptedReply } from './scripted-model.js';

/** Tools that an action of one word can be. */
const WORDS: ReadonlySet<string> = new Set(['submit', 'validate']);

/**
 * Says an action in the dialect of the request: text between fences, or a call of one of its tools.
 * @param action a SWE-agent command line
 * @throws Error when tools are offered and none takes a command
 */
export function actionReply(action: string, request: Pick<ModelRequest, 'tools'>, discussion: string): ScriptedReply {
  const tools = request.tools ?? [];
  if (tools.length === 0) return fencedReply(discussion, action);
  const word = action.trim();
  if (WORDS.has(word) && tools.some((tool) => tool.name === word)) {
    return { text: discussion, toolCalls: [{ name: word, arguments: '{}' }] };
  }
  const shell =
    tools.find((tool) => tool.name === 'bash') ?? tools.find((tool) => 'command' in properties(tool.parameters));
  if (!shell) throw new Error(`None of the tools takes a command: ${tools.map((tool) => tool.name).join(', ')}`);
  const [field = 'command'] = Object.keys(properties(shell.parameters));
  const name = 'command' in properties(shell.parameters) ? 'command' : field;
  return { text: discussion, toolCalls: [{ name: shell.name, arguments: JSON.stringify({ [name]: action }) }] };
}

function properties(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return (schema.properties ?? {}) as Record<string, unknown>;
}
