import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../src/config.js';
import { buildDataset } from '../../src/rollout/dataset/build/build-dataset.js';
import { DatasetSettings } from '../../src/rollout/dataset/dataset-settings.js';
import { writeTrajectories } from '../python/played-trajectories.js';
import { type TrainEnvironment, trainEnvironment } from '../python/train-environment.js';

const run = promisify(execFile);
const MARKS = ['<|endoftext|>', '<|im_start|>', '<tool_call>', '</tool_call>', '<tool_response>', '</tool_response>'];
/** Short, and the model's own: what is trained on is the text of the export. */
const TEMPLATE = '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}';
/** One thread: others work on this machine as well, and threads that wait for each other make it slow. */
const CALM = { OMP_NUM_THREADS: '1' };

/** A tokenizer of single bytes, a Qwen3 of 0.2 million random weights, and an export of a few episodes. */
export interface SmallStudent {
  environment: TrainEnvironment;
  tokenizer: string;
  model: string;
  dataset: string;
  /** Variables for programs that train. */
  env: NodeJS.ProcessEnv;
}

/** Makes a student below a directory. */
export async function smallStudent(root: string): Promise<SmallStudent> {
  const environment = await trainEnvironment();
  const at = (name: string) => path.join(root, name);
  const student = { environment, tokenizer: at('tokenizer'), model: at('model'), dataset: at('dataset'), env: CALM };
  await writeTokenizer(student.tokenizer);
  const make = path.join(PROJECT_ROOT, 'docker', 'train', 'make_tiny.py');
  const env = { ...process.env, ...CALM, PYTHONDONTWRITEBYTECODE: '1' };
  await run(environment.python, [make, student.model, '--tokenizer', student.tokenizer], { env });
  await writeFile(path.join(student.model, 'chat_template.jinja'), TEMPLATE);
  await writeTrajectories(at('played'), 4, 4);
  const settings = DatasetSettings.parse({
    sources: [at('played')],
    filter: { preset: 'none', rejects: [] },
    duplicates: 'keep',
    held_out: 0.25,
    tokenizer: student.tokenizer,
    truncate_tokens: 1024,
  });
  const options = { out: student.dataset, force: false, labelsDirectory: at('labels'), threads: 1 };
  await buildDataset(settings, { ...options, signal: new AbortController().signal });
  return student;
}

async function writeTokenizer(directory: string): Promise<void> {
  const source = path.join(PROJECT_ROOT, 'test', 'agent', 'tokenizer', 'tokenizer.json');
  const tokenizer = JSON.parse(await readFile(source, 'utf8')) as { added_tokens: { id: number; content: string }[] };
  const [end] = tokenizer.added_tokens;
  for (const content of MARKS) {
    tokenizer.added_tokens.push({ ...end!, id: end!.id + tokenizer.added_tokens.length, content });
  }
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'tokenizer.json'), JSON.stringify(tokenizer));
  const config = { tokenizer_class: 'PreTrainedTokenizerFast', eos_token: '<|im_end|>' };
  await writeFile(path.join(directory, 'tokenizer_config.json'), JSON.stringify(config));
}
