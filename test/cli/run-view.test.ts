import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { AgentRun, AgentStep } from '../../src/agent/agent-run.js';
import { Output } from '../../src/cli/output.js';
import { reportError } from '../../src/cli/report-error.js';
import { exitText } from '../../src/cli/run/exit-text.js';
import { limitsBar } from '../../src/cli/run/limits-bar.js';
import { replayWords } from '../../src/cli/run/replay-words.js';
import { printRuns } from '../../src/cli/run/run-report.js';
import { RunTicker } from '../../src/cli/run/run-ticker.js';
import { RunView } from '../../src/cli/run/run-view.js';
import { RpcError } from '../../src/protocol/index.js';
import { sampleResult, sampleRun, sampleStep } from '../rollout/sample-run.js';

const LIMITS = { taskUsd: 0, totalUsd: 0, taskTokens: 0, contextTokens: 0, timeMs: 0 };
const PROMPT = { role: 'user', content: 'Go.', agent: 'primary_0' } as const;

/** A terminal, or a pipe, and what it shows: lines that were wiped are gone. */
function screen(isTTY: boolean): { output: Output; shown: () => string[] } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 60 });
  const output = new Output(stream, { NO_COLOR: '1' });
  const shown = () => {
    const text = (stream.read()?.toString() ?? '') as string;
    return text.split('\n').map((line) => line.slice(line.lastIndexOf('\r\u001b[K') + 1).replace('\u001b[K', ''));
  };
  return { output, shown };
}

function stepOf(observation: string, changes: Partial<AgentStep> = {}): AgentStep {
  return { ...sampleStep(), observation, ...changes };
}

describe('the view of a run', () => {
  it('shows on a terminal the thought as it comes, without the fence, and does not wipe it [E7]', () => {
    const { output, shown } = screen(true);
    const view = new RunView(output, LIMITS);
    view.onPrompt(PROMPT, { step: 2, remainingSteps: 48 });
    for (const delta of ['\nI lo', 'ok', ' around.\n\n`', '``\nl', 's\n```']) view.onText(delta);
    view.onAction('I look around.', 'ls\n');
    view.onStep(stepOf('a\nb'), sampleRun());
    view.onEnd();
    expect(shown().slice(0, 6)).toEqual(['', 'Round 3 of 50', '  I look around.', '$ ls', '  a', '  b']);
  });

  it('shows on a terminal the first lines of an output as they come, then the newest, and the last in the end [E7]', () => {
    const { output, shown } = screen(true);
    const view = new RunView(output, LIMITS);
    const lines = Array.from({ length: 40 }, (_, i) => `line ${i}`);
    view.onAction('', 'seq');
    view.onOutput(Buffer.from(`${lines.slice(0, 20).join('\n')}\n\nline 2`));
    view.onOutput(Buffer.from(`0\n${lines.slice(21).join('\n')}\n`));
    view.onStep(stepOf(lines.join('\n')), sampleRun());
    expect(shown().slice(0, 20)).toEqual([
      '$ seq',
      ...lines.slice(0, 12).map((line) => `  ${line}`),
      '  ... 22 more lines ...',
      ...lines.slice(-6).map((line) => `  ${line}`),
    ]);
  });

  it('shows elsewhere plain lines: thought, action, observation, score, what is left of each limit [E7]', () => {
    const { output, shown } = screen(false);
    const view = new RunView(output, { ...LIMITS, taskUsd: 0.1, taskTokens: 1000 });
    view.onPrompt(PROMPT, { step: 1, remainingSteps: 0 });
    view.onText('never shown');
    view.onRetry({ code: 'rate_limit', reason: 'too many', attempt: 1, waitMs: 2000 });
    view.onRequery('it has no action', 1);
    view.onAction('\u001b[2JI score.', 'validate\n');
    view.onOutput(Buffer.from('never shown'));
    const result = sampleResult({ score: 0.75, valid: true, metric: 'r2' }, '');
    view.onStep(stepOf(`Score\n${'x'.repeat(100)}`, { result }), sampleRun({ endedAtMs: 1_700_000_003_000 }));
    expect(shown()).toEqual([
      '',
      'The last round',
      '(attempt 1 failed, the next follows in 2.0 s: too many)',
      '(output 1 cannot be used and is asked for again: it has no action)',
      '  I score.',
      '$ validate',
      '  Score',
      `  ${'x'.repeat(55)}...`,
      'r2 0.75 (baseline 0.5, maximize), reward none',
      '[2.0 s | step 1 ░░░░░░░░░░ 50  220 tokens ██░░░░░░░░ 1.0k  $0.020 ██░░░░░░░░ $0.10  3.0 s]',
      '',
    ]);
  });
});

