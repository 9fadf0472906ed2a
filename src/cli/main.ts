import { Command, CommanderError } from 'commander';
import { SOFTWARE } from '../protocol/index.js';
import { Output } from './output.js';
import { reportError } from './report-error.js';

const EXAMPLES = `
Examples:
  gymsmith doctor                          what this machine has, what is missing, how to get it
  gymsmith serve                           serve the reference tasks on ws://127.0.0.1:8765
  gymsmith serve --host 0.0.0.0 --token-file token.txt --pack ./my-pack
  gymsmith tasks list                      every task: id, metric, baseline
  gymsmith play reference/breast-cancer    play a task yourself in this terminal
  gymsmith run reference/breast-cancer --model gpt-4.1-mini   let a model play it
  gymsmith synth --teacher gpt-5 --topics 20 --dry-run   make verified tasks out of topics: what it would take
  gymsmith sample --player gpt-4.1-mini --attempts 8 --dry-run   many trajectories of every task: what they would take
  gymsmith dataset build sample-run --out dataset        a dataset for training, out of them
  gymsmith train dataset --model Qwen/Qwen3-4B --dry-run   a student fine-tuned on it: plan and memory
  gymsmith demo                            topics made into tasks, played, sampled, made a dataset, without an account

Every setting has a variable too (GYMSMITH_PORT, GYMSMITH_TOKEN, ...); flags win. NO_COLOR=1 turns colours off.`;

/** Loads a command and all that it imports: much of what a start takes. */
type Loader = () => Promise<Command>;

const COMMANDS: Record<string, Loader> = {
  serve: async () => (await import('./commands/serve.js')).serveCommand(),
  run: async () => (await import('./commands/run.js')).runCommand(),
  play: async () => (await import('./commands/play.js')).playCommand(),
  replay: async () => (await import('./commands/replay.js')).replayCommand(),
  synth: async () => (await import('./commands/synth.js')).synthCommand(),
  sample: async () => (await import('./commands/sample.js')).sampleCommand(),
  dataset: async () => (await import('./commands/dataset.js')).datasetCommand(),
  train: async () => (await import('./commands/train.js')).trainCommand(),
  tasks: async () => (await import('./commands/tasks.js')).tasksCommand(),
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand(),
  'stand-in': async () => (await import('./commands/stand-in.js')).standInCommand(),
  demo: async () => (await import('./commands/demo.js')).demoCommand(),
};

/**
 * @param only the one command that is called, which spares loading the others; null: all
 * @returns the command line, ready to parse
 */
export async function createProgram(only: string | null = null): Promise<Command> {
  const program = new Command('gymsmith')
    .description('Machine-learning research tasks as gym environments over WebSocket.')
    .version(SOFTWARE.version, '-V, --version', 'print the version')
    .option('--debug', 'show stack traces')
    .helpOption('-h, --help', 'explain a command')
    .helpCommand('help [command]', 'explain a command')
    .showHelpAfterError('Run it with --help to see how it is used.')
    .addHelpText('after', EXAMPLES);
  for (const [name, load] of Object.entries(COMMANDS)) {
    if (only !== null && name !== only) continue;
    const command = await load();
    program.addCommand(command.copyInheritedSettings(program));
    for (const child of command.commands) child.copyInheritedSettings(program);
  }
  return program;
}

/**
 * Runs one command line.
 * @param argv the words behind the program name
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  // A reader such as `head` that has enough is no fault: what follows is written to nobody.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const isDebug = argv.includes('--debug');
  try {
    // Taken anywhere on the line, also behind the command.
    const rest = argv.filter((word) => word !== '--debug');
    const [first = ''] = rest;
    const program = await createProgram(Object.hasOwn(COMMANDS, first) ? first : null);
    for (const command of [program, ...program.commands.flatMap((child) => [child, ...child.commands])]) {
      command.exitOverride();
    }
    await program.parseAsync(rest, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportError(error, new Output(process.stderr), isDebug);
  }
}
