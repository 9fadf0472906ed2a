import { changed, type Fault, type Programs, type Recorded } from './fault.js';

const EVALUATOR = 'evaluate.py';

/** Puts lines before the one that prints the score. */
function before(programs: Programs, lines: string): Programs {
  return changed(programs, EVALUATOR, (text) =>
    text.replace(/^( *)print\(json\.dumps/m, (found, indent: string) => {
      const indented = lines.split('\n').map((line) => `${indent}${line}\n`);
      return `${indented.join('')}${found}`;
    }),
  );
}

function printing(programs: Programs, { metric }: Recorded, record: string): Programs {
  return changed(programs, EVALUATOR, (text) => text.replace(`{'${metric}': score}`, record));
}

/** Evaluators that do not measure, or tell too much. */
export const EVALUATOR_FAULTS = {
  'evaluator-chats': {
    text: 'prints more than the line of JSON',
    programs: (programs) => before(programs, "print(f'Evaluation complete. Score: {score:.4f}')"),
  },
  'evaluator-warns': {
    text: 'lets a warning reach standard error',
    programs: (programs) =>
      before(programs, "import warnings\nwarnings.warn('the metric is ill-defined for empty classes')"),
  },
  'evaluator-fails': {
    text: 'uses a name that it never gave a value',
    programs: (programs) => before(programs, 'score = score / total_weight'),
  },
  'submission-ignored': {
    text: 'leaves a constant in place of the measurement',
    programs: (programs) => before(programs, 'score = 0.5'),
  },
  'labels-printed': {
    text: 'prints the answers beside the score',
    programs: (programs, recorded) =>
      printing(programs, recorded, `{'${recorded.metric}': score, **{f'answer_{key}': truth[key] for key in truth}}`),
  },
  'hidden-file-shown': {
    text: 'gives the agent a copy of what is hidden',
    programs: (programs) => {
      const [hidden] = [...programs].filter(([path]) => path.startsWith('hidden/'));
      if (!hidden) throw new Error('nothing is hidden');
      return new Map(programs).set(`copy_of_${hidden[0].slice('hidden/'.length)}`, hidden[1]);
    },
  },
  'unsteady-evaluator': {
    text: 'mixes the time into the score',
    programs: (programs) => before(programs, 'import time\nscore = score + time.time() % 10000 / 1e5'),
  },
  'metric-nan': {
    text: 'divides by nothing',
    programs: (programs) => before(programs, "score = score * float('nan')"),
  },
  'metric-in-percent': {
    text: 'gives percent where a share was declared',
    programs: (programs) => before(programs, 'score = 100 * score'),
  },
  'metric-misnamed': {
    text: 'prints the metric under another name',
    programs: (programs, recorded) => printing(programs, recorded, "{'score': score}"),
  },
  'metric-coarse': {
    text: 'tells only whether the score passed a line',
    programs: (programs, recorded) => printing(programs, recorded, `{'${recorded.metric}': round(score * 2) / 2}`),
  },
  'nothing-scores': {
    text: 'gives a score where a submission is not valid',
    programs: (programs, { metric }) =>
      changed(programs, EVALUATOR, (text) =>
        text.replace(/sys\.exit\(f?'invalid submission: .*'\)/g, `return print(json.dumps({'${metric}': 0.0}))`),
      ),
  },
  'file-missing': {
    text: 'forgets the evaluator',
    programs: (programs) => new Map([...programs].filter(([path]) => path !== EVALUATOR)),
  },
} satisfies Record<string, Fault>;
