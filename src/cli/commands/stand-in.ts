import { Command } from 'commander';
import { hubCommand } from '../stand-in/hub-command.js';
import { modelCommand } from '../stand-in/model-command.js';
import { teacherCommand } from '../stand-in/teacher-command.js';

/** `gymsmith stand-in` */
export function standInCommand(): Command {
  return new Command('stand-in')
    .description('play the part of a service that the gym talks to')
    .addCommand(modelCommand())
    .addCommand(hubCommand())
    .addCommand(teacherCommand());
}
