import { describe, expect, it } from 'vitest';
import { Episode } from '../../src/env/episode/episode.js';
import { EpisodeRecord } from '../../src/env/episode/episode-record.js';
import { begunEpisode, prints } from './toy-task.js';

describe('adopt [B4]', () => {
  const parse = (record: unknown) => EpisodeRecord.parse(JSON.parse(JSON.stringify(record)));

  it('takes up an episode with its counts and scores', async () => {
    const { episode, deps, task, sandboxes } = await begunEpisode();
    await episode.step('ls');
    await episode.step('validate');
    const adopted = await Episode.adopt(parse(episode.toRecord()), task, deps);
    expect(adopted.state()).toEqual(episode.state());
    const result = await adopted.step('submit');
    expect(result.info.scores).toHaveLength(2);
    expect(result.observation.step).toBe(3);
    await adopted.close();
    expect(sandboxes.held).toEqual([]);
  });

  it('delivers the result of a command that ran meanwhile', async () => {
    let finish = (_: object): void => {};
    const run = () =>
      new Promise<object>((resolve) => {
        finish = resolve;
      });
    const records: EpisodeRecord[] = [];
    const toy = await begunEpisode({ agent: { run }, onRecord: (record) => records.push(parse(record)) });
    void toy.episode.step('python train.py');
    await expect.poll(() => toy.agent().commands).toHaveLength(1);
    const record = records.at(-1) as EpisodeRecord;
    expect(record).toMatchObject({ phase: 'running', running: { command_id: 'c1' }, step_count: 1 });
    const adopted = await Episode.adopt(record, toy.task, toy.deps);
    expect(adopted.state().status).toBe('running');
    finish({ output: 'done\n' });
    expect((await adopted.step('wait')).observation).toMatchObject({ text: 'done', step: 1 });
    expect(adopted.toRecord().running).toBeNull();
    await adopted.close();
  });

  it('tells when the command had not begun', async () => {
    const { episode, deps, task } = await begunEpisode();
    const record = {
      ...episode.toRecord(),
      running: { command_id: 'c9', timeout_s: 25, action: 'x', last_action: null },
      phase: 'running' as const,
    };
    const adopted = await Episode.adopt(record, task, deps);
    expect((await adopted.step('wait')).observation.text).toBe('The command was lost before it began. Send it again.');
    expect(adopted.state().status).toBe('ready');
    await adopted.close();
  });

  it.each(['submit', 'wait'])('repeats an evaluation that was cut off on %s', async (action) => {
    const records: EpisodeRecord[] = [];
    const toy = await begunEpisode({
      evaluator: (index) => (index === 0 ? { exec: () => new Promise(() => {}) } : prints('{"r2": 1}')),
      onRecord: (record) => records.push(parse(record)),
    });
    void toy.episode.step('submit');
    await expect.poll(() => toy.sandboxes.made.length).toBe(2);
    const record = records.at(-1) as EpisodeRecord;
    expect(record.phase).toBe('evaluating');
    const adopted = await Episode.adopt(record, toy.task, toy.deps);
    expect(await adopted.step(action)).toMatchObject({ info: { score: 1 }, observation: { step: 1 } });
  });

  it('refuses what is not there any more', async () => {
    const { episode, deps, task } = await begunEpisode();
    const record = episode.toRecord();
    const changed = { ...task, contentHash: 'sha256:other' };
    await expect(Episode.adopt(record, changed, deps)).rejects.toMatchObject({ code: 'task_broken' });
    await episode.close();
    await expect(Episode.adopt(record, task, deps)).rejects.toMatchObject({ code: 'sandbox_unavailable' });
    const over = await Episode.adopt(episode.toRecord(), task, deps);
    expect(over.state().status).toBe('ended');
    await over.close();
  });
});
