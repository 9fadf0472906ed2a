// Runs the benchmarks and writes bench/RESULTS.md. Usage: run.ts [section...]
import { readFileSync, writeFileSync } from 'node:fs';
import { agentStep } from './agent-step.js';
import { concurrentEpisodes } from './concurrent-episodes.js';
import { datasetBench, datasetBuild } from './dataset-build.js';
import { ledgerIndex } from './ledger-index.js';
import { machine } from './measure.js';
import { resetTime } from './reset-time.js';
import { samplerSchedule } from './sampler-schedule.js';
import { renderSection, type Section } from './section.js';
import { serverThroughput } from './server-throughput.js';
import { stepLatency } from './step-latency.js';
import { synthSchedule } from './synth-schedule.js';

const RESULTS = 'bench/RESULTS.md';
const { BENCH_SWEREX_PYTHON = '', BENCH_OPENENV_PYTHON = '', BENCH_OPENENV_PATH = '' } = process.env;
const { BENCH_MLGYM_PYTHON = '', MLGYM_CHECKOUT = '' } = process.env;
const mlgym = BENCH_MLGYM_PYTHON === '' ? null : { python: BENCH_MLGYM_PYTHON, checkout: MLGYM_CHECKOUT };
const sections: Record<string, () => Promise<Section>> = {
  steps: () => stepLatency(BENCH_SWEREX_PYTHON),
  'agent-steps': () => agentStep(mlgym),
  resets: resetTime,
  throughput: () => serverThroughput(BENCH_OPENENV_PYTHON, BENCH_OPENENV_PATH),
  episodes: concurrentEpisodes,
  synthesis: synthSchedule,
  sampler: samplerSchedule,
  dataset: () => datasetBuild(datasetBench(process.env)),
  ledger: ledgerIndex,
};

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!(name in sections)) throw new Error(`No section ${name}. There are: ${Object.keys(sections).join(', ')}.`);
}
const parts = [
  `# Benchmarks`,
  `${new Date().toISOString().slice(0, 10)}, on ${machine()}. \`npm run bench\` makes this page.`,
];
for (const [name, measure] of Object.entries(sections)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`measuring ${name}...`);
  const text = renderSection(await measure());
  console.log(text);
  parts.push(text);
}
// A partial run is shown and not kept: the page is one run on one machine.
if (wanted.length === 0) writeFileSync(RESULTS, `${parts.join('\n\n').trimEnd()}\n`);
else console.error(`${RESULTS} keeps the last whole run (${readFileSync(RESULTS, 'utf8').split('\n')[2]})`);
process.exit(0);
