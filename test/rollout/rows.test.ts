import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codePointOffsets } from '../../src/rollout/dataset/code-points.js';
import { DatasetRow } from '../../src/rollout/dataset/dataset-row.js';
import type { DatasetSettings } from '../../src/rollout/dataset/dataset-settings.js';
import { rowsOf, type TrajectoryRows } from '../../src/rollout/dataset/rows-of.js';
import { labelTrajectory } from '../../src/rollout/labels/label-trajectory.js';
import { parseTrajectory } from '../../src/rollout/parse-trajectory.js';
import type { Trajectory } from '../../src/rollout/trajectory.js';
import { madeEpisode } from './made-episode.js';

const counter = { isExact: true, count: (text: string) => text.length };

function rows(
  episode: Trajectory,
  view: DatasetSettings['view'] = 'full',
  truncate_tokens: number | null = null,
): TrajectoryRows {
  const { trajectory } = parseTrajectory(JSON.stringify(episode), 'a.traj');
  const { labels, turns } = labelTrajectory({ trajectory }, 'a.traj', counter);
  return rowsOf(trajectory, { id: 'a', labels, turns }, { view, truncate_tokens }, counter.count);
}

/** What loss is computed on. */
function learnt({ text, loss_spans }: DatasetRow): string[] {
  const points = [...text];
  return loss_spans.map(([begin, end]) => points.slice(begin, end).join(''));
}

const item = (role: string, content: string, more: object = {}) => ({ role, content, agent: 'primary_0', ...more });

describe('a row of a trajectory', () => {
  it('is the chat with loss on what the model said, its end mark included, and on nothing else [T5]', () => {
    const [row] = rows(madeEpisode()).rows;
    expect(DatasetRow.parse(row)).toEqual(row);
    expect(learnt(row!)).toEqual(['I look.\n```\nls\n```<|im_end|>', 'I submit.\n```\nsubmit\n```<|im_end|>']);
    expect(row).toMatchObject({ id: 'a', task: 'made/task-v0', model: 'teacher', tools: null, truncated: false });
    expect(row!.tokens).toBe(row!.text.length);
    expect(row!.loss_tokens).toBe(learnt(row!).join('').length);
  });

  it('tells places in code points, as Python counts them [T5]', () => {
    const turns = [
      ['Ein 😀 é.', '漢字 😀😀'],
      ['😀', ''],
    ] as const;
    const [row] = rows(madeEpisode({ system: '😀', turns })).rows;
    expect(learnt(row!)).toEqual(['Ein 😀 é.<|im_end|>', '😀<|im_end|>']);
  });

  it('ends with an answer; what is cut is cut behind one, and the row says so [T3]', () => {
    const turns = [
      ['First.', 'a'.repeat(100)],
      ['Second.', 'b'.repeat(100)],
      ['Third.', ''],
    ] as const;
    const whole = rows(madeEpisode({ turns })).rows[0]!;
    const cut = rows(madeEpisode({ turns }), 'full', whole.tokens - 1).rows[0]!;
    expect(cut.messages.at(-1)).toEqual({ role: 'assistant', content: 'Second.' });
    expect(cut.text.endsWith('Second.<|im_end|>\n')).toBe(true);
    expect([whole.truncated, cut.truncated]).toEqual([false, true]);
    expect(cut.tokens).toBe(cut.text.length);
    expect(rows(madeEpisode({ turns }), 'full', whole.tokens).rows[0]!.tokens).toBe(whole.tokens);
  });

  it('is none where not even the first answer fits [T3]', () => {
    expect(rows(madeEpisode(), 'full', 10)).toEqual({ rows: [], omitted: 0, isUnknownView: false });
    expect(rows(madeEpisode({ items: [item('user', 'Begin.')] })).rows).toEqual([]);
  });

  it('has no loss on demonstrations, nor on answers that were given up, which it does not end with [T5]', () => {
    const items = [
      item('system', 'You work.'),
      item('user', 'Shown.', { is_demo: true }),
      item('assistant', 'Demonstrated.', { is_demo: true }),
      item('user', 'Begin.'),
      item('assistant', 'Mine.'),
      item('user', 'Go on.'),
      item('assistant', 'garbage', { thought: 'Exit due to format error', action: 'exit_format' }),
    ];
    const [row] = rows(madeEpisode({ items })).rows;
    expect(learnt(row!)).toEqual(['Mine.<|im_end|>']);
    expect(row!.text).toContain('Demonstrated.<|im_end|>');
    expect(row!.text).not.toContain('garbage');
  });

  it('does not hold what the loop said for a model that could not go on', () => {
    const items = [
      item('user', 'Begin.'),
      item('assistant', 'Mine.'),
      item('user', 'Go on.'),
      item('assistant', 'Exit due to cost limit', { thought: 'Exit due to cost limit', action: 'exit_cost' }),
    ];
    expect(rows(madeEpisode({ items })).rows[0]!.messages).toHaveLength(2);
  });

  it('offers tools and shows calls and their results as the template writes them', () => {
    const call = { id: 'c1', name: 'bash', arguments: '{"command":"ls","timeout_s":1.0}' };
    const items = [
      item('user', 'Begin.'),
      item('assistant', 'I look.', { tool_calls: [call] }),
      item('tool', 'train.py', { tool_call_id: 'c1' }),
      item('assistant', '', { tool_calls: [{ id: 'c2', name: 'submit', arguments: '{}' }] }),
    ];
    const [row] = rows(madeEpisode({ items, parser: 'function_calling' })).rows;
    const names = (JSON.parse(row!.tools!) as { function: { name: string } }[]).map((tool) => tool.function.name);
    expect(names).toEqual(expect.arrayContaining(['bash', 'submit']));
    expect(row!.text).toContain('<|im_start|>user\n<tool_response>\ntrain.py\n</tool_response><|im_end|>');
    expect(learnt(row!)).toEqual([
      'I look.\n<tool_call>\n{"name": "bash", "arguments": {"command": "ls", "timeout_s": 1.0}}\n</tool_call><|im_end|>',
      '<tool_call>\n{"name": "submit", "arguments": {}}\n</tool_call><|im_end|>',
    ]);
    expect(row!.messages[1]!.tool_calls).toEqual([{ name: 'bash', arguments: '{"command": "ls", "timeout_s": 1.0}' }]);
  });

  it('replaces halves of surrogate pairs, and keeps characters of no width and value [T5]', () => {
    const items = [item('user', 'a\ud83d b\ude00\u0000'), item('assistant', 'x\ud800y')];
    const [row] = rows(madeEpisode({ items })).rows;
    expect(row!.messages.map(({ content }) => content)).toEqual(['a\ufffd b\ufffd\u0000', 'x\ufffdy']);
    expect(Buffer.from(row!.text).toString()).toBe(row!.text);
  });
});