describe('what others say in the view of a run [B5]', () => {
  const FORGED = 'r2 1 (baseline 0.5, maximize), reward 1';
  const EVIL = [
    `x\r${FORGED}`,
    `\u001b[2K\u001b[1A${FORGED}`,
    `\u001b]0;title\u0007\u001b]52;c;ZXZpbA==\u001b\\\u001bP+q544e\u001b\\\u009b2J\u001b[8m`,
    `\u2028${FORGED}\u202e\u0085${FORGED}`,
    FORGED,
    'Round 9 of 9',
    '\ud800 \u0000',
  ].join('\n');

  it.each([true, false])('never begins a line of its own nor does anything to a terminal, terminal %s', (isTTY) => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 60 });
    const output = new Output(stream, { NO_COLOR: '1' });
    const view = new RunView(output, LIMITS);
    view.onPrompt(PROMPT, { step: 1, remainingSteps: 9 });
    for (let at = 0; at < EVIL.length; at += 3) view.onText(EVIL.slice(at, at + 3));
    view.onRetry({ code: 'server', reason: EVIL, attempt: 1, waitMs: 1 });
    view.onRequery(EVIL, 1);
    view.onAction(EVIL, EVIL);
    view.onOutput(Buffer.from(EVIL));
    view.onStep(stepOf(EVIL), sampleRun());
    const ticker = new RunTicker(output, 'run 0', LIMITS);
    ticker.onStep(stepOf(EVIL, { action: EVIL }), sampleRun());
    ticker.onEnd(sampleRun({ exitStatus: EVIL, failure: EVIL }));
    const run = sampleRun({ exitStatus: EVIL, failure: EVIL });
    printRuns([{ run, directory: '/runs/a', fault: null }], output);
    reportError(new RpcError('unknown_task', EVIL), new Output(stream, { NO_COLOR: '1' }), false);
    // What the program wipes itself.
    const written = String(stream.read()).replaceAll('\r\u001b[K', '\n');
    expect(written).toContain(FORGED);
    expect(written).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
    const lines = written.slice(0, written.lastIndexOf('error (unknown_task)')).split('\n');
    expect(lines.filter((line) => /^(?:r2 1|Round 9)/.test(line))).toEqual([]);
  });
});

describe('what is said of the end of runs', () => {
  it.each([
    ['autosubmission (exit_cost)', 'cost', 'autosubmission (exit_cost: dollars)'],
    ['autosubmission (exit_cost)', 'time', 'autosubmission (exit_cost: time)'],
    ['submission_not_found (exit_cost)', 'tokens', 'submission_not_found (exit_cost: tokens)'],
    ['autosubmission (exit_error)', 'aborted', 'autosubmission (aborted)'],
    ['autosubmission (exit_error)', 'error', 'autosubmission (exit_error)'],
    ['', 'aborted', 'aborted'],
    ['submitted', 'ended', 'submitted'],
  ] as const)('tells why: %s, %s [E3]', (exitStatus, stop, text) => {
    expect(exitText({ exitStatus, stop })).toBe(text);
  });

  it('names the trajectories of a series with one pattern, and others one by one [E5]', () => {
    const file = (index: number, name = 'a') => `/r/x y/${name}_run_${index}/t.traj`;
    expect(replayWords([file(3)])).toBe("'/r/x y/a_run_3/t.traj'");
    expect(replayWords([file(0), file(1)])).toBe("'/r/x y/a_run_'*/t.traj");
    expect(replayWords([file(11), file(9)])).toBe("'/r/x y/a_run_'{9,11}/t.traj");
    expect(replayWords([file(0), file(0, 'b')])).toBe("'/r/x y/a_run_0/t.traj' '/r/x y/b_run_0/t.traj'");
  });
});

describe('the bar of limits', () => {
  it('leaves dollars out where no price is known, and stops at the limit [B2]', () => {
    const calls = [{ ...sampleStep().calls[0]!, cost_usd: null }];
    const run: AgentRun = sampleRun({ steps: [{ ...sampleStep(), calls }], endedAtMs: 1_700_000_000_000 + 5_400_000 });
    expect(limitsBar(run, { ...LIMITS, taskUsd: 3, taskTokens: 100, timeMs: 3_600_000 })).toBe(
      'step 1 ░░░░░░░░░░ 50  220 tokens ██████████ 100  90 min ██████████ 60 min',
    );
  });
});
