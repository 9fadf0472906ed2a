import path from 'node:path';
import { Command } from 'commander';
import { mapLimited } from '../../client/map-limited.js';
import { findTask } from '../../rollout/replay/find-task.js';
import { type Recording, readRecording } from '../../rollout/replay/recording.js';
import { type RecordingReplay, replayRecording } from '../../rollout/replay/replay-recording.js';
import { countSteps, replayReport } from '../../rollout/replay/replay-report.js';
import { CliError } from '../cli-error.js';
import { addGymFlags, count } from '../config-flags.js';
import { connectGym, type PlayFlags } from '../gym/connect-gym.js';
import { Output } from '../output.js';
import { printDifferences, printFile, printSummary } from '../replay/print-replay.js';
import { ReplayProgress } from '../replay/replay-progress.js';

interface Flags extends PlayFlags {
  task?: string;
  parallel: number;
  maxSeconds?: number;
  stopAt?: number;
  skipLong?: boolean;
  follow: boolean;
  strict?: boolean;
  json?: boolean;
  diffLines: number;
  programs?: boolean;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const HELP = `
What is compared: every observation, after the rules of docs/replay.md. Commands that answer alike whenever they find the same files are
deterministic: viewer, edit, search, shell, refused, ending. Programs and evaluations are told apart from them and judge nothing.

Examples:
  gymsmith replay --pack ~/MLGym ~/MLGym/trajectories/*/*__blotto__*/*.traj
  gymsmith replay --pack ~/MLGym --skip-long --parallel 4 --json run/*.traj > report.json
  gymsmith replay --url ws://host:8765 --strict run/3SATTime.traj`;

/** `gymsmith replay` */
export function replayCommand(): Command {
  const command = new Command('replay')
    .description('play recorded actions again and tell where the observations differ')
    .argument('<files...>', '.traj files of MLGym, SWE-agent or gymsmith')
    .option('--url <url>', 'server to play on; without it a gym is opened in this process')
    .option('--token <token>', 'token of that server (GYMSMITH_TOKEN)')
    .option('--task <task>', 'env id; without it found by what the file says or how it is named')
    .option('--parallel <n>', 'files at once', count(1, 256), 1)
    .option('--max-seconds <n>', 'most seconds of one action; programs that take longer are ended', count(1))
    .option('--stop-at <n>', 'play the first n actions of each file', count(1))
    .option('--skip-long', 'do not run programs and evaluations')
    .option('--bare', 'play tasks without what only programs need: data that is not there, GPUs, what must be prepared')
    .option('--no-follow', 'leave files as they are where the recording shows other contents')
    .option('--programs', 'also show the differences of programs and evaluations')
    .option('--diff-lines <n>', 'lines shown of a difference', count(0, 100_000), 12)
    .option('--strict', 'exit code 1 when a deterministic observation differs')
    .option('--json', 'print one JSON document');
  return addGymFlags(command)
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => {
      const recordings = await Promise.all(files.map(readRecording));
      const output = new Output();
      const { replays, failures } = await replayAll(recordings, flags, output);
      if (flags.json) output.line(JSON.stringify(replayReport(replays, failures), null, 2));
      else printSummary(replays, failures, output);
      const { differs } = countSteps(replays.flatMap(({ steps }) => steps)).deterministic;
      if (failures.length > 0 || (flags.strict && differs > 0)) process.exitCode = 1;
    });
}

interface Failure {
  file: string;
  problem: string;
}

async function replayAll(
  recordings: readonly Recording[],
  flags: Flags,
  output: Output,
): Promise<{ replays: RecordingReplay[]; failures: Failure[] }> {
  const gym = await connectGym(flags);
  const stopping = new AbortController();
  const stop = () => stopping.abort(new CliError('The replay was stopped.', null, 130));
  for (const signal of SIGNALS) process.once(signal, stop);
  const total = recordings.reduce((sum, { steps }) => sum + Math.min(steps.length, flags.stopAt ?? steps.length), 0);
  const progress = new ReplayProgress(total, recordings.length, new Output(process.stderr));
  const failures: Failure[] = [];
  try {
    const played = await mapLimited(recordings, flags.parallel, async (recording) => {
      try {
        stopping.signal.throwIfAborted();
        const task = flags.task ?? (await findTask(gym.client, recording));
        if (task === null) throw new CliError(unknownTask(recording));
        const replay = await replayRecording(gym.client, recording, {
          task,
          skipsPrograms: flags.skipLong === true,
          maxSeconds: flags.maxSeconds ?? null,
          stopAt: flags.stopAt ?? null,
          followsRecording: flags.follow,
          signal: stopping.signal,
          onStep: () => progress.stepped(),
        });
        progress.clear();
        if (!flags.json) {
          printFile(replay, output);
          printDifferences(replay, { withPrograms: flags.programs === true, most: flags.diffLines }, output);
        }
        return replay;
      } catch (error) {
        stopping.signal.throwIfAborted();
        failures.push({ file: recording.file, problem: (error as Error).message });
        return null;
      } finally {
        progress.ended();
      }
    });
    return { replays: played.filter((replay) => replay !== null), failures };
  } finally {
    progress.clear();
    await gym.close();
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

function unknownTask({ file, taskNames }: Recording): string {
  const names = taskNames.join(' or ');
  return `No task of this gym is known by ${names} (${path.basename(file)}). Name its pack with --pack, or the task with --task.`;
}
