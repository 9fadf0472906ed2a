import { Command } from 'commander';
import { buildCommand } from '../dataset/build-command.js';
import { pushCommand } from '../dataset/push-command.js';
import { statsCommand } from '../dataset/stats-command.js';

/** `gymsmith dataset` */
export function datasetCommand(): Command {
  return new Command('dataset')
    .description('make a dataset for training out of trajectories, look at it, bring it to the Hub')
    .addCommand(statsCommand())
    .addCommand(buildCommand())
    .addCommand(pushCommand());
}
