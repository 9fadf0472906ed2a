import type { RecordedStep } from './recording.js';

interface HistoryItem {
  role: string;
  content: string;
  action?: unknown;
  is_demo?: unknown;
}

/** What prompts add to an observation: where the agent stands. */
const PROMPT_TAIL =
  /\n?(?:\(Current Step: [^\n]*\)\n)?\(Open file: (?<file>[^\n]*)\)\n\(Current directory: (?<cwd>[^\n]*)\)\nbash-\$ ?$/;
const NO_OUTPUT = 'Your command ran successfully and did not produce any output.';

/**
 * Finds the rounds in a history, for files that hold nothing else: what the assistant did, and what the next message shows of it.
 * Demonstrations are not the episode's own.
 */
export function historySteps(history: readonly HistoryItem[]): RecordedStep[] {
  const own = history.filter(({ is_demo }) => is_demo !== true);
  let place: Pick<RecordedStep, 'openFile' | 'cwd'> = { openFile: null, cwd: null };
  const steps: RecordedStep[] = [];
  for (const [index, item] of own.entries()) {
    if (item.role === 'assistant' && typeof item.action === 'string') {
      const next = own[index + 1];
      const observation = next && next.role !== 'assistant' ? bare(next.content) : '';
      steps.push({ action: item.action, sent: null, observation, ...place });
    } else {
      const { file, cwd } = PROMPT_TAIL.exec(item.content)?.groups ?? {};
      if (cwd !== undefined) place = { openFile: file === 'n/a' ? null : (file ?? null), cwd };
    }
  }
  return steps;
}

function bare(content: string): string {
  const text = content.replace(PROMPT_TAIL, '');
  return text === NO_OUTPUT ? '' : text.replace(/^OBSERVATION:\n/, '');
}
