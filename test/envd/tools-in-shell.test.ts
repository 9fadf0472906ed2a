import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { StartedEnvd, WORKSPACE } from './started-envd.js';

let envd: StartedEnvd;
beforeAll(async () => {
  envd = await StartedEnvd.start();
});
afterAll(() => envd.stop());
beforeEach(async () => {
  await envd.client.request('reset_shell', { cwd: WORKSPACE, env: {} });
  await envd.write('src/train.py', 'import os\nprint(os)\n');
});

const TRAIN = `[File: ${WORKSPACE}/src/train.py (2 lines total)]\n1:import os\n2:print(os)\n`;

it('tools work inside any line, and share their state with those outside of it [E1]', async () => {
  const result = await envd.run('cd src && open train.py');
  expect(result).toMatchObject({
    text: TRAIN,
    exit_code: 0,
    open_file: `${WORKSPACE}/src/train.py`,
    cwd: `${WORKSPACE}/src`,
  });
  expect(await envd.tool('goto', ['2'])).toBe(TRAIN);
  expect(await envd.text('goto 1 | tail -n 1; x=$(goto 2); echo "$x" | wc -c')).toBe(`2:print(os)\n${TRAIN.length}\n`);
});

it('an edit in a here-document reaches the file, its text untouched [E1]', async () => {
  const text = await envd.text(
    "cd src\nopen train.py >/dev/null\nedit 2:2 << 'end_of_edit'\nprint(\"$HOME `x` \\\\n\", os)\nend_of_edit\ninsert 2 <<'end_of_insert'\n# done\nend_of_insert\nls",
  );
  expect(text).toMatch(
    /2:print\("\$HOME `x` \\\\n", os\)\nFile updated\.[\s\S]*3:# done\nFile updated\..*\ntrain.py\n$/,
  );
  expect(await envd.read('src/train.py')).toBe('import os\nprint("$HOME `x` \\\\n", os)\n# done\n');
});

it('an edit without its text changes nothing [E1]', async () => {
  const malformed = (name: string) =>
    `Malformed ${name} command. Please ensure you use the \`end_of_${name}\` keyword to mark the end of your ${name}.\n`;
  expect(await envd.text('edit 1:2; insert 0')).toBe(
    'No file open. Use the `open` command first.\nNo file open. Use the `open` command first.\n',
  );
  await envd.run('open src/train.py');
  expect(await envd.text('edit; edit 1:2; insert 0; insert')).toBe(
    `Usage: edit <start_line>:<end_line>\n${malformed('edit')}${malformed('insert')}Usage: insert <line_number>\n`,
  );
  expect(await envd.text('edit 1:2 <&-')).toBe(malformed('edit'));
  expect(await envd.read('src/train.py')).toBe('import os\nprint(os)\n');
  await envd.run("edit 1:2 << 'end_of_edit'\nend_of_edit");
  expect(await envd.read('src/train.py')).toBe('\n');
});

it('tools work in subshells, other directories and programs', async () => {
  expect(await envd.text('(cd src; open train.py)')).toBe(TRAIN);
  expect(await envd.text("python3 -c \"import subprocess; subprocess.run(['open', 'src/train.py'])\"")).toBe(TRAIN);
  expect(await envd.text('echo src/train.py | while read f; do open "$f"; echo "$f"; done')).toBe(
    `${TRAIN}src/train.py\n`,
  );
  expect(await envd.text('bash -c "open src/train.py"')).toBe(TRAIN);
});

it('tools give their exit status and end quietly with a closed pipe', async () => {
  await envd.run('open src/train.py; chmod 444 src/train.py');
  expect((await envd.run('edit 1:1 <<<x')).exit_code).toBe(1);
  expect((await envd.run('seq 1 100000 > long; open long | head -n 1')).text).toBe(
    `[File: ${WORKSPACE}/long (100000 lines total)]\n`,
  );
});

it('tools go on in a directory that was removed under the shell', async () => {
  expect((await envd.run('mkdir gone; cd gone; rmdir ../gone; open x; state')).text).toMatch(/^open: .*\nstate: .*\n$/);
  expect((await envd.client.request('tool', { name: 'state', args: [] })).header.exit_code).toBe(1);
});

it('submit and validate are told when they are called, in order, and print nothing [B5]', async () => {
  expect(await envd.run('true; validate && submit later # comment')).toMatchObject({
    requests: ['validate', 'submit'],
    text: '',
    exit_code: 0,
  });
  expect(await envd.run('echo submit; echo "validate"; : submit; type submit >/dev/null')).toMatchObject({
    requests: [],
  });
  expect(await envd.run('if false; then submit; fi')).toMatchObject({ requests: [] });
  expect(await envd.run('for i in 1 2; do validate; done; exit 0')).toMatchObject({
    requests: ['validate', 'validate'],
    status: 'shell_exited',
  });
  expect((await envd.client.request('tool', { name: 'submit', args: [] })).header).toMatchObject({
    requests: ['submit'],
    exit_code: 0,
  });
});

it('a call that is waiting ends with its command [B4]', async () => {
  await envd.run('mkdir -p slow; head -c 300000000 /dev/zero | tr "\\0" a > slow/big');
  const result = await envd.run('search_dir "\\(a*\\)*\\(a*\\)*\\1\\2b" slow', { timeout_ms: 300 });
  expect(result.status).toBe('timed_out');
  expect(await envd.text('rm -r slow; open src/train.py')).toBe(TRAIN);
});

it('variables of the window come with the environment of the shell', async () => {
  await envd.run('seq 1 50 > n');
  await envd.client.request('reset_shell', { cwd: WORKSPACE, env: { WINDOW: '4', OVERLAP: '1' } });
  expect(await envd.text('open n; scroll_down')).toBe(
    `[File: ${WORKSPACE}/n (50 lines total)]\n1:1\n2:2\n3:3\n4:4\n(46 more lines below)\n[File: ${WORKSPACE}/n (50 lines total)]\n(3 more lines above)\n4:4\n5:5\n6:6\n7:7\n(43 more lines below)\n`,
  );
});
