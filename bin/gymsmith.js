#!/usr/bin/env node
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/main.js', import.meta.url);
const source = new URL('../src/cli/main.ts', import.meta.url);
// In a clone the sources run: a build there may be older than they are.
const isClone = existsSync(new URL('../.git', import.meta.url));

async function load() {
  if (existsSync(built) && !isClone) return import(built.href);
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(source.href, import.meta.url);
}

const { main } = await load();
process.exitCode = await main(process.argv.slice(2));
