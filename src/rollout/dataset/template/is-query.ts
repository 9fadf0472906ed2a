import type { TemplateMessage } from './chat.js';

/** Whether a message is a question of the user's, not the answer to a call that was written as one. */
export function isQuery({ role, content }: TemplateMessage): boolean {
  return role === 'user' && !(content.startsWith('<tool_response>') && content.endsWith('</tool_response>'));
}
