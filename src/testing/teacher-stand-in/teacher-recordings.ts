import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { readYaml } from '../../yaml/yaml.js';
import { RecordedTask } from './recorded-task.js';
import { IndexEntry, RecordedAction, TopicRecording } from './recorded-topic.js';

const Task = z.strictObject({ proposal: z.record(z.string(), z.unknown()) });

async function readRecord<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  const { value, errors } = readYaml(await readFile(file, 'utf8'));
  const [error] = errors;
  if (error) throw new Error(`${file}:${error.line + 1}: ${error.problem}`);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

async function readTexts(root: string): Promise<Map<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.endsWith('__pycache__'));
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return new Map(
    await Promise.all(
      paths.map(async (file) => [path.relative(root, file), await readFile(file, 'utf8')] as [string, string]),
    ),
  );
}

/** Replaces all texts at once, so that none is replaced in what another one brought. */
function replacer(words: Readonly<Record<string, string>>): (text: string) => string {
  const found = Object.keys(words).sort((a, b) => b.length - a.length);
  if (found.length === 0) return (text) => text;
  const pattern = new RegExp(found.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replace(pattern, (word) => words[word]!);
}

function actionText(action: z.output<typeof RecordedAction>, solution: ReadonlyMap<string, string>): string {
  if (typeof action === 'string') return action;
  const text = solution.get(action.write);
  if (text === undefined) throw new Error(`there is no solution/${action.write}`);
  const written = `cat > ${action.write} <<'CODE'\n${text.trimEnd()}\nCODE`;
  return action.run === undefined ? written : `${written}\n${action.run}`;
}

async function readTask(root: string, entry: IndexEntry): Promise<RecordedTask> {
  const directory = path.join(root, 'tasks', entry.task);
  const [recording, task, programs, solution, actions] = await Promise.all([
    readRecord(path.join(root, 'topics', `${entry.topic}.yaml`), TopicRecording),
    readRecord(path.join(directory, 'task.yaml'), Task),
    readTexts(path.join(directory, 'files')),
    readTexts(path.join(directory, 'solution')),
    readFile(path.join(directory, 'actions.json'), 'utf8').then((text) =>
      z.array(RecordedAction).parse(JSON.parse(text)),
    ),
  ]);
  const words = replacer(recording.replace);
  return new RecordedTask({
    entry,
    recording,
    proposal: { ...task.proposal, ...recording.proposal },
    programs: new Map([...programs].map(([file, text]) => [file, words(text)])),
    actions: actions.map((action) => words(actionText(action, solution))),
  });
}

/**
 * Reads the recorded replies of a teacher.
 * @param root a directory like `stand-ins/teacher`
 * @returns the topics in the order in which the teacher thinks of them
 * @throws Error naming the file that cannot be used
 */
export async function readTeacherRecordings(root: string): Promise<RecordedTask[]> {
  const index = await readRecord(path.join(root, 'index.yaml'), z.array(IndexEntry).min(1));
  return Promise.all(
    index.map((entry) =>
      readTask(root, entry).catch((error: Error) => {
        throw new Error(`${path.join(root, 'index.yaml')}: ${entry.topic}: ${error.message}`, { cause: error });
      }),
    ),
  );
}
