import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartedEnvd, WORKSPACE } from './started-envd.js';

let envd: StartedEnvd;
beforeAll(async () => {
  envd = await StartedEnvd.start();
  await envd.run(
    'mkdir -p src/deep .git docs; printf "alpha\\nbeta alpha\\ngamma\\n" > src/one.py; printf "alpha\\n" > src/deep/two.py; printf "alpha" > .git/config; ' +
      'printf "alpha\\n" > "docs/a b.txt"; printf "alpha\\0\\n" > src/binary; ln -s one.py src/link.py; ln -s ../docs src/docs; touch src/.hidden.py',
  );
});
afterAll(() => envd.stop());

describe('search_dir', () => {
  it('counts the lines that match in text files that are not hidden [E1]', async () => {
    expect(await envd.tool('search_dir', ['alpha'])).toBe(
      `Found 4 matches for "alpha" in ${WORKSPACE}:
${WORKSPACE}/docs/a b.txt (1 matches)
${WORKSPACE}/src/deep/two.py (1 matches)
${WORKSPACE}/src/one.py (2 matches)
End of matches for "alpha" in ${WORKSPACE}
`,
    );
  });

  it.each([
    [[], 'Usage: search_dir <search_term> [<dir>]\n'],
    [['a', 'b', 'c'], 'Usage: search_dir <search_term> [<dir>]\n'],
    [['a', 'nowhere'], 'Directory nowhere not found\n'],
    [['nothing', 'src'], `No matches found for "nothing" in ${WORKSPACE}/src\n`],
    [['alpha', '.git'], `No matches found for "alpha" in ${WORKSPACE}/.git\n`],
  ])('%j says so', async (args, text) => {
    expect(await envd.tool('search_dir', args)).toBe(text);
  });

  it('takes basic regular expressions and terms that look like options', async () => {
    expect(await envd.tool('search_dir', ['^b.*a$', 'src'])).toContain('Found 1 matches');
    expect(await envd.tool('search_dir', ['--help', 'src'])).toContain('No matches found for "--help"');
    expect(await envd.tool('search_dir', ['\\(', 'src'])).toMatch(/^grep: Unmatched \( or \\\(\nNo matches found/);
  });

  it('asks to narrow a search that finds too many files', async () => {
    await envd.run('mkdir many; for i in {1..101}; do echo needle > many/$i; done');
    expect(await envd.tool('search_dir', ['needle'])).toBe(
      `More than 101 files matched for "needle" in ${WORKSPACE}. Please narrow your search.\n`,
    );
    await envd.run('rm many/1');
    expect(await envd.tool('search_dir', ['needle'])).toMatch(/^Found 100 matches for "needle"/);
    await envd.run('rm -r many');
  });

  it('searches trees of more files than fit on one command line', async () => {
    await envd.run(
      'mkdir crowd; cd crowd; for i in {1..3000}; do echo > $(printf "%0120d" $i); done; echo thread > last; cd ..',
    );
    expect(await envd.tool('search_dir', ['thread', 'crowd'])).toContain(`${WORKSPACE}/crowd/last (1 matches)`);
    await envd.run('rm -r crowd');
  });
});

describe('search_file', () => {
  it('lists the lines that match [E1]', async () => {
    const expected = (file: string) =>
      `Found 2 matches for "alpha" in ${WORKSPACE}/${file}:\nLine 1:alpha\nLine 2:beta alpha\nEnd of matches for "alpha" in ${WORKSPACE}/${file}\n`;
    expect(await envd.tool('search_file', ['alpha', 'src/one.py', 'ignored'])).toBe(expected('src/one.py'));
    await envd.tool('open', ['src/link.py']);
    expect(await envd.tool('search_file', ['alpha'])).toBe(expected('src/one.py'));
  });

  it('prints however many there are', async () => {
    await envd.run('yes match | head -120 > long.txt');
    expect(await envd.tool('search_file', ['match', 'long.txt'])).toMatch(
      /^Found 120 matches[\s\S]*Line 120:match\nEnd/,
    );
  });

  it.each([
    [[], 'Usage: search_file <search_term> [<file>]\n'],
    [
      ['a', 'nothing'],
      'Usage: search_file <search_term> [<file>]\nError: File name nothing not found. Please provide a valid file name.\n',
    ],
    [['nothing', 'src/one.py'], `No matches found for "nothing" in ${WORKSPACE}/src/one.py\n`],
    [
      ['alpha', 'src/binary'],
      `grep: ${WORKSPACE}/src/binary: binary file matches\nNo matches found for "alpha" in ${WORKSPACE}/src/binary\n`,
    ],
  ])('%j says so', async (args, text) => {
    expect(await envd.tool('search_file', args)).toBe(text);
  });
});

describe('find_file', () => {
  it.each([
    ['one.py', 'src', ['src/one.py']],
    ['*.py', undefined, ['src/.hidden.py', 'src/deep/two.py', 'src/one.py']],
    ['[!o]*.py', 'src', ['src/.hidden.py', 'src/deep/two.py']],
    ['t?o.*', 'src', ['src/deep/two.py']],
    ['a b.txt', undefined, ['docs/a b.txt']],
  ])('%s in %s, links and all hidden ones considered [E1]', async (name, directory, found) => {
    const where = directory ? `${WORKSPACE}/${directory}` : WORKSPACE;
    expect(await envd.tool('find_file', directory ? [name, directory] : [name])).toBe(
      `Found ${found.length} matches for "${name}" in ${where}:\n${found.map((file) => `${WORKSPACE}/${file}\n`).join('')}`,
    );
  });

  it.each([
    [[], 'Usage: find_file <file_name> [<dir>]\n'],
    [['a', 'b', 'c'], 'Usage: find_file <file_name> [<dir>]\n'],
    [['a', 'nowhere'], 'Directory nowhere not found\n'],
    [['nothing'], `No matches found for "nothing" in ${WORKSPACE}\n`],
  ])('%j says so', async (args, text) => {
    expect(await envd.tool('find_file', args)).toBe(text);
  });
});
