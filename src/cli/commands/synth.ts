import path from 'node:path';
import { Command } from 'commander';
import { RunPlaces } from '../../synth/run/run-places.js';
import { noCommand } from '../no-command.js';
import { Output } from '../output.js';
import { fingerprintCommand } from '../synth/fingerprint-command.js';
import { addOutFlag, addRunFlags, addSettingFlags, type SynthRunFlags } from '../synth/synth-flags.js';

const EXAMPLES = `
A topic becomes a proposal, is grounded in a real dataset, gets its programs, is tried out in real sandboxes, judged by the quality
gates, played by the teacher, and published into a pack. Everything is kept in the directory of the run (--out): a run that is killed,
stopped or out of budget goes on with the same command.

Examples:
  gymsmith synth run --teacher gpt-5 --topics 20 --max-usd 25 --dry-run   what it would take; asks nobody
  gymsmith synth run --teacher gpt-5 --topics 20 --max-usd 25             OPENAI_API_KEY holds the key
  gymsmith synth run --out synth-run --max-usd 50                         the same run goes on, under a higher budget
  gymsmith synth topics --teacher gpt-5 --topics 1000 --out thousand      the topics alone, and how diverse they are
  gymsmith synth run --config synth.yaml                                  settings in a file; flags stand over it
  gymsmith synth run --topic-list my-topics.txt --teacher Qwen/Qwen3-32B --base-url http://127.0.0.1:8000/v1
  gymsmith synth --from-repo ~/nanogpt@main --component train.py --teacher gpt-5
  gymsmith synth run --teacher gpt-5@3 --teacher o4-mini@1 --no-gate difficulty --k 0    two teachers; ablations
  gymsmith synth run --replay synth-run --out again --offline             every answer out of another run
  gymsmith synth status --out synth-run                                   how far it is, from anywhere
  gymsmith synth retry --out synth-run                                    once more what a broken endpoint or Hub ended
Without an account: gymsmith stand-in teacher, gymsmith stand-in hub.

Keys come from the environment alone (OPENAI_API_KEY, HF_TOKEN) and are written nowhere. The first Ctrl-C waits for answers that are
being written and saves, the second drops them.
Exit code: 0 every candidate came to its end, 1 a fault that a person has to mend, 2 wrong usage or settings, 3 the budget is used up,
130 stopped.`;

/** `gymsmith synth` */
export function synthCommand(): Command {
  return new Command('synth')
    .description('make verified tasks out of topics, or out of a code base, with a model')
    .addHelpText('after', EXAMPLES)
    .addCommand(runCommand(), { isDefault: true })
    .addCommand(topicsCommand())
    .addCommand(statusCommand())
    .addCommand(reportCommand())
    .addCommand(retryCommand())
    .addCommand(fingerprintCommand());
}

function runCommand(): Command {
  return addRunFlags(addSettingFlags(new Command('run')))
    .description('make tasks, or go on with a run (the default)')
    .addHelpText('after', EXAMPLES)
    .argument('[name...]')
    .usage('[options]')
    .action(async ([name]: string[], flags: SynthRunFlags, command: Command) => {
      if (name !== undefined) throw noCommand(name, command);
      const { runSynthesis } = await import('../synth/synth-run.js');
      process.exitCode = await runSynthesis(flags);
    });
}

function topicsCommand(): Command {
  return addRunFlags(addSettingFlags(new Command('topics')))
    .description('sample the topics of a run and show how diverse they are')
    .action(async (flags: SynthRunFlags) => {
      const { sampleTopics } = await import('../synth/synth-topics.js');
      await sampleTopics(flags);
    });
}

function statusCommand(): Command {
  return addOutFlag(new Command('status'))
    .description('show how a run stands, whether or not a process works on it')
    .option('--json', 'as JSON')
    .action(async (flags: { out: string; json?: boolean }) => {
      const { showStatus } = await import('../synth/synth-status.js');
      await showStatus(flags, new Output());
    });
}

function reportCommand(): Command {
  return addOutFlag(new Command('report'))
    .description('write report.json and report.html of a run')
    .option('--json', 'print the report as well')
    .action(async (flags: { out: string; json?: boolean }) => {
      const { writeReport } = await import('../../synth/report/write-report.js');
      const places = new RunPlaces(path.resolve(flags.out));
      const report = await writeReport(places);
      const output = new Output();
      output.line(flags.json ? JSON.stringify(report) : `${places.reportJson}\n${places.reportHtml}`);
    });
}

function retryCommand(): Command {
  return addOutFlag(new Command('retry'))
    .description("put candidates that others' faults ended back into the run")
    .option('--reason <name...>', "only these; default: every fault of others'")
    .action(async (flags: { out: string; reason?: string[] }) => {
      const { retryCandidates } = await import('../synth/synth-retry.js');
      await retryCandidates(flags, new Output());
    });
}
