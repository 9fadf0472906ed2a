import type { ChatPolicy } from '../chat-endpoint/chat-endpoint.js';
import { type ChatRequest, messageText } from '../chat-endpoint/chat-request.js';
import type { ChatTurn } from '../chat-endpoint/chat-turn.js';
import { solutionPolicy } from '../chat-endpoint/solution-policy.js';
import { AttemptCounter } from './attempt-counter.js';
import type { KnownPrompt } from './known-prompts.js';
import type { RecordedTask } from './recorded-task.js';

/** A question of a synthesis, as it is recognised. */
interface Question {
  prompt: string;
  /** What the user's side says first. */
  text: string;
  /** Whether an answer came back with what is wrong with it. */
  isSecondTry: boolean;
  seed: number | null;
}

/**
 * Plays a teacher from recorded replies: thinks of the recorded topics, proposes and writes their tasks with the faults that the index
 * gives them, and plays them. What it answers follows from the question; only of questions for programs it counts which came before, so
 * that a client that asks one again gets the same answer.
 */
export function teacherPolicy(tasks: readonly RecordedTask[], prompts: readonly KnownPrompt[]): ChatPolicy {
  const counter = new AttemptCounter();
  const play = solutionPolicy(tasks.map(({ goal, actions }) => ({ match: goal, actions })));
  return (request, call) => {
    const question = questionOf(request, prompts);
    if (question === null) return play(request, call);
    const { prompt, text, isSecondTry } = question;
    if (prompt === 'topics') return topics(text, tasks);
    if (prompt === 'topic-list') return topicList(text, tasks);
    if (prompt === 'review') return review();
    const title = /^Topic: (.+)$/m.exec(text)?.[1]?.trim();
    const task = tasks.find(({ topic }) => topic.title === title);
    if (task === undefined) return unknown(`There is no recording for the topic ${JSON.stringify(title)}.`);
    if (prompt === 'proposal') return task.propose(isSecondTry);
    if (prompt === 'design') return task.design(isSecondTry);
    if (prompt !== 'generation' && prompt !== 'repair')
      return unknown(`There is no recording for the prompt ${prompt}.`);
    const asked = counter.count(task.topic.title, [prompt, text, question.seed], prompt === 'repair');
    return task.write(task.entry.mended_by === 'repair' ? asked.repairs : asked.number, isSecondTry);
  };
}

function questionOf({ messages, seed }: ChatRequest, prompts: readonly KnownPrompt[]): Question | null {
  const system = messages.find(({ role }) => role === 'system' || role === 'developer');
  const begins = system ? messageText(system).trim() : '';
  const known = prompts.find(({ opening }) => begins.startsWith(opening));
  if (known === undefined) return null;
  const user = messages.find(({ role }) => role === 'user');
  return {
    prompt: known.name,
    text: user ? messageText(user) : '',
    isSecondTry: messages.some(({ role }) => role === 'assistant'),
    seed: seed ?? null,
  };
}

function topics(text: string, tasks: readonly RecordedTask[]): ChatTurn {
  const wanted = Number(/(\d+) new topics?/.exec(text)?.[1] ?? 1);
  const isKnown = (title: string) => text.includes(`- ${title}`);
  const fresh = tasks.filter(({ topic, entry }) => entry.repeats === undefined && !isKnown(topic.title));
  // What repeats a topic comes right behind it, over the number that was asked for.
  const chosen = fresh
    .slice(0, wanted)
    .flatMap((task) => [task, ...tasks.filter(({ entry }) => entry.repeats === task.entry.topic)]);
  return JSON.stringify({ topics: chosen.map(({ topic }) => topic) }, null, 2);
}

function topicList(text: string, tasks: readonly RecordedTask[]): ChatTurn {
  const listed = [...text.matchAll(/^(\d+)\. (.+)$/gm)].map(([, number, title]) => {
    const known = tasks.find(({ topic }) => topic.title === title?.trim())?.topic;
    const { title: _title, ...rest } = known ?? tasks[0]!.topic;
    return { number: Number(number), ...rest };
  });
  return JSON.stringify({ topics: listed }, null, 2);
}

function review(): ChatTurn {
  const axes = { validity: 5, data_sufficiency: 4, raw_data_use: 5, complexity: 4, data_quality: 5 };
  return JSON.stringify({ axes, verdict: 'recommended', reasons: [] });
}

function unknown(message: string): ChatTurn {
  return { status: 400, code: 'no_recording', message };
}
