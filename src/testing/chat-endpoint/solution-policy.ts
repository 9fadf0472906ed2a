import { actionReply } from '../../agent/models/action-reply.js';
import type { ToolDefinition } from '../../agent/models/model.js';
import type { ScriptedReply } from '../../agent/models/scripted-model.js';
import type { ChatPolicy } from './chat-endpoint.js';
import { type ChatRequest, messageText } from './chat-request.js';
import type { ChatTurn } from './chat-turn.js';

/** Recorded actions and how the task that they solve is told. */
export interface Solution {
  /** A text of the task's description, as prompts show it. */
  match: string;
  actions: readonly string[];
}

/**
 * Plays recorded solutions: which one, a text of the prompt says; which action, the number of answers since then that held one. So one
 * endpoint plays any number of episodes at once, in the dialect of each.
 */
export function solutionPolicy(solutions: readonly Solution[]): ChatPolicy {
  return (request) => {
    const { messages } = request;
    const found = messages.findIndex((message) => solutionIn(messageText(message), solutions) !== null);
    const solution = found < 0 ? null : solutionIn(messageText(messages[found]!), solutions);
    if (solution === null) {
      return { status: 400, code: 'unknown_task', message: 'No recorded solution fits a task of this chat.' };
    }
    const done = messages.slice(found).filter(isAction).length;
    return turnOf(
      actionReply(solution.actions[done] ?? 'submit', { tools: toolsOf(request) }, 'The next recorded action.'),
    );
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

function turnOf(reply: ScriptedReply): ChatTurn {
  if (typeof reply === 'string') return reply;
  return {
    text: reply.text,
    tool_calls: reply.toolCalls?.map(({ name, arguments: args }) => ({ name, arguments: args })),
  };
}
