import { Command } from 'commander';
import { noCommand } from '../no-command.js';
import { repeated } from '../option-kinds.js';
import { Output } from '../output.js';
import { addSampleRunFlags, type SampleRunFlags } from '../sample/sample-flags.js';
import type { SampleRetryFlags } from '../sample/sample-retry.js';

const EXAMPLES = `
Models play tasks again and again; every episode is kept as a trajectory, and in a ledger what came of it. Everything lies in the
directory of the run (--out): a run that is killed, stopped or out of budget goes on with the same command, and plays nothing twice.

Examples:
  gymsmith sample --player gpt-4.1-mini --task 'reference/*' --attempts 8 --max-usd 5 --dry-run   what it would take
  gymsmith sample --player gpt-4.1-mini --task 'reference/*' --attempts 8 --max-usd 5             OPENAI_API_KEY holds the key
  gymsmith sample --out sample-run                                  the same run goes on
  gymsmith sample --out sample-run --attempts 16 --max-usd 10       with more attempts, under a higher budget
  gymsmith sample --config sample.yaml                              settings in a file; flags stand over it
  gymsmith sample --player gpt-5@3 --player o4-mini@1 --url ws://one:8765 --url ws://two:8765
                                                                    two models by weight, on two servers
  gymsmith sample --player Qwen/Qwen3-32B --base-url http://127.0.0.1:8000/v1 --pack synth-run/pack
  gymsmith sample status --out sample-run                           how far it is, from anywhere
  gymsmith sample report --out sample-run                           report.json, report.html and plots of now
  gymsmith sample retry --out sample-run                            once more what others' faults ended
  gymsmith dataset build sample-run --out dataset                   what comes next
Without an account: gymsmith stand-in model --solutions packs/reference --model strong=solves:8,baseline:2 --model weak=wanders:1

Others' faults (server, sandbox, endpoint) are never results: such an attempt is played again, at most --tries times. How many episodes
and questions there are at once follows from what servers hold and endpoints take. Keys come from the environment alone and are written
nowhere. The first Ctrl-C begins no new episode and waits for those under way; the second drops these, and they are played again next
time; the third leaves at once.
Exit code: 0 every attempt is done or was given up, 1 a fault that a person has to mend, 2 wrong usage or settings, 3 the budget is used
up, 130 stopped.`;

/** Flags of commands that look at a run. */
interface LookFlags {
  out: string;
  json?: boolean;
}

/** `gymsmith sample` */
export function sampleCommand(): Command {
  return new Command('sample')
    .description('let models play tasks many times, and keep every trajectory')
    .addHelpText('after', EXAMPLES)
    .addCommand(runCommand(), { isDefault: true })
    .addCommand(statusCommand())
    .addCommand(reportCommand())
    .addCommand(retryCommand());
}

function runCommand(): Command {
  return addSampleRunFlags(addOutFlag(new Command('run')))
    .description('sample trajectories, or go on with a run (the default)')
    .addHelpText('after', EXAMPLES)
    .argument('[name...]')
    .usage('[options]')
    .action(async ([name]: string[], flags: SampleRunFlags, command: Command) => {
      if (name !== undefined) throw noCommand(name, command);
      const { runSampling } = await import('../sample/sample-run.js');
      process.exitCode = await runSampling(flags);
    });
}

function retryCommand(): Command {
  return addOutFlag(new Command('retry'))
    .description("give attempts that others' faults ended all their tries again")
    .addOption(repeated('--task <env id>', 'only those of this task; may be repeated'))
    .addOption(repeated('--code <code>', 'only those whose last try ended with this code; may be repeated'))
    .action(async (flags: SampleRetryFlags) => {
      const { retryAttempts } = await import('../sample/sample-retry.js');
      await retryAttempts(flags, new Output());
    });
}

function statusCommand(): Command {
  return addOutFlag(new Command('status'))
    .description('show how a run stands, whether or not a process works on it')
    .option('--json', 'as JSON')
    .action(async (flags: LookFlags) => {
      const { showSampleStatus } = await import('../sample/sample-status.js');
      await showSampleStatus(flags, new Output());
    });
}

function reportCommand(): Command {
  return addOutFlag(new Command('report'))
    .description('write report.json, report.html and plots of a run')
    .option('--json', 'print the report as well')
    .action(async ({ out, json }: LookFlags) => {
      const { reportSample } = await import('../sample/report-sample.js');
      await reportSample({ out, json: json === true }, new Output());
    });
}

function addOutFlag(command: Command): Command {
  return command.option('--out <directory>', 'directory of the run; one that exists is taken up', 'sample-run');
}
