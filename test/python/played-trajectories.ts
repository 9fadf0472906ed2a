import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Trajectory } from '../../src/rollout/trajectory.js';

/** Words that readers of bytes, units and code points count differently, that normalisation changes, and that look like structure. */
const ODD = [
  'plain words',
  'Ünïcödé, e\u0301 and \u1100\u1161 apart',
  'far beyond: 😀 𝕏 👩‍👩‍👧',
  'code: def f(x):\n\treturn {"a": [1, 2.5e-3]}  # <b>&amp;</b>',
  'spaces  and\ttabs\t\n\n\nand breaks\r\nof both kinds   ',
  'a\u00a0b\u2028c\u3000d',
  '"quotes" \\backslashes\\ and `fences`',
  '漢字とかな',
  '１２３ and 12345678901234567890',
];

const AGENT = 'primary_0';

/**
 * Writes trajectories as agents of both kinds leave them: answers in text and calls of functions, demonstrations, odd contents, answers
 * that begin with breaks, thinking.
 * @returns how many
 */
export async function writeTrajectories(directory: string, tasks: number, ofEach: number): Promise<number> {
  for (let task = 0; task < tasks; task++) {
    for (let number = 0; number < ofEach; number++) {
      const file = path.join(directory, `task-${task}`, `${number}.traj`);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, JSON.stringify(episode(task, number)));
    }
  }
  return tasks * ofEach;
}

function odd(...parts: number[]): string {
  return ODD[parts.reduce((sum, part, at) => sum + part * (2 * at + 1), 0) % ODD.length] ?? '';
}

function episode(task: number, number: number): Trajectory {
  const isCalling = number % 2 === 1;
  const steps = 2 + ((task + number) % 5);
  const history: Trajectory['history'] = [{ role: 'system', content: `You work. ${odd(task, number)}`, agent: AGENT }];
  if (number % 3 === 0) {
    history.push({ role: 'user', content: 'How it is done.', agent: AGENT, is_demo: true });
    history.push({ role: 'assistant', content: 'Like this.', agent: AGENT, is_demo: true });
  }
  const played: Trajectory['trajectory'] = [];
  for (let step = 0; step < steps; step++) {
    const isLast = step === steps - 1;
    const action = isLast ? 'submit' : `python train.py --seed ${task}${number}${step}`;
    const observation = `${odd(task, number, step)}\nstep ${step}`;
    const isAnswer = isCalling && step > 0;
    history.push(
      isAnswer
        ? { role: 'tool', content: observation, agent: AGENT, tool_call_id: `call-${step - 1}` }
        : { role: 'user', content: observation, agent: AGENT },
    );
    const start =
      step === 1 && number % 4 === 0 ? '\n\n' : step === 0 && number % 5 === 4 ? '<think>\nI think.\n</think>\n\n' : '';
    const thought = `${start}I look at ${odd(number, step, task)}`;
    const name = isLast ? 'submit' : 'python';
    const call = { name, arguments: isLast ? '{}' : JSON.stringify({ line: odd(step, task, number), seed: step }) };
    const response = isCalling ? thought : `${thought}\n\n\`\`\`\n${action}\n\`\`\``;
    const calls = isCalling ? { tool_calls: [{ id: `call-${step}`, ...call }] } : {};
    history.push({ role: 'assistant', content: response, thought, action, agent: AGENT, ...calls });
    played.push({ state: '', response, thought, action, execution_time: 1, observation });
  }
  const steps_ = played.map((_, at): NonNullable<Trajectory['gymsmith']>['steps'][number] => ({
    sent: null,
    reward: 0,
    terminated: at === steps - 1,
    truncated: false,
    exit_code: 0,
    omitted_bytes: 0,
    score: at === steps - 1 ? 0.75 : null,
    valid: at === steps - 1 ? true : null,
    evaluation_ms: at === steps - 1 ? 5 : null,
    calls: [],
  }));
  const argument = { name: 'line', type: 'string', description: 'what <b>runs</b> é', required: true };
  const commands = ['python', 'submit'].map((name) => ({
    name,
    docstring: `does "${name}"`,
    signature: `${name} <line>`,
    endName: null,
    arguments: name === 'submit' ? [] : [argument],
  }));
  return Trajectory.parse({
    environment: 'mlgym_main',
    trajectory: played,
    history,
    info: { exit_status: 'submitted', submission: 'submission.csv', score: [{ Score: 0.75 }] },
    gymsmith: {
      version: 1,
      software: 'gymsmith test',
      task: `pears/task-${task}`,
      task_hash: `sha256:${'0'.repeat(64)}`,
      episode_id: `e-${task}-${number}`,
      seed: number,
      options: {},
      metric: 'Score',
      direction: 'maximize',
      baseline_scores: { Score: 0.5 },
      agent: {
        name: 'default',
        source: 'gymsmith',
        parser: isCalling ? 'function_calling' : 'thought_action',
        config: { history: [], commands },
      },
      model: { name: 'teacher', settings: {} },
      started_at: '2026-01-01T00:00:00.000Z',
      ended_at: '2026-01-01T00:20:00.000Z',
      stop: 'ended',
      failure: null,
      exit_status: 'submitted',
      exit_reason: null,
      steps: steps_,
    },
  });
}
