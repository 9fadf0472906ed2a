import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { Output } from '../output.js';

/** `gymsmith synth fingerprint` */
export function fingerprintCommand(): Command {
  return new Command('fingerprint')
    .description('take the fingerprints of a pack or a checkout of MLGym, which tasks must not repeat: hashes, no text')
    .argument('<directory>', 'pack or checkout')
    .requiredOption('--out <file>', 'where they go; name the file under `contamination` in the settings of a run')
    .action(async (directory: string, { out }: { out: string }) => {
      const { encodePrint } = await import('../../synth/gates/contamination/print-file.js');
      const { printPack } = await import('../../synth/gates/contamination/print-pack.js');
      const print = await printPack(directory);
      const bytes = encodePrint(print);
      await writeFile(out, bytes);
      const grams = print.tasks.reduce((sum, task) => sum + task.grams.size, 0);
      new Output().line(
        `${print.name}: ${print.tasks.length} tasks, ${grams} fingerprints, ${bytes.length} bytes in ${out}`,
      );
    });
}
