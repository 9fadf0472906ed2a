import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOME, StartedEnvd } from './started-envd.js';

let envd: StartedEnvd;
beforeAll(async () => {
  envd = await StartedEnvd.start();
});
afterAll(() => envd.stop());
beforeEach(async () => {
  await envd.run(`rm -f ${HOME}/memory.json*`);
});

const SAVED = 'Content and tags saved successfully to memory.\n';
const stored = async () => JSON.parse(await envd.text(`cat ${HOME}/memory.json`));

describe('memory_write', () => {
  it('appends a note in the format of MLGym [E4]', async () => {
    expect(await envd.text('memory_write "Learning rate 3e-4 WORKS best"; memory_write two\\ words')).toBe(
      SAVED + SAVED,
    );
    const { texts, embeddings, tags } = await stored();
    expect(texts).toEqual(['Learning rate 3e-4 WORKS best', 'two words']);
    expect(tags).toEqual([expect.stringMatching(/^(learning rate 3e-4|rate 3e-4 works|3e-4 works best)$/)]);
    expect(embeddings.map((embedding: number[]) => embedding.length)).toEqual([384, 384]);
    expect(await envd.text(`head -c 31 ${HOME}/memory.json; stat -c %U:%a ${HOME}/memory.json`)).toBe(
      '{\n    "texts": [\n        "Learnagent:644\n',
    );
  });

  it('begins a file that is empty, and leaves one alone that it cannot read [B4]', async () => {
    expect(await envd.text(`touch ${HOME}/memory.json; memory_write one`)).toBe(SAVED);
    expect(await stored()).toMatchObject({ texts: ['one'], tags: [] });
    expect(await envd.text(`echo "[1" > ${HOME}/memory.json; memory_write two; cat ${HOME}/memory.json`)).toMatch(
      /^An error occurred while loading memory: .*\n\[1\n$/,
    );
  });

  it.each([
    [
      'memory_write',
      'usage: memory_write [-h] content_str\nmemory_write: error: the following arguments are required: content_str\n',
    ],
    ['memory_write a b', 'usage: memory_write [-h] content_str\nmemory_write: error: unrecognized arguments: b\n'],
    [
      'memory_read',
      'usage: memory_read [-h] query_str\nmemory_read: error: the following arguments are required: query_str\n',
    ],
  ])('`%s` gets the usage [E4]', async (command, text) => {
    expect(await envd.run(command)).toMatchObject({ exit_code: 2, text });
  });
});

describe('memory_read', () => {
  it('shows the two notes that are most like the query [E4]', async () => {
    const notes = [
      'A dropout of 0.3 overfits less',
      'Random forests reach 0.81',
      'Use cosine learning rate decay',
      'naïve baseline: 0.5',
    ];
    await envd.run(notes.map((note) => `memory_write '${note}'`).join('; '));
    const lines = (await envd.text('memory_read "which learning rate schedule"')).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'Query: which learning rate schedule',
      'Top Matches:',
      expect.stringMatching(/^ {2}Match 1: Use cosine learning rate decay \| similarity score: 0\.\d\d$/),
    ]);
    expect(lines[3]).toMatch(/^ {2}Match 2: .* \| similarity score: -?0\.\d\d$/);
    expect(lines.slice(4)).toEqual(['']);
    expect(await envd.text('memory_read "Random forests reach 0.81"')).toContain('score: 1.00\n');
    expect(await envd.text('memory_read x')).toBe(await envd.text('memory_read x'));
  });

  it.each([
    ['true', `Memory file not found: ${HOME}/memory.json\n`],
    ['touch F', 'An error occurred while loading memory: Expecting value: line 1 column 1 (char 0)\n'],
    [`echo '{"texts": [], "embeddings": [], "tags": []}' > F`, 'Memory is empty or improperly formatted.\n'],
    [`echo '{"texts": ["a"]}' > F`, 'Memory is empty or improperly formatted.\n'],
    ['echo 3 > F', 'Memory is empty or improperly formatted.\n'],
  ])('after `%s` says so [E4]', async (prepare, text) => {
    expect(await envd.text(`${prepare.replace('F', `${HOME}/memory.json`)}; memory_read x`)).toBe(text);
  });
});

/** Libraries with the calls that a sentence model is used by: texts become the counts of three letters. */
const LIBRARIES = {
  'torch.py': 'import contextlib\nno_grad = contextlib.nullcontext\n',
  'transformers.py': `import os
class Vector(list):
    def squeeze(self, dim): return self
    def tolist(self): return list(self)
class Hidden:
    def __init__(self, text): self.text = text
    def mean(self, dim): return Vector(self.text.count(letter) for letter in 'abc')
class AutoTokenizer:
    @staticmethod
    def from_pretrained(path): assert os.path.isdir(path); return lambda text, **_: {'text': text}
class AutoModel:
    @staticmethod
    def from_pretrained(path):
        assert os.environ['HF_HUB_OFFLINE'] == '1'
        return lambda text: type('Output', (), {'last_hidden_state': Hidden(text)})
`,
};

describe('a sentence model in the image', () => {
  let model: StartedEnvd;
  beforeAll(async () => {
    model = await StartedEnvd.start({ bwrap: ['--setenv', 'GYMSMITH_MEMORY_MODEL', '/usr/share'] });
    for (const [name, text] of Object.entries(LIBRARIES)) await model.write(`lib/${name}`, text);
  });
  afterAll(() => model.stop());
  const NOTES = 'memory_write "aaa one two"; memory_write bbb';

  it('is what notes are compared by [E4]', async () => {
    await model.run('export PYTHONPATH=$PWD/lib');
    expect(await model.text(NOTES)).toBe(SAVED + SAVED);
    const { embeddings, tags } = JSON.parse(await model.text(`cat ${HOME}/memory.json`));
    expect({ embeddings, tags }).toEqual({
      embeddings: [
        [3, 0, 0],
        [0, 3, 0],
      ],
      tags: ['aaa one two'],
    });
    expect(await model.text('memory_read b')).toBe(
      'Query: b\nTop Matches:\n  Match 1: bbb | similarity score: 1.00\n  Match 2: aaa one two | similarity score: 0.00\n',
    );
  });

  it('is done without where nothing can run it, also for notes that it made [B4]', async () => {
    await model.run('unset PYTHONPATH');
    expect(await model.text('memory_read bbb')).toMatch(/Match 1: bbb \| similarity score: 1\.00\n/);
    await model.run('memory_write "ccc three"; export PYTHONPATH=$PWD/lib');
    expect(await model.text('memory_read c')).toMatch(/Match 1: ccc three \| similarity score: 1\.00\n/);
  });
});
