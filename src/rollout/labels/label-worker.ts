import { parentPort, workerData } from 'node:worker_threads';
import { StudentTokenizer, type TokenizerParts } from '../tokens/student-tokenizer.js';
import { readLabels } from './read-labels.js';

/** A thread that labels one file after another: it says once that it is ready, and answers each path with what `readLabels` gives. */
const counter = await StudentTokenizer.fromParts(workerData as TokenizerParts);
parentPort!.on('message', async (file: string) => {
  parentPort!.postMessage(await readLabels(file, counter));
});
parentPort!.postMessage('ready');
