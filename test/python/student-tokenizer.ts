import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TrainEnvironment } from './train-environment.js';

const run = promisify(execFile);

/** Makes the tokenizer that Qwen to Qwen3 share when it is not there yet. @returns its directory */
export async function studentTokenizer({ python, downloads }: TrainEnvironment): Promise<string> {
  const directory = path.join(path.dirname(downloads), 'qwen3-tokenizer');
  if (existsSync(path.join(directory, 'tokenizer.json'))) return directory;
  await run(python, [path.join(import.meta.dirname, 'qwen_tokenizer.py'), downloads, directory]);
  return directory;
}
