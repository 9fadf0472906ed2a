import { readFile } from 'node:fs/promises';
import { parseTrajectory } from '../../parse-trajectory.js';
import type { DatasetSettings } from '../dataset-settings.js';
import type { KeptTrajectory } from '../selection/selection.js';
import type { Chat } from '../template/chat.js';
import { checkTemplate } from '../template/check-template.js';
import { readStudentTemplate } from '../template/student-template.js';
import { viewChats } from '../view-chats.js';

/** Trajectories and chats that are compared. */
const SAMPLE = 8;
const CHATS = 3;

/** A system message, queries, calls and their results. */
const CALLS: Chat = {
  messages: [
    { role: 'system', content: 'You work.' },
    { role: 'user', content: 'Begin.' },
    { role: 'assistant', content: 'I look.', tool_calls: [{ name: 'bash', arguments: '{"command": "ls"}' }] },
    { role: 'tool', content: 'train.py' },
    { role: 'assistant', content: '', tool_calls: [{ name: 'submit', arguments: '{}' }] },
  ],
  tools: [],
};

/**
 * Renders a sample of what is kept with the template that the student brings, where it brings one.
 * @returns what somebody should know; null: it writes the same, or there is none
 * @throws RunError where it writes something else
 */
export async function checkStudent(
  kept: readonly KeptTrajectory[],
  { tokenizer, view }: Pick<DatasetSettings, 'tokenizer' | 'view'>,
): Promise<string | null> {
  const template = tokenizer === null ? null : await readStudentTemplate(tokenizer);
  if (template === null) return null;
  const warning = checkTemplate(template, [CALLS]);
  if (warning !== null) return warning;
  for (let at = 0; at < Math.min(SAMPLE, kept.length); at++) {
    const { file } = kept[Math.floor((at * kept.length) / Math.min(SAMPLE, kept.length))]!;
    const { trajectory } = parseTrajectory(await readFile(file, 'utf8'), file);
    const chats: Chat[] = [];
    for (const { chat } of viewChats(trajectory, view).chats) {
      if (chats.length < CHATS) chats.push(chat);
    }
    checkTemplate(template, chats);
  }
  return null;
}
