import type { AgentRun, AgentStep } from '../../src/agent/agent-run.js';
import type { AgentConfig } from '../../src/agent/config/agent-config.js';
import type { StepResult } from '../../src/protocol/index.js';

const EPISODE = '7d9c';

export const SAMPLE_CONFIG: AgentConfig = {
  name: 'default',
  source: 'gymsmith',
  templateLanguage: 'python',
  templates: {
    system: 'You weigh pears.',
    task: '{description}',
    nextStep: '{observation}',
    nextStepNoOutput: 'nothing',
    strategy: null,
    demonstration: null,
    formatError: null,
    truncated: null,
  },
  parser: 'mlgym_thought_action',
  history: [{ type: 'last_observations', n: 5 }],
  demonstrations: [{ path: 'demo.traj', contents: 'long' }],
  putDemonstrationsInHistory: false,
  commands: [],
  commandDocs: '',
  submitCommand: 'submit',
  blocked: null,
  variables: { WINDOW: '1000' },
  commandFiles: [{ name: 'extra.sh', contents: 'extra() { :; }' }],
  stateCommand: null,
  warnings: [],
};

export function sampleResult(info: Partial<StepResult['info']> = {}, text = 'out'): StepResult {
  return {
    episode_id: EPISODE,
    observation: {
      text,
      cwd: '/home/agent/workspace',
      open_file: null,
      state: '{"open_file": "n/a", "working_dir": "/home/agent/workspace"}',
      step: 1,
      remaining_steps: 49,
      exit_code: 0,
      running: false,
      omitted_bytes: 0,
    },
    reward: null,
    terminated: false,
    truncated: false,
    info: {
      episode_id: EPISODE,
      task: 'fruit/pears-v3',
      task_hash: 'sha256:0',
      seed: 7,
      metric: 'r2',
      direction: 'maximize',
      baseline: 0.5,
      baseline_scores: { r2: 0.5, Correct: 24000 },
      score: null,
      metrics: null,
      metrics_json: null,
      scores: [],
      valid: null,
      exit_status: null,
      exit_reason: null,
      mlgym_exit_status: '',
      submission: null,
      step_ms: 3,
      evaluation_ms: null,
      ...info,
    },
  };
}

export function sampleStep(action = 'ls\n', result = sampleResult()): AgentStep {
  return {
    state: result.observation.state,
    response: `Look.\n\`\`\`\n${action}\`\`\``,
    thought: 'Look.\n',
    action,
    sent: null,
    execution_time: 2,
    observation: result.observation.text,
    result,
    calls: [
      {
        input_tokens: 100,
        cached_input_tokens: 0,
        output_tokens: 10,
        estimated: false,
        cost_usd: 0.01,
        attempts: 1,
        latency_ms: 12.5,
        finish_reason: 'stop',
        rejected: null,
      },
    ],
  };
}

/** A run of two rounds: a look, and a submission whose score Python writes as a float. */
export function sampleRun(changes: Partial<AgentRun> = {}): AgentRun {
  const submitted = sampleResult(
    {
      score: 0.75,
      metrics: { r2: 0.75, Correct: 24000 },
      metrics_json: '{"r2": 0.75, "Correct": 24000}',
      exit_status: 'submitted',
      exit_reason: 'submit',
      mlgym_exit_status: 'submitted',
      submission: '/home/agent/workspace/submission.csv',
    },
    'Exited (submit)',
  );
  const steps = [sampleStep(), sampleStep('submit\n', submitted)];
  const agent = 'primary_0';
  return {
    task: {
      task: 'fruit/pears-v3',
      name: 'Pears',
      entrypoint: 'CSVSubmissionTasks',
      metric: 'r2',
      direction: 'maximize',
      baseline: 0.5,
      gpus: 0,
      max_steps: 50,
      content_hash: 'sha256:0',
      description: 'Weigh pears.',
      files: [],
      submission_paths: ['submission.csv'],
      training_timeout_s: 600,
      evaluation_mode: 'sealed',
      template: { id: 'pearWeights' },
    },
    episodeId: EPISODE,
    seed: 7,
    options: { variables: { WINDOW: '1000' } },
    agent,
    steps,
    history: [
      { role: 'system', content: 'You weigh pears.', agent },
      { role: 'user', content: 'Weigh pears – 木.', agent },
      ...steps.map(({ response: content, thought, action }) => ({
        role: 'assistant' as const,
        content,
        agent,
        action,
        thought,
      })),
    ],
    stats: { total_cost: 1, task_cost: 0.02, tokens_sent: 200, tokens_received: 20, api_calls: 2 },
    scores: ['{"r2": NaN, "Correct": 24000.0}', '{"r2": 0.75, "Correct": 24000}'],
    baselineScores: { r2: 0.5, Correct: 24000 },
    exitStatus: 'submitted',
    submission: '/home/agent/workspace/submission.csv',
    stop: 'ended',
    failure: null,
    startedAtMs: 1_700_000_000_000,
    endedAtMs: 1_700_000_060_000,
    ...changes,
  };
}
