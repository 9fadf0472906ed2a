import { z } from 'zod';
import { audienceOf, readAttempt } from '../generation/attempt-files.js';
import { proposalOf } from '../proposal/proposal-of.js';
import type { TrialGate } from '../verification/trial-subject.js';

/** What fits into the question of each file; the rest of a table says no more. */
const SHOWN_CHARACTERS = 24_000;

const points = z.int().min(1).max(5);

const Review = z.object({
  axes: z.object({
    validity: points,
    data_sufficiency: points,
    raw_data_use: points,
    complexity: points,
    data_quality: points,
  }),
  verdict: z.enum(['recommended', 'conditional', 'reject']),
  reasons: z.array(z.string()),
});

/** G9: a model reads the task and judges it on five axes; only what it recommends passes. */
export const reviewGate: TrialGate = {
  name: 'review',
  async judge({ candidate, attempt, context, task }) {
    const reviewer = context.reviewer ?? context.teacher;
    const files = await readAttempt(context.directory, attempt.number);
    const { grounding, topic } = candidate;
    const answer = await reviewer.askJson(
      {
        key: `review/${attempt.number}`,
        prompt: 'review',
        variables: {
          topic,
          task: proposalOf(candidate),
          description: task.description,
          documentation: grounding?.documentation ?? '',
          train_rows: grounding?.train_rows ?? 0,
          test_rows: grounding?.test_rows ?? 0,
          max_steps: context.settings.verification.agent_max_steps,
          files: files.map(({ path, text }) => ({
            path,
            audience: audienceOf(path),
            text: text.slice(0, SHOWN_CHARACTERS),
          })),
          // What took how long differs from run to run, and a question is to be the same.
          measured: attempt.gates.filter(({ gate }) => gate !== 'cost').map(({ gate, detail }) => ({ gate, detail })),
        },
      },
      Review,
    );
    if ('fault' in answer) return { verdict: 'skip', detail: `there is no review: ${answer.fault.detail}` };
    const { axes, verdict, reasons } = answer.value;
    const measured = { ...axes, verdict, reviewer: reviewer.name };
    const worst = Object.entries(axes).map(([axis, value]) => `${axis.replaceAll('_', ' ')} ${value}`);
    const detail = `${verdict}: ${worst.join(', ')}. ${reasons.join(' ')}`.trim();
    if (verdict === 'recommended') return { verdict: 'pass', detail, measured };
    const evidence = { command: null, exit_status: null, log_tail: reasons.join('\n') };
    return { verdict: 'fail', fault: 'review_rejected', detail, evidence, measured };
  },
};
