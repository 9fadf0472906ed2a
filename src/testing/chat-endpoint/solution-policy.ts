import { actionReply } from '../../agent/models/action-reply.js';
import type { ToolDefinition } from '../../agent/models/model.js';
import type { ScriptedReply } from '../../agent/models/scripted-model.js';
import type { ChatPolicy } from './chat-endpoint.js';
import { type ChatRequest, messageText } from './chat-request.js';
import type { ChatTurn } from './chat-turn.js';
import { EpisodeCourse } from './episode-course.js';
import type { Solution } from './solution.js';
import { PLAIN, type Temper } from './temper.js';

const NO_ACTION = 'I have to think about this for longer, and write no command yet.';

/**
 * Plays recorded solutions, as well as its models are: which one, a text of the prompt says; which action, the number of answers since
 * then that held one; how an episode goes, the seed of the request. So one endpoint plays any number of episodes at once, in the dialect
 * of each, and goes on with them after it was started again.
 * @param tempers by the name of a model; others solve
 */
export function solutionPolicy(
  solutions: readonly Solution[],
  tempers: Readonly<Record<string, Temper>> = {},
): ChatPolicy {
  return (request) => {
    const { messages, model, seed } = request;
    const found = messages.findIndex((message) => solutionIn(messageText(message), solutions) !== null);
    const solution = found < 0 ? null : solutionIn(messageText(messages[found]!), solutions);
    if (solution === null) {
      return { status: 400, code: 'unknown_task', message: 'No recorded solution fits a task of this chat.' };
    }
    const answers = messages.slice(found).filter(({ role }) => role === 'assistant');
    const index = answers.filter(isAction).length;
    const failed = answers.length - 1 - answers.findLastIndex(isAction);
    const course = new EpisodeCourse({ model, seed: seed ?? 0, solution, temper: tempers[model] ?? PLAIN });
    const latencyMs = course.latencyMs(index, failed);
    const timed = latencyMs > 0 ? { first_token_ms: latencyMs } : {};
    if (course.isFormatError(index, failed)) return { text: NO_ACTION, ...timed };
    const reply = actionReply(course.action(index), { tools: toolsOf(request) }, course.thought(index));
    return { ...turnOf(reply), ...timed };
  };
}

function solutionIn(text: string, solutions: readonly Solution[]): Solution | null {
  return solutions.find(({ match }) => text.includes(match)) ?? null;
}

/** Answers that were refused as unreadable are not counted: the action that belongs there is still to come. */
function isAction(message: ChatRequest['messages'][number]): boolean {
  if (message.role !== 'assistant') return false;
  return message.tool_calls !== undefined || messageText(message).includes('```');
}

function toolsOf(request: ChatRequest): ToolDefinition[] {
  return (request.tools ?? []).map(({ function: { name, description = '', parameters = { type: 'object' } } }) => ({
    name,
    description,
    parameters,
  }));
}

function turnOf(reply: ScriptedReply): Exclude<ChatTurn, string | { status: number }> {
  if (typeof reply === 'string') return { text: reply };
  return {
    text: reply.text,
    tool_calls: reply.toolCalls?.map(({ name, arguments: args }) => ({ name, arguments: args })),
  };
}
