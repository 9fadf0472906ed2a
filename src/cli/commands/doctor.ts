import { Command } from 'commander';
import { readConfig } from '../../config.js';
import { imageRemedy } from '../../sandbox/image-remedy.js';
import type { Check, CheckResult } from '../checks/check.js';
import { checkGpus } from '../checks/gpu-checks.js';
import { checkPrograms, checkServing, checkStorage } from '../checks/host-checks.js';
import { Output, type Style } from '../output.js';

const GROUPS: { title: string; load: () => Promise<Check> }[] = [
  { title: 'Programs', load: async () => checkPrograms },
  { title: 'Docker', load: async () => (await import('../checks/docker-checks.js')).checkDocker },
  { title: 'Local', load: async () => (await import('../checks/local-checks.js')).checkLocal },
  { title: 'GPUs', load: async () => checkGpus },
  { title: 'Storage', load: async () => checkStorage },
  { title: 'Serving', load: async () => checkServing },
];

const STYLES = { ok: 'good', warn: 'warn', missing: 'bad' } as const satisfies Record<CheckResult['status'], Style>;

/** A check with the part of the machine that it belongs to. */
export interface GroupedResult extends CheckResult {
  group: string;
}

/** `gymsmith doctor` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('say what this machine has, what is missing, what it is for and how to get it')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nThe exit code is 1 only when no backend works: then nothing can be played on this machine.',
    )
    .action(async ({ json }: { json?: boolean }) => {
      const output = new Output();
      const config = readConfig();
      const results: GroupedResult[] = [];
      for (const { title, load } of GROUPS) {
        const group = (await (await load())(config)).map((result) => ({ group: title, ...result }));
        results.push(...group);
        if (!json) printGroup(title, group, output);
      }
      const backends = workingBackends(results);
      if (json) output.line(JSON.stringify({ version: 1, backends, checks: results }, null, 2));
      else printVerdict(backends, results, config.rootfs, output);
      if (backends.length === 0) process.exitCode = 1;
    });
}

/** @returns the backends that can make a sandbox here, best first */
export function workingBackends(results: readonly GroupedResult[]): string[] {
  const isOk = (name: string) => results.some((result) => result.name === name && result.status !== 'missing');
  const backends = { docker: isOk('Docker engine') && isOk('Image gymsmith/cpu'), local: isOk('Local backend') };
  return Object.entries(backends).flatMap(([name, works]) => (works ? [name] : []));
}

function printGroup(title: string, results: readonly GroupedResult[], output: Output): void {
  output.heading(title);
  for (const { name, status, detail, purpose, remedy } of results) {
    const label = output.style(STYLES[status], status.padEnd(7));
    output.line(`  ${label}  ${name.padEnd(20)}  ${detail}`);
    output.line(output.style('faint', `${' '.repeat(33)}for: ${purpose}`));
    if (remedy) output.line(`${' '.repeat(33)}${output.style('accent', `get: ${remedy}`)}`);
  }
}

function printVerdict(
  backends: readonly string[],
  results: readonly GroupedResult[],
  rootfs: string,
  output: Output,
): void {
  const counts = (status: CheckResult['status']) => results.filter((result) => result.status === status).length;
  output.line();
  output.line(`${counts('ok')} ok, ${counts('warn')} to look at, ${counts('missing')} missing.`);
  if (backends.length > 0) {
    output.line(output.style('good', `Ready: episodes can run (${backends.join(', ')}). Try: gymsmith demo`));
    return;
  }
  output.line(
    output.style(
      'bad',
      `No backend works: nothing can be played here. The shortest way: ${imageRemedy('gymsmith/cpu', rootfs)}`,
    ),
  );
}