describe('views', () => {
  const turns = [
    ['One.', 'line\nline'],
    ['Two.', 'more\nmore'],
    ['Three.', ''],
  ] as const;
  const history = [{ type: 'last_observations', n: 1 }];

  it('final is the episode as the last question showed it', () => {
    const { rows: made, isUnknownView } = rows(madeEpisode({ turns, history }), 'final');
    expect(isUnknownView).toBe(false);
    expect(made[0]!.messages.map(({ content }) => content)).toEqual([
      'You work.',
      'Begin.',
      'One.',
      'Old output omitted (2 lines)',
      'Two.',
      'more\nmore',
      'Three.',
    ]);
    expect(learnt(made[0]!)).toEqual(['One.<|im_end|>', 'Two.<|im_end|>', 'Three.<|im_end|>']);
    expect(made[0]!.tokens).toBe(made[0]!.text.length);
  });

  it('turns has a row for each answer, with what the model saw, and loss on that answer alone', () => {
    const { rows: made } = rows(madeEpisode({ turns, history }), 'turns');
    expect(made.map(({ id }) => id)).toEqual(['a#1', 'a#2', 'a#3']);
    expect(made.map(learnt)).toEqual([['One.<|im_end|>'], ['Two.<|im_end|>'], ['Three.<|im_end|>']]);
    expect(made[1]!.messages.map(({ content }) => content)).toContain('line\nline');
    expect(made[2]!.messages.map(({ content }) => content)).not.toContain('line\nline');
    for (const row of made) expect([row.tokens, row.truncated]).toEqual([row.text.length, false]);
  });

  it('turns leaves out answers whose chat is too long, and counts them', () => {
    const most = rows(madeEpisode({ turns, history }), 'turns').rows[1]!.tokens;
    const { rows: made, omitted } = rows(madeEpisode({ turns, history }), 'turns', most);
    expect([made.length, omitted]).toEqual([2, 1]);
  });

  it('does not learn what a processor changed of an answer', () => {
    const patterns = [{ type: 'remove_regex', patterns: ['One'], keepLast: 1 }];
    const [row] = rows(madeEpisode({ turns, history: patterns }), 'final').rows;
    expect(learnt(row!)).toEqual(['Two.<|im_end|>', 'Three.<|im_end|>']);
  });

  it('a file that does not say what the model saw gives the full row, and is counted', () => {
    const { rows: made, isUnknownView } = rows(madeEpisode({ turns, history: [{ type: 'magic' }] }), 'final');
    expect(isUnknownView).toBe(true);
    expect(made[0]!.messages.map(({ content }) => content)).toContain('line\nline');
  });
});

describe('any trajectory', () => {
  it('gives rows that end with an answer, fit, and whose spans are what the model said [T3, T5]', () => {
    const text = fc.array(fc.constantFrom('a', '😀', '\n', '<think>', '</think>', ' ', '\ud800'), { maxLength: 6 });
    const turn = fc.tuple(text, text).map(([a, b]) => [a.join(''), b.join('')] as const);
    const anyTurns = fc.array(turn, { minLength: 1, maxLength: 6 });
    const most = fc.option(fc.integer({ min: 60, max: 500 }));
    fc.assert(
      fc.property(anyTurns, most, fc.constantFrom('full', 'final', 'turns'), (turns, limit, view) => {
        for (const row of rows(madeEpisode({ turns }), view, limit).rows) {
          expect(row.text.endsWith('<|im_end|>\n')).toBe(true);
          expect(row.messages.at(-1)!.role).toBe('assistant');
          expect(row.tokens).toBe(row.text.length);
          if (limit !== null) expect(row.tokens).toBeLessThanOrEqual(limit);
          const said = learnt(row);
          expect(said.length).toBeGreaterThan(0);
          expect(said.every((words) => words.endsWith('<|im_end|>') && !words.includes('<|im_start|>'))).toBe(true);
          expect(row.loss_tokens).toBe(said.join('').length);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('has the same offsets in code points as Python', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const ends = [...text].map((_, index, points) => points.slice(0, index + 1).join('').length);
        expect(codePointOffsets(text, ends)).toEqual(ends.map((_, index) => index + 1));
      }),
    );
  });
});
