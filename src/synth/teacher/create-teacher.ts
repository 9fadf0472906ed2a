import type { z } from 'zod';
import { type ChatMessage, ModelError, type ModelReply, type ModelRequest } from '../../agent/models/model.js';
import { StageFault } from '../stage.js';
import { readAnswerFiles } from './answers/answer-files.js';
import { isRefusal } from './answers/is-refusal.js';
import { jsonInText } from './answers/json-in-text.js';
import { jsonSchema, responseFormat } from './answers/response-format.js';
import { keptMessages } from './kept-messages.js';
import type { FilledPrompt, PromptSet } from './prompts/prompt-set.js';
import { QuestionLine, type TeacherSetup } from './question-line.js';
import type { AnswerFile, Player, Teacher, TeacherFault, TeacherQuestion } from './teacher.js';
import { teacherFailure } from './teacher-failure.js';
import { TeacherPlayer } from './teacher-player.js';

const MAX_PROBLEMS = 20;
/** Of an unusable answer, what is shown back to the teacher. */
const SHOWN_ANSWER_CHARACTERS = 100_000;

const CUT = 'the answer was cut off at the most tokens that it may have';

/** An answer judged: what it holds, or what is wrong with it. */
type Judged<T> = { value: T } | { problems: readonly string[] };
/** @param isCut whether the endpoint ended the answer */
type Judge<T> = (text: string, isCut: boolean) => Judged<T>;

/** The teacher of one candidate. */
export function createTeacher(setup: TeacherSetup & { prompts: PromptSet }): Teacher {
  const line = new QuestionLine(setup);
  const asker = new Asker(line, setup.prompts);
  return {
    name: setup.model.name,
    askJson: (question, schema) => asker.json(question, schema),
    askFiles: (question) => asker.files(question),
    player: (key): Player => new TeacherPlayer(line, key),
  };
}

/** Asks, judges the answer, and asks once more where it cannot be used. */
class Asker {
  constructor(
    private readonly line: QuestionLine,
    private readonly prompts: PromptSet,
  ) {}

  async json<S extends z.ZodType>(
    question: TeacherQuestion,
    schema: S,
  ): Promise<{ value: z.output<S> } | { fault: TeacherFault }> {
    const prompt = await this.#prompt(question, 'json');
    const format = responseFormat(question.prompt, schema) ?? undefined;
    const wanted = JSON.stringify(jsonSchema(schema), null, 1);
    const again = (problems: string) => this.prompts.fill('again-json', { problems, schema: wanted });
    return this.#ask(question, prompt, { format }, (text) => judgedJson(text, schema), again);
  }

  async files(question: TeacherQuestion): Promise<{ files: AnswerFile[]; notes: string } | { fault: TeacherFault }> {
    const prompt = await this.#prompt(question, 'files');
    const again = (problems: string) => this.prompts.fill('again-files', { problems });
    const answer = await this.#ask(question, prompt, {}, judgedFiles, again);
    return 'fault' in answer ? answer : answer.value;
  }

  async #prompt({ prompt, variables }: TeacherQuestion, answer: FilledPrompt['answer']): Promise<FilledPrompt> {
    const filled = await this.prompts.fill(prompt, variables);
    if (filled.answer !== answer)
      throw new TypeError(`The prompt ${prompt} asks for ${filled.answer}, not for ${answer}.`);
    return filled;
  }

  async #ask<T>(
    { key, seed }: TeacherQuestion,
    prompt: FilledPrompt,
    wishes: Pick<ModelRequest, 'format'>,
    judge: Judge<T>,
    again: (problems: string) => Promise<FilledPrompt>,
  ): Promise<{ value: T } | { fault: TeacherFault }> {
    const { format } = wishes;
    const drawn = {
      ...(format && { format }),
      ...(prompt.temperature !== null && { temperature: prompt.temperature }),
      ...(seed !== undefined && { seed }),
    };
    const first: ChatMessage[] = [
      { role: 'system', content: prompt.system },
      { role: 'user', content: prompt.user },
    ];
    const answer = await this.#answer(key, prompt, { ...drawn, messages: first });
    if ('fault' in answer) return answer;
    const judged = judgedReply(answer.reply, judge);
    if ('value' in judged || 'fault' in judged) return judged;
    const repair = await again(told(judged.problems));
    const second: ChatMessage[] = [
      ...first,
      { role: 'assistant', content: answer.reply.text.slice(0, SHOWN_ANSWER_CHARACTERS) || '(nothing)' },
      { role: 'user', content: repair.user },
    ];
    const last = await this.#answer(`${key}.again`, repair, { ...drawn, messages: second });
    if ('fault' in last) return last;
    const rejudged = judgedReply(last.reply, judge);
    if ('value' in rejudged || 'fault' in rejudged) return rejudged;
    return { fault: { kind: 'malformed', detail: rejudged.problems.slice(0, MAX_PROBLEMS).join('; ') } };
  }

  async #answer(
    key: string,
    { stamp }: FilledPrompt,
    request: ModelRequest,
  ): Promise<{ reply: ModelReply } | { fault: TeacherFault }> {
    const { messages, format } = request;
    const question = { ...(format && { format }), messages: keptMessages(messages) };
    try {
      return { reply: (await this.line.ask({ key, question, stamp }, request)).reply };
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      const failure = teacherFailure(error, this.line.teacher.model.name);
      if (failure instanceof StageFault) throw failure;
      return { fault: failure };
    }
  }
}

function judgedReply<T>(reply: ModelReply, judge: Judge<T>): Judged<T> | { fault: TeacherFault } {
  if (reply.refusal !== null || reply.finishReason === 'content_filter') {
    return { fault: { kind: 'refused', detail: reply.refusal ?? 'the endpoint filtered the answer' } };
  }
  const isCut = reply.finishReason === 'length';
  const judged = judge(reply.text, isCut);
  if ('value' in judged) return judged;
  if (isCut) return { problems: [CUT] };
  if (isRefusal(reply.text)) return { fault: { kind: 'refused', detail: reply.text.trim() } };
  return judged;
}

function judgedJson<S extends z.ZodType>(text: string, schema: S): Judged<z.output<S>> {
  let nearest: { size: number; problems: string[] } | null = null;
  for (const found of jsonInText(text)) {
    const parsed = schema.safeParse(found);
    if (parsed.success) return { value: parsed.data };
    const size = JSON.stringify(found).length;
    if (nearest !== null && nearest.size >= size) continue;
    nearest = {
      size,
      problems: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'answer'}: ${message}`),
    };
  }
  return {
    problems: nearest?.problems ?? [
      text.trim() === '' ? 'the answer is empty' : 'the answer holds no JSON that can be read',
    ],
  };
}

function judgedFiles(text: string, isCut: boolean): Judged<{ files: AnswerFile[]; notes: string }> {
  // Files that are whole may lack the one that was to come next.
  if (isCut) return { problems: [CUT] };
  const read = readAnswerFiles(text);
  return 'problems' in read ? read : { value: read };
}

function told(problems: readonly string[]): string {
  const shown = problems.slice(0, MAX_PROBLEMS).map((problem) => `- ${problem}`);
  const more = problems.length - shown.length;
  return [...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}
