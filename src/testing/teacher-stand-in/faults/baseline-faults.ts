import { changed, type Fault, type Programs } from './fault.js';

const BASELINE = 'baseline.py';
const DOCSTRING = /^"""[\s\S]*?"""\n/;

/** Puts lines behind the docstring. */
function first(programs: Programs, lines: string): Programs {
  return changed(programs, BASELINE, (text) => text.replace(DOCSTRING, (doc) => `${doc}${lines}\n`));
}

function last(programs: Programs, lines: string): Programs {
  return changed(programs, BASELINE, (text) => `${text}${lines}\n`);
}

/** Baselines that do not do what they should. */
export const BASELINE_FAULTS = {
  'syntax-error': {
    text: 'leaves a bracket open',
    programs: (programs) => last(programs, "print('the baseline is done'"),
  },
  'import-torch': {
    text: 'imports a library that is not there',
    programs: (programs) => first(programs, 'import torch\nfrom torch import nn'),
  },
  'shape-mismatch': {
    text: 'multiplies arrays whose shapes do not fit',
    programs: (programs) =>
      first(
        programs,
        'import numpy as np\n\nfeatures, weights = np.ones((8, 3)), np.ones(4)\nscores = features @ weights',
      ),
  },
  'wrong-call': {
    text: 'calls a function that the library does not have',
    programs: (programs) => first(programs, 'import numpy as np\n\nnoise = np.random.default_rng(0).randn(4)'),
  },
  'endless-loop': {
    text: 'waits for a convergence that never comes',
    programs: (programs) =>
      first(
        programs,
        'import time\n\nloss = 1.0\nwhile loss > 1e-9:\n    loss = max(loss * 0.9, 1e-6)\n    time.sleep(0.02)',
      ),
  },
  'slow-baseline': {
    text: 'takes nearly all the time that there is',
    programs: (programs) => first(programs, 'import time\n\nfor epoch in range(100):\n    time.sleep(0.1)'),
  },
  'network-use': {
    text: 'downloads something',
    programs: (programs) =>
      first(
        programs,
        "import urllib.request\n\nurllib.request.urlretrieve('https://huggingface.co/datasets/example/weights/resolve/main/w.json', '/tmp/w.json')",
      ),
  },
  'no-submission': {
    text: 'writes its result under another name',
    programs: (programs, { submission }) =>
      changed(programs, BASELINE, (text) => text.replaceAll(`'${submission[0]}'`, `'my_${submission[0]}'`)),
  },
  'reads-answers': {
    text: 'lets the baseline read the answers, which the agent does not have',
    programs: (programs) => first(programs, "answers = open('answers.csv').read().splitlines()"),
  },
  'unsteady-baseline': {
    text: 'fails on some seeds',
    programs: (programs) =>
      first(
        programs,
        "import os\n\nif int(os.environ.get('SEED', '0')) > 0:\n    raise ValueError('Input contains NaN')",
      ),
  },
} satisfies Record<string, Fault>;
