import { parentPort, workerData } from 'node:worker_threads';
import { RunError } from '../../../run/run-error.js';
import { StudentTokenizer, type TokenizerParts } from '../../tokens/student-tokenizer.js';
import type { ShardJob } from './shard-job.js';
import type { ShardAnswer } from './shard-threads.js';
import { writeShard } from './write-shard.js';

/** A thread that writes one shard after another: it says once that it is ready, and answers each job with what came of it. */
const tokenizer = StudentTokenizer.fromParts(workerData as TokenizerParts);

async function answer(job: ShardJob): Promise<ShardAnswer> {
  try {
    const counter = await tokenizer;
    return { result: await writeShard(job, (text) => counter.count(text)) };
  } catch (error) {
    const { message, code, path, syscall } = error as NodeJS.ErrnoException;
    return { fault: { message, code, path, syscall, remedy: error instanceof RunError ? error.remedy : null } };
  }
}

parentPort!.on('message', async (job: ShardJob) => {
  parentPort!.postMessage(await answer(job));
});
parentPort!.postMessage('ready');
