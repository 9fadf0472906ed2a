import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PromptSet } from '../../src/synth/teacher/prompts/prompt-set.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'prompts-'));
  await mkdir(path.join(root, 'own'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const HEAD = '---\nname: x\nversion: 3\npurpose: test\ntemperature: 0.5\nanswer: json\n---\n';

async function filled(text: string, variables = {}, overrides: string | null = null) {
  await writeFile(path.join(root, 'x.md'), text);
  return new PromptSet(overrides, root).fill('x', variables);
}

describe('prompts', () => {
  it('that ship are all usable [S8]', async () => {
    const stamps = await new PromptSet(null).check();
    expect(stamps.map(({ name }) => name)).toEqual(expect.arrayContaining(['proposal', 'again-json', 'again-files']));
    for (const { sha256, version } of stamps) expect([sha256.length, version > 0]).toEqual([64, true]);
  });

  it('are filled in, part by part, with what they are and which version [S8]', async () => {
    const text = `${HEAD}You are {{ who.name }}.\n--- user ---\n{% for one in list %}\n- {{ one }}{{ loop.index }}\n{% endfor %}\n`;
    const prompt = await filled(text, { who: { name: 'Ada' }, list: ['--- user ---', '{{ who }}'] });
    expect(prompt).toEqual({
      system: 'You are Ada.',
      user: '- --- user ---1\n- {{ who }}2',
      temperature: 0.5,
      answer: 'json',
      stamp: { name: 'x', version: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  it('of a person stand over those that ship, and others stay [S8]', async () => {
    await writeFile(path.join(root, 'own', 'x.md'), `${HEAD}own\n--- user ---\nu\n`);
    const prompt = await filled(`${HEAD}shipped\n--- user ---\nu\n`, {}, path.join(root, 'own'));
    expect(prompt.system).toBe('own');
    expect((await new PromptSet(path.join(root, 'own')).fill('again-files', { problems: 'p' })).user).toContain(
      'FILE:',
    );
  });

  it('of a person that stand over nothing are said to, with the name that was meant [S8][B1]', async () => {
    await writeFile(path.join(root, 'x.md'), `${HEAD}s\n--- user ---\nu\n`);
    await writeFile(path.join(root, 'own', 'xx.md'), `${HEAD}s\n--- user ---\nu\n`);
    const set = new PromptSet(path.join(root, 'own'), root);
    await expect(set.check()).rejects.toThrow(/own\/xx\.md:1: stands over no prompt; did you mean x\.md\?/);
  });

  const body = `s\n--- user ---\n`;
  it.each<[string, string, RegExp]>([
    ['no front matter', 'You are', /x\.md:1: begins with no front matter/],
    ['front matter that is no YAML', `---\nname: x\nversion: [\n---\n${body}`, /x\.md:[34]: /],
    ['a version that is none', HEAD.replace('3', 'new') + body, /x\.md:3: version: /],
    ['an unknown field', HEAD.replace('purpose', 'porpoise') + body, /porpoise/],
    ['another name', HEAD.replace('name: x', 'name: y') + body, /x\.md:2: name is y, the file's is x/],
    ['one part', `${HEAD}s\n`, /x\.md:8: has no line `--- user ---`/],
    [
      'no template',
      `${HEAD}s\n--- user ---\na\n{% if %}\n`,
      /x\.md:10: the part that begins here is no Jinja template/,
    ],
    [
      'a name without a value',
      `${HEAD}s\n--- user ---\na\nb {{ topik.title }}\n`,
      /x\.md:11: \{\{ topik \}\} has no value; did you mean topic\?/,
    ],
    [
      'a field without a value',
      `${HEAD}a\n{% if topic.titel %}b{% endif %}\n--- user ---\n`,
      /x\.md:9: \{\{ topic\.titel \}\} has no value; did you mean title\?/,
    ],
    [
      'a name as argument of a filter',
      `${HEAD}{{ topic.title | default(other) }}\n--- user ---\n`,
      /\{\{ other \}\} has no value/,
    ],
  ])('with %s are refused with file and line [B1]', async (_name, text, problem) => {
    await expect(filled(text, { topic: { title: 't' } })).rejects.toThrow(problem);
  });

  it('are copied as they are used, so that a run goes on with them whatever ships later; a copy that is there stays [S8]', async () => {
    const [own, copy] = [path.join(root, 'own'), path.join(root, 'copy')];
    await writeFile(path.join(own, 'x.md'), `${HEAD}Mine.\n--- user ---\nU`);
    await writeFile(path.join(root, 'x.md'), `${HEAD}Theirs.\n--- user ---\nU`);
    const used = new PromptSet(own, root);
    await used.copyTo(copy);
    await new PromptSet(null, root).copyTo(copy);
    const frozen = new PromptSet(null, copy);
    expect(await frozen.check()).toEqual(await used.check());
    expect((await frozen.fill('x', {})).system).toBe('Mine.');
  });

  it('that are missing are named, with those that there are [B1]', async () => {
    await expect(new PromptSet(null).fill('propsal', {})).rejects.toThrow(
      /propsal\.md:1: is missing; there are .*proposal/,
    );
  });

  it('may give names values of their own, and ask whether there is one [S8]', async () => {
    const text = `${HEAD}{% set a = 1 %}{% macro m(x, y=2) %}{{ x }}{{ y }}{% endmacro %}{{ a }}{{ m(a) }}{% for k, v in topic.items() %}{{ k }}{{ v }}{% endfor %}{{ range(2) | join('-') }}{% if none_yet is none %}!{% endif %}{{ topic.title | upper }}\n--- user ---\n`;
    const prompt = await filled(text, { topic: { title: 't' }, none_yet: null });
    expect(prompt.system).toBe('112titlet0-1!T');
  });
});
