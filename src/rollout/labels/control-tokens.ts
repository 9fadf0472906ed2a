import type { RowMessage } from '../dataset/dataset-row.js';

/** Marks by which the template tells who speaks, and tokens of the student's that no text may hold; calls and answers among them. */
const MARKS =
  /<\|(?:im_start|im_end|endoftext|object_ref_start|object_ref_end|box_start|box_end|quad_start|quad_end|vision_start|vision_end|vision_pad|image_pad|video_pad|fim_prefix|fim_middle|fim_suffix|fim_pad|repo_name|file_sep)\|>|<\/?tool_(?:call|response)>/g;
/** Thinking stands at the beginning of an answer; elsewhere the template would cut the answer there. */
const THINKING = /<\/?think>/g;

/** @returns how many marks of the template stand within the messages of a chat, where they would be taken for its own */
export function controlTokens(messages: readonly RowMessage[]): number {
  return messages.reduce((sum, message) => sum + marksIn(message), 0);
}

function marksIn({ role, content, tool_calls }: RowMessage): number {
  const calls = (tool_calls ?? []).reduce(
    (sum, call) => sum + found(MARKS, call.name) + found(MARKS, call.arguments),
    0,
  );
  const marks = content.includes('<') ? found(MARKS, content) : 0;
  if (role !== 'assistant' || !content.includes('think>')) return marks + calls;
  const tags = found(THINKING, content);
  const isBlock = tags === 2 && /^\s*<think>/.test(content) && content.includes('</think>');
  return marks + calls + (isBlock ? 0 : tags);
}

function found(marks: RegExp, text: string): number {
  return text.match(marks)?.length ?? 0;
}
