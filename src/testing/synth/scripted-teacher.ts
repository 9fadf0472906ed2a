import type { z } from 'zod';
import type { FilledPrompt, PromptSet } from '../../synth/teacher/prompts/prompt-set.js';
import type { AnswerFile, Player, Teacher, TeacherFault, TeacherQuestion } from '../../synth/teacher/teacher.js';

/** An answer that asks for files get: the files, or why there are none. */
export type ScriptedFiles = readonly AnswerFile[] | TeacherFault;

/** A teacher that answers questions for files as a script says, after filling in the prompts as they ship. */
export class ScriptedTeacher implements Teacher {
  readonly name = 'scripted-1';
  /** What was asked, in order. */
  readonly asked: (TeacherQuestion & { filled: FilledPrompt })[] = [];

  constructor(
    private readonly prompts: PromptSet,
    private readonly answer: (question: TeacherQuestion) => ScriptedFiles,
  ) {}

  askJson<S extends z.ZodType>(question: TeacherQuestion): Promise<{ value: z.output<S> } | { fault: TeacherFault }> {
    return Promise.reject(new TypeError(`The script answers with files only, and ${question.key} asks for JSON.`));
  }

  async askFiles(question: TeacherQuestion): Promise<{ files: AnswerFile[]; notes: string } | { fault: TeacherFault }> {
    this.asked.push({ ...question, filled: await this.prompts.fill(question.prompt, question.variables) });
    const answer = this.answer(question);
    return 'kind' in answer ? { fault: answer } : { files: [...answer], notes: '' };
  }

  player(key: string): Player {
    throw new TypeError(`The script plays no episode, and ${key} is one.`);
  }
}
