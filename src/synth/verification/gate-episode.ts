import { CheckProbe, type Playable, WORKSPACE } from '../../env/check/check-probe.js';
import { shellQuote } from '../../env/episode/shell-quote.js';
import { baselineCommand } from '../../env/evaluation/evaluation-command.js';
import type { Task } from '../../env/task.js';
import type { EvaluatorReport } from '../../protocol/index.js';
import { parsePythonJson } from '../../python/python-json.js';
import { exitStatusText, measuringCommand, ProgramReport } from './measured-program.js';

const REPORT = '/tmp/.measured.json';
/** What base64 makes of one piece of a file stays below what an action carries. */
const PIECE_BYTES = 384 * 2 ** 10;
/** Files that are taken out of a sandbox together. */
const MAX_TAKEN_BYTES = 8 * 2 ** 20;
const SHORT_S = 60;
/** A program that was ended still has to be told of. */
const SLACK_S = 30;
const TAIL_CHARACTERS = 4000;
/** What a program prints stands in its order, and is there when the program is ended. */
const UNBUFFERED = { PYTHONUNBUFFERED: '1' };

/** A file of a submission. */
export interface SubmittedFile {
  /** Below the workspace. */
  path: string;
  contents: Uint8Array;
}

/** A program that came to its end. */
export interface ProgramRun extends ProgramReport {
  /** As one would type it. */
  command: string;
  exitStatus: string;
  logTail: string;
}

/** What an evaluation came to. */
export interface Scoring {
  /** Null: none. */
  score: number | null;
  report: EvaluatorReport;
  /** What the agent sees of it. */
  text: string;
  /** Everything that was printed by name, as Python means it; null without a score. */
  printed: ReadonlyMap<string, unknown> | null;
  ms: number;
}

/** An episode that a gate plays. It is not an agent's: it may put answers into the workspace. */
export class GateEpisode {
  readonly probe: CheckProbe;

  constructor(
    episode: Playable,
    private readonly task: Task,
    signal: AbortSignal,
  ) {
    this.probe = new CheckProbe(episode, task, signal);
  }

  /** @returns what it printed */
  async bash(command: string, timeoutS = SHORT_S): Promise<string> {
    return (await this.probe.bash(command, timeoutS)).text;
  }

  /** Writes a file over whatever is there. @param target below the workspace, or absolute */
  async put(target: string, contents: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(contents as Uint8Array);
    const place = shellQuote(target.startsWith('/') ? target : `${WORKSPACE}/${target}`);
    const before = `mkdir -p "$(dirname ${place})" && rm -rf ${place} && `;
    for (let at = 0; at === 0 || at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES).toString('base64');
      await this.bash(`${at === 0 ? before : ''}base64 -d >> ${place} <<'GATE_FILE'\n${piece}\nGATE_FILE`);
    }
  }

  /** Runs a Python program of the workspace as the environment does. @param env over what the environment sets */
  async run(script: string, env: Readonly<Record<string, string>>, timeoutS: number): Promise<ProgramRun> {
    const command = baselineCommand(this.task, script);
    const hasGpus = this.task.sidecar.resources.gpus > 0;
    const text = measuringCommand(
      command.argv,
      { ...command.env, ...UNBUFFERED, ...env },
      { report: REPORT, timeoutS, hasGpus },
    );
    await this.bash(`rm -f ${REPORT}`);
    const output = await this.bash(`cd ${WORKSPACE} && ${text}`, timeoutS + SLACK_S);
    const said = ProgramReport.safeParse(parsedOrNull(await this.bash(`cat ${REPORT} 2>/dev/null`)));
    // Nothing is said when the measurement itself was ended, which takes a machine without memory.
    const none = { code: -9, timed_out: false, seconds: 0, memory_bytes: 0, cpu_seconds: 0, gpu_memory_bytes: 0 };
    const report = said.success ? said.data : none;
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value} `);
    return {
      ...report,
      command: `${settings.join('')}python ${script}`,
      exitStatus: exitStatusText(report, timeoutS),
      logTail: output.slice(-TAIL_CHARACTERS),
    };
  }

  /** Scores what lies in the workspace; the episode goes on. */
  async evaluate(): Promise<Scoring> {
    const { info, observation } = await this.probe.step({ type: 'validate' });
    const printed = info.metrics_json === null ? null : parsePythonJson(info.metrics_json);
    return {
      score: info.valid === true ? info.score : null,
      report: info.evaluator ?? { result: 'no_submission', exit_code: null, stdout_lines: 0, stderr_lines: 0 },
      text: observation.text,
      printed: printed instanceof Map ? printed : null,
      ms: info.evaluation_ms ?? 0,
    };
  }

  /** @returns what would be handed in now; null when it is too much to be carried */
  async take(): Promise<SubmittedFile[] | null> {
    const names = (await this.probe.submissionFiles()).sort();
    const quoted = names.map((name) => shellQuote(`${WORKSPACE}/${name}`)).join(' ');
    const sizes = names.length === 0 ? [] : (await this.bash(`stat -c %s ${quoted}`)).split('\n').map(Number);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (sizes.length !== names.length || !(total <= MAX_TAKEN_BYTES)) return null;
    const files: SubmittedFile[] = [];
    for (const [index, name] of names.entries()) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < (sizes[index] ?? 0); at += PIECE_BYTES) {
        const place = shellQuote(`${WORKSPACE}/${name}`);
        const count = at / PIECE_BYTES;
        const text = await this.bash(
          `dd if=${place} bs=${PIECE_BYTES} skip=${count} count=1 2>/dev/null | base64 -w 0`,
        );
        pieces.push(Buffer.from(text, 'base64'));
      }
      files.push({ path: name, contents: Buffer.concat(pieces) });
    }
    return files;
  }

  /** Removes what would be handed in. */
  async clear(): Promise<void> {
    const names = await this.probe.submissionFiles();
    if (names.length > 0) await this.bash(`cd ${WORKSPACE} && rm -rf -- ${names.map(shellQuote).join(' ')}`);
  }

  /** Hands in these files and nothing else. */
  async handIn(files: readonly SubmittedFile[]): Promise<Scoring> {
    await this.clear();
    for (const file of files) await this.put(file.path, file.contents);
    return this.evaluate();
  }
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
