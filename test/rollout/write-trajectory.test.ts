import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentRun } from '../../src/agent/agent-run.js';
import { Trajectory } from '../../src/rollout/trajectory.js';
import { resultsText, TrajectoryText } from '../../src/rollout/trajectory-text.js';
import { SAMPLE_CONFIG, sampleRun, sampleStep } from './sample-run.js';

const FACTS = { config: SAMPLE_CONFIG, model: { name: 'gpt', settings: { temperature: 0 } } };

function textOf(run: AgentRun, writer = new TrajectoryText()): string {
  return Buffer.concat(writer.of(run, FACTS)).toString();
}

/** What Python makes of a document when it reads and writes it as MLGym does. */
function throughPython(texts: readonly string[]): string[] {
  const program =
    'import json, sys\nprint(json.dumps([json.dumps(json.loads(text), indent=2) for text in json.load(sys.stdin)]))';
  const input = JSON.stringify(texts);
  return JSON.parse(execFileSync('python3', ['-c', program], { input, encoding: 'utf8', maxBuffer: 2 ** 28 }));
}

describe('a .traj file', () => {
  it("has MLGym's keys in MLGym's order, and one of ours behind them [E5]", () => {
    const document = JSON.parse(textOf(sampleRun({ scores: ['{"r2": 0.75}'] })));
    expect(Object.keys(document)).toEqual(['environment', 'trajectory', 'history', 'info', 'gymsmith']);
    expect(document.environment).toBe('mlgym_main');
    const step = ['state', 'response', 'thought', 'action', 'execution_time', 'observation'];
    for (const entry of document.trajectory) expect(Object.keys(entry)).toEqual(step);
    expect(document.history.map((item: object) => Object.keys(item))).toEqual([
      ['role', 'content', 'agent'],
      ['role', 'content', 'agent'],
      ['role', 'content', 'thought', 'action', 'agent'],
      ['role', 'content', 'thought', 'action', 'agent'],
    ]);
    expect(Object.keys(document.info)).toEqual(['model_stats', 'exit_status', 'submission', 'score', 'summarizer']);
    const stats = ['total_cost', 'task_cost', 'tokens_sent', 'tokens_received', 'api_calls'];
    expect(Object.keys(document.info.model_stats)).toEqual(stats);
    expect(document.gymsmith.steps).toHaveLength(document.trajectory.length);
    expect(Trajectory.parse(document)).toEqual(document);
  });

  it("spells values as Python's json does: two spaces, ASCII, floats with a point, NaN [E5]", () => {
    const text = textOf(sampleRun());
    expect(text).toMatch(/^\{\n {2}"environment": "mlgym_main",\n {2}"trajectory": \[\n {4}\{\n {6}"state": /);
    expect(text).toContain('\n      "execution_time": 2.0,\n      "observation": "out"\n    },\n');
    expect(text).toContain('"content": "Weigh pears \\u2013 \\u6728."');
    expect(text).toContain(`
  "info": {
    "model_stats": {
      "total_cost": 1.0,
      "task_cost": 0.02,
      "tokens_sent": 200,
      "tokens_received": 20,
      "api_calls": 2
    },
    "exit_status": "submitted",
    "submission": "/home/agent/workspace/submission.csv",
    "score": [
      {
        "r2": NaN,
        "Correct": 24000.0
      },
      {
        "r2": 0.75,
        "Correct": 24000
      }
    ],
    "summarizer": {}
  },`);
    expect(text.endsWith('\n    ]\n  }\n}')).toBe(true);
  });

  it('is what Python writes again when it has read it, whatever was said and printed [E5]', () => {
    const anything = fc.string({ unit: fc.oneof(fc.constantFrom('\n', '\r', '\0', '"', '\\', 'é'), fc.string()) });
    const runs = fc.sample(
      fc.record({ said: anything, seconds: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }) }),
      60,
    );
    const texts = [{ said: 'half \ud83d of a pair', seconds: 1e-7 }, ...runs].map(({ said, seconds }) => {
      const step = { ...sampleStep(said), execution_time: seconds, observation: said };
      const run = sampleRun({ steps: [step], failure: said, scores: ['[1, 1e400, -0.0, 1e22, 12345678901234567890]'] });
      return textOf(run);
    });
    texts.push(textOf(sampleRun({ steps: [], history: [], scores: [] })));
    expect(throughPython(texts)).toEqual(texts);
  });

  it('is the same whether it was saved after every round or once [E5]', () => {
    const run = sampleRun();
    const writer = new TrajectoryText();
    textOf({ ...run, steps: run.steps.slice(0, 1), history: run.history.slice(0, 3) }, writer);
    expect(textOf(run, writer)).toBe(textOf(run));
  });

  it('names no file contents twice: demonstrations stand in the history, command files in the options [E5]', () => {
    const { gymsmith } = JSON.parse(textOf(sampleRun({ scores: [] })));
    expect(gymsmith.agent.config).toMatchObject({ demonstrations: ['demo.traj'], commandFiles: ['extra.sh'] });
    expect(gymsmith).toMatchObject({ stop: 'ended', exit_status: 'submitted', software: 'gymsmith 0.1.0' });
  });
});

describe('results.json', () => {
  it('holds every score in order and the baseline in floats, and no baseline where there is none [E5]', () => {
    expect(resultsText(sampleRun())).toBe(`{
  "agent": [
    {
      "r2": NaN,
      "Correct": 24000.0
    },
    {
      "r2": 0.75,
      "Correct": 24000
    }
  ],
  "baseline": {
    "r2": 0.5,
    "Correct": 24000.0
  }
}`);
    expect(resultsText({ scores: [], baselineScores: null })).toBe('{\n  "agent": []\n}');
  });
});
