import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Starts a thread of a module of ours: built (`.js`), or from its source (`.ts` beside it). */
export function startThread(module: URL, options: WorkerOptions): Worker {
  if (!new URL(import.meta.url).pathname.endsWith('.ts')) return new Worker(module, options);
  // Node reads no TypeScript by itself, and a loader of this thread is not one of another.
  const loader = new URL('./esm/api/index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx')));
  const source = module.href.replace(/\.js$/, '.ts');
  const code = `import(${JSON.stringify(loader)}).then(({ tsImport }) => tsImport(${JSON.stringify(source)}, ${JSON.stringify(source)}))`;
  return new Worker(code, { ...options, eval: true });
}
