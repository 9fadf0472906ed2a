import type { Action, Episode, StepResult } from '../../client/index.js';
import type { Output } from '../output.js';
import { shownLine, terminalText } from './terminal-text.js';

/** Takes one step and shows it: output as it comes, then what the observation says beyond it, then where the episode stands. */
export async function playTurn(
  episode: Episode,
  action: Action,
  output: Output,
  signal?: AbortSignal,
): Promise<StepResult> {
  const decoder = new TextDecoder();
  let streamed = '';
  const onOutput = (chunk: Uint8Array) => {
    const text = decoder.decode(chunk, { stream: true });
    streamed += text;
    output.write(terminalText(text));
  };
  const result = await episode.step(action, { signal, ...(output.isTerminal && { onOutput }) });
  const { text } = result.observation;
  const isRepeat = streamed !== '' && text.startsWith(streamed.trimEnd());
  const rest = isRepeat ? text.slice(streamed.trimEnd().length).trim() : text.trimEnd();
  if (streamed !== '' && !streamed.endsWith('\n')) output.line();
  if (streamed !== '' && !isRepeat) output.line(output.style('faint', '--- the observation ---'));
  if (rest !== '') output.line(terminalText(rest));
  output.line(output.style('faint', statusLine(result)));
  if (result.info.score !== null) output.line(scoreLine(result, output));
  return result;
}

/** @returns step, directory, open file, exit status and time on one line */
function statusLine({ observation, info }: StepResult): string {
  const parts = [
    `step ${observation.step}, ${observation.remaining_steps} left`,
    observation.cwd,
    observation.open_file && `open ${observation.open_file.replace(`${observation.cwd}/`, '')}`,
    observation.exit_code !== null && observation.exit_code !== 0 && `exit code ${observation.exit_code}`,
    observation.running && 'still running',
    observation.omitted_bytes > 0 && `${observation.omitted_bytes} bytes left out`,
    `${Math.round(info.step_ms)} ms`,
  ];
  return `[${parts.filter(Boolean).join(' | ')}]`;
}

/** @returns score beside baseline, and the reward */
export function scoreLine({ info, reward }: StepResult, output: Output): string {
  const { score, baseline, direction, metric } = info;
  const isBetter =
    score !== null && baseline !== null && (direction === 'minimize' ? score < baseline : score > baseline);
  const style = score === null ? 'bad' : isBetter ? 'good' : 'warn';
  const shown = score === null ? 'no score' : `${shownLine(metric ?? '')} ${formatScore(score)}`;
  const beside = baseline === null ? '' : ` (baseline ${formatScore(baseline)}, ${direction})`;
  return `${output.style(style, shown)}${beside}, reward ${reward === null ? 'none' : formatScore(reward)}`;
}

/** @returns a score with at most six significant digits */
export function formatScore(score: number): string {
  return String(Number(score.toPrecision(6)));
}
