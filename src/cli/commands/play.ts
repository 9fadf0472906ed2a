import { Command, Option } from 'commander';
import type { EnvClient, Episode, StepResult } from '../../client/index.js';
import { readConfig } from '../../config.js';
import { type EpisodeOptions, REWARDS } from '../../protocol/index.js';
import { CliError } from '../cli-error.js';
import { addGymFlags, count } from '../config-flags.js';
import { connectGym, type PlayFlags } from '../gym/connect-gym.js';
import { Output } from '../output.js';
import { PlayHistory } from '../play/play-history.js';
import { playScript, readScript } from '../play/play-script.js';
import { scoreLine } from '../play/play-turn.js';
import { TerminalPlayer } from '../play/terminal-player.js';
import { terminalText, wrapText } from '../play/terminal-text.js';

interface Flags extends PlayFlags {
  script?: string;
  seed?: number;
  maxSteps?: number;
  reward?: EpisodeOptions['reward'];
}

/** What else ends a play; its sandbox must not outlive it. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const EXAMPLES = `
Examples:
  gymsmith play reference/breast-cancer                     in a sandbox of this machine
  gymsmith play reference/breast-cancer --url ws://host:8765 --token ...
  gymsmith play --script packs/reference/solutions/breast-cancer.json
  printf 'ls\\nvalidate\\n' | gymsmith play reference/breast-cancer`;

/** `gymsmith play` */
export function playCommand(): Command {
  const command = new Command('play')
    .description('play an episode yourself in the terminal, or play recorded actions')
    .argument('[task]', 'env id; without a version the highest')
    .option('--url <url>', 'server to play on; without it a gym is opened in this process')
    .option('--token <token>', 'token of that server (GYMSMITH_TOKEN)')
    .option('--script <file>', 'recorded actions to play: {"task": "...", "actions": [...]}')
    .option('--seed <n>', 'seed of the episode', count(0))
    .option('--max-steps <n>', 'step limit', count(1, 10_000))
    .addOption(new Option('--reward <name>', 'how the score becomes the reward').choices([...REWARDS]));
  return addGymFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (given: string | undefined, flags: Flags) => {
      const output = new Output();
      const script = flags.script === undefined ? null : await readScript(flags.script);
      const gym = await connectGym(flags);
      const leave = () => void gym.close().finally(() => process.exit(130));
      for (const signal of SIGNALS) process.once(signal, leave);
      try {
        const task = given ?? script?.task ?? (await refuseWithoutTask(gym.client));
        const detail = await gym.client.describeTask(task);
        output.line(`${output.style('heading', detail.task)}  on ${gym.where}`);
        const options = { max_steps: flags.maxSteps, reward: flags.reward };
        const episode = await gym.client.reset(task, { seed: flags.seed, options });
        output.line(wrapText(terminalText(episode.reset?.observation.text.trimEnd() ?? ''), output));
        output.line();
        if (script) await playScript(episode, script, output);
        else await playLive(episode, detail, output);
        conclude(episode.last, output);
      } finally {
        await gym.close();
        for (const signal of SIGNALS) process.off(signal, leave);
      }
    });
}

async function playLive(episode: Episode, detail: Awaited<ReturnType<EnvClient['describeTask']>>, output: Output) {
  const isTerminal = output.isTerminal && process.stdin.isTTY;
  if (isTerminal) output.line(output.style('faint', ':help explains, :quit leaves'));
  const history = isTerminal ? await PlayHistory.open(readConfig().stateDir) : null;
  const player = new TerminalPlayer(episode, detail, output, {
    input: process.stdin,
    isTerminal,
    history: history?.lines ?? [],
    onHistory: (lines) => {
      if (history) history.lines = lines;
    },
  });
  await player.play();
  await history?.save();
}

async function refuseWithoutTask(client: EnvClient): Promise<never> {
  const tasks = await client.listTasks();
  throw new CliError(`Name the task to play:\n${tasks.map(({ task }) => `  ${task}`).join('\n')}`, null, 2);
}

/** Says how the episode ended. */
function conclude(last: StepResult | null, output: Output): void {
  if (last === null) return;
  const { exit_status, exit_reason } = last.info;
  const isOver = last.terminated || last.truncated;
  output.line();
  output.line(
    isOver
      ? `${output.style('heading', 'The episode ended')}: ${exit_status}${exit_reason === null ? '' : ` (${exit_reason})`} after ${last.observation.step} steps.`
      : output.style('warn', 'The episode was left before its end.'),
  );
  if (isOver && last.info.score === null) output.line(scoreLine(last, output));
}
