import { Command } from 'commander';
import { Output } from '../output.js';

/** Flags of commands that look at a run. */
interface LookFlags {
  out: string;
  json?: boolean;
}

/** `gymsmith sample` */
export function sampleCommand(): Command {
  return new Command('sample')
    .description('let models play tasks many times, and keep every trajectory')
    .addCommand(statusCommand())
    .addCommand(reportCommand());
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
  return command.option('--out <directory>', 'directory of the run', 'sample-run');
}
