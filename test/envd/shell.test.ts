import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartedEnvd, WORKSPACE } from './started-envd.js';

let envd: StartedEnvd;
beforeAll(async () => {
  envd = await StartedEnvd.start();
});
afterAll(() => envd.stop());

describe('the persistent shell', () => {
  it('keeps directory, variables, functions, options and descriptors from command to command [E1]', async () => {
    await envd.run('mkdir -p deep/er; cd deep/er; word=kept; greet() { echo "hello $1"; }; exec 7>../seven');
    expect(await envd.text('pwd; echo $word; greet you; echo to seven >&7; cat ../seven')).toBe(
      `${WORKSPACE}/deep/er\nkept\nhello you\nto seven\n`,
    );
    expect((await envd.run('cd ../..')).cwd).toBe(WORKSPACE);
  });

  it('hands the exit status of a command to the next', async () => {
    expect((await envd.run('(exit 42)')).exit_code).toBe(42);
    expect(await envd.text('echo $?')).toBe('42\n');
    expect(await envd.text('echo $?')).toBe('0\n');
  });

  it('keeps a redirection of its own output until it is taken back', async () => {
    expect((await envd.run('exec 9>&1 >elsewhere; echo hidden')).text).toBe('');
    expect((await envd.run('echo hidden too')).text).toBe('');
    expect(await envd.text('exec >&9; cat elsewhere')).toBe('hidden\nhidden too\n');
  });

  it('keeps the order of output and error output', async () => {
    expect(await envd.text('for n in 1 2 3; do echo out $n; echo err $n >&2; done')).toBe(
      'out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n',
    );
  });

  it('gives commands an input that is at its end', async () => {
    expect(await envd.text('cat; read line; echo "$? [$line]"; python3 -c "print(repr(input.__name__))"')).toBe(
      "1 []\n'input'\n",
    );
  });

  it('takes here-documents, loops and several lines', async () => {
    expect(
      await envd.text('cat <<A\n$((1 + 1)) `echo x`\nA\ncat <<"B"\n$((1 + 1))\nB\nfor i in a b; do\necho $i\ndone'),
    ).toBe('2 x\n$((1 + 1))\na\nb\n');
  });

  it('expands aliases when asked to', async () => {
    await envd.run("shopt -s expand_aliases; alias ll='echo alias:'");
    expect(await envd.text('ll works')).toBe('alias: works\n');
    await envd.run('shopt -u expand_aliases');
  });

  it("words its complaints as /bin/bash, counting the command's lines", async () => {
    expect(await envd.text('true\n\nnot-a-command')).toBe('/bin/bash: line 3: not-a-command: command not found\n');
    expect(await envd.text('f() { local; break; }; f')).toContain('main: line 1: break: only meaningful');
  });

  it('runs as the agent, without groups, capabilities or a way to them', async () => {
    expect(await envd.text('id -u; id -G; grep -E "^(CapPrm|CapEff|CapInh|CapAmb|NoNewPrivs)" /proc/self/status')).toBe(
      `61000\n61000\nCapInh:\t${'0'.repeat(16)}\nCapPrm:\t${'0'.repeat(16)}\nCapEff:\t${'0'.repeat(16)}\nCapAmb:\t${'0'.repeat(16)}\nNoNewPrivs:\t1\n`,
    );
  });

  it('sees a small environment with the tools first on the path', async () => {
    const env = (await envd.text('env')).split('\n').filter((line) => !line.startsWith('_='));
    expect(env.map((line) => line.split('=')[0]).sort()).toEqual(
      ['', 'HOME', 'LANG', 'LOGNAME', 'OLDPWD', 'PATH', 'PWD', 'ROOT', 'SHELL', 'SHLVL', 'USER'].sort(),
    );
    expect(env).toContain('HOME=/home/agent');
    expect(env).toContain('ROOT=/home/agent/');
    expect(env).toContain('LANG=C.UTF-8');
    expect(await envd.text('echo "$PATH"')).toBe(
      '/run/gymsmith-tools/bin:/home/agent/.local/bin:/usr/local/bin:/usr/bin:/bin\n',
    );
  });

  it('passes output through byte by byte', async () => {
    const { text } = await envd.run("printf 'a\\xff\\xfe\\0\\x01\\x7f\\r\\n'");
    expect(text).toBe('a\xff\xfe\0\x01\x7f\r\n');
    expect((await envd.run('echo "\u0001\u007f caf\u00e9"')).text).toBe(
      Buffer.from('\u0001\u007f caf\u00e9\n').toString('latin1'),
    );
  });

  it('takes long commands', async () => {
    const word = 'x'.repeat(700_000);
    expect(await envd.text(`printf %s ${word} | wc -c`)).toBe('700000\n');
    expect(await envd.text('echo short')).toBe('short\n');
  });

  it('is not left by a stray break or continue', async () => {
    expect((await envd.run('break')).status).toBe('exited');
    expect((await envd.run('continue')).status).toBe('exited');
    expect(await envd.text('echo still here')).toBe('still here\n');
  });

  it('survives names that are defined over common commands', async () => {
    await envd.run(
      ':() { echo colon; }; true() { echo true; }; read() { echo read; }; printf() { echo printf; }; eval() { :; }',
    );
    expect(await envd.text('echo fine; :')).toBe('fine\ncolon\n');
    await envd.run('unset -f : true read printf eval');
  });

  it('lets tracing show the command and nothing of the loop around it', async () => {
    await envd.run('set -x');
    expect(await envd.text('echo traced')).toBe('++ echo traced\ntraced\n');
    await envd.run('set +x');
    expect(await envd.text('echo plain')).toBe('plain\n');
  });

  it('is undisturbed by its own read options', async () => {
    await envd.run('IFS=0123456789; TMOUT=1; set -f; PS4=zzz; LC_ALL=C');
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(await envd.text('echo 12 34; unset IFS TMOUT LC_ALL; set +f')).toBe('12 34\n');
  });

  it('lets programs open their output by name', async () => {
    expect(await envd.text('echo one > /dev/stderr; echo two | tee /dev/stderr >/dev/null')).toBe('one\ntwo\n');
  });

  it('shows what background jobs wrote meanwhile with the next command', async () => {
    await envd.run('(sleep 0.2; echo late) &');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await envd.text('echo now')).toBe('late\nnow\n');
  });

  it('repairs an output that a program has made non-blocking', async () => {
    await envd.run('python3 -c "import os; os.set_blocking(1, False)"');
    expect(await envd.text('python3 -c "import os; print(os.get_blocking(1))"')).toBe('True\n');
  });

  it('runs one command at a time', async () => {
    const first = envd.run('sleep 0.3');
    expect(await envd.errorOf('run', { command_id: 'second', command: 'true', timeout_ms: 1000 })).toBe('busy');
    expect((await first).status).toBe('exited');
  });

  it('refuses commands that no shell could be given', async () => {
    expect(await envd.errorOf('run', { command_id: 'nul', command: 'echo \0', timeout_ms: 1 })).toBe('bad_request');
    expect(await envd.errorOf('run', { command_id: 'half', command: 'echo \ud800', timeout_ms: 1 })).toBe(
      'bad_request',
    );
    expect(await envd.errorOf('run', { command_id: 'none', timeout_ms: 1 })).toBe('bad_request');
    expect(
      await envd.errorOf('run', { command_id: 'keep', command: 'true', keep_bytes: { head: 4 << 20, tail: 1 } }),
    ).toBe('bad_request');
  });

  it('tells its state', async () => {
    await envd.run('sleep 100 & sleep 101 &');
    const { header } = await envd.client.request('state');
    expect(header).toMatchObject({ cwd: WORKSPACE, open_file: null, processes: 2 });
    expect(await envd.text('echo $$')).toBe(`${header.shell_pid}\n`);
    await envd.run('kill $(jobs -p)');
  });

  it('gets a fresh process, directory and environment on request', async () => {
    await envd.run('left=over; cd /tmp');
    await envd.client.request('reset_shell', { cwd: WORKSPACE, env: { TASK: 'a b' } });
    expect(await envd.text('echo "[$left] $PWD $TASK"')).toBe(`[] ${WORKSPACE} a b\n`);
    await envd.run('exit 1');
    expect(await envd.text('echo $TASK')).toBe('a b\n');
    await envd.client.request('reset_shell', { cwd: WORKSPACE, env: {} });
    expect(await envd.text('echo "[$TASK]"')).toBe('[]\n');
  });
});

describe('the end of the shell', () => {
  it.each([
    ['exit 3', 3, ''],
    ['echo before; exit 0', 0, 'before\n'],
    ['set -e; false; echo not reached', 1, ''],
    ['set -u; echo $unset_variable', 1, '/bin/bash: line 1: unset_variable: unbound variable\n'],
    ['exec echo replaced', 0, 'replaced\n'],
    ['kill -9 $$', 137, ''],
    ['trap "echo bye" EXIT; exit 5', 5, 'bye\n'],
    ['break 99', 0, ''],
  ])('after `%s` is told and a fresh shell stands ready [B4]', async (command, exitCode, text) => {
    expect(await envd.run(command)).toMatchObject({
      status: 'shell_exited',
      exit_code: exitCode,
      text,
      shell_restarted: true,
    });
    expect(await envd.run('echo "$left"; pwd')).toMatchObject({
      status: 'exited',
      text: `\n${WORKSPACE}\n`,
      shell_restarted: false,
    });
  });

  it('between commands is told with the next one', async () => {
    await envd.run('(sleep 0.1; kill -9 $$) &');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await envd.run('echo new')).toMatchObject({ status: 'exited', text: 'new\n', shell_restarted: true });
  });

  it('leaves background jobs alone', async () => {
    expect((await envd.run('sleep 200 & exit 1')).status).toBe('shell_exited');
    expect(await envd.text('pgrep -x sleep | wc -l; pkill -x sleep')).toBe('1\n');
  });
});

describe('an aside', () => {
  const aside = (command: string) => envd.run(command, { aside: true });

  it('gives what it wrote to stdout, and leaves the shell as it was', async () => {
    await envd.run('x=1; false');
    expect(await aside('echo "$x"; x=2; cd /; echo noise >&2; exit 3')).toMatchObject({
      status: 'exited',
      exit_code: 1,
      text: '1',
      cwd: WORKSPACE,
    });
    expect(await aside('nothing_such')).toMatchObject({ exit_code: 1, text: '' });
    expect(await envd.text('echo $? $x; set -x')).toBe('1 1\n');
    expect((await aside('echo "$x"; echo noise >&2')).text).toBe('1');
    expect(await envd.text('{ set +x; } 2>/dev/null')).toBe('');
  });

  it('takes none of the output of others, and is not taken for an action', async () => {
    await envd.write('n', 'a\n'.repeat(3000));
    await envd.run('open n; (sleep 0.05; echo job) &');
    for (const name of ['scroll_down', 'scroll_up']) await envd.tool(name);
    expect((await aside('sleep 0.1; echo said')).text).toBe('said');
    expect(await envd.text('scroll_up')).toMatch(/^job\n[\s\S]*\nWARNING: Scrolling/);
  });

  it('is bounded in time and size', async () => {
    expect((await aside('head -c 100000 /dev/zero | tr "\\0" x')).text.length).toBe(32_768);
    await envd.run('x=kept');
    const hung = await envd.run('while :; do :; done', { aside: true, timeout_ms: 200 });
    expect(hung).toMatchObject({ status: 'timed_out', shell_restarted: false });
    expect(await envd.text('echo $x')).toBe('kept\n');
  });
});

describe('exports', () => {
  it('are there when the text begins, and change neither its lines nor `$?`', async () => {
    await envd.run('false');
    const exports = { FILE: '/a b\'c\\n\n"$x' };
    expect(await envd.run('echo $?; printenv FILE; nothing_such', { exports })).toMatchObject({
      text: `1\n${exports.FILE}\n/bin/bash: line 1: nothing_such: command not found\n`,
    });
    await envd.run('set -x');
    expect((await envd.run('echo $FILE', { exports: { FILE: 'b' } })).text).toBe('++ echo b\nb\n');
    await envd.run('set +x');
    expect(await envd.errorOf('run', { command_id: 'e', command: 'true', exports: { 'a;b': '1' } })).toBe(
      'bad_request',
    );
  });
});

describe('the syntax check', () => {
  it.each([
    ['echo "', '/bin/bash: line 1: unexpected EOF while looking for matching `"\'\n'],
    ['touch ran\nif true', '/bin/bash: line 3: syntax error: unexpected end of file\n'],
    [
      'touch ran\necho (a)',
      "/bin/bash: line 2: syntax error near unexpected token `a'\n/bin/bash: line 2: `echo (a)'\n",
    ],
    ['touch ran; }', "/bin/bash: line 1: syntax error near unexpected token `}'\n/bin/bash: line 1: `touch ran; }'\n"],
    [
      'touch ran; set +n; )',
      "/bin/bash: line 1: syntax error near unexpected token `)'\n/bin/bash: line 1: `touch ran; set +n; )'\n",
    ],
    ['if', '/bin/bash: line 2: syntax error: unexpected end of file\n'],
    [
      'echo a; then',
      "/bin/bash: line 1: syntax error near unexpected token `then'\n/bin/bash: line 1: `echo a; then'\n",
    ],
  ])('of `%s` runs nothing and gives the words of bash [E1]', async (command, text) => {
    expect(await envd.run(command)).toMatchObject({ status: 'syntax_error', exit_code: null, text });
    expect(await envd.text('ls ran 2>/dev/null; echo $?')).toBe('2\n');
  });

  it.each([
    'cat <<E\nno end',
    '[[ a ]',
    'a=1 b=2',
    'echo if then fi',
    'case x in x) ;; esac',
    '! false',
    'time true',
    '# only',
    '',
    '  \n',
  ])('passes `%s`', async (command) => {
    expect((await envd.run(command)).status).toBe('exited');
  });

  it('can be all that is done', async () => {
    const check = (command: string) => envd.run(command, { check_only: true });
    expect(await check('echo (a)')).toMatchObject({ status: 'syntax_error', text: expect.stringContaining('line 1') });
    expect(await check('touch ran')).toMatchObject({ status: 'exited', exit_code: 0, text: '' });
    expect(await envd.text('ls ran 2>/dev/null; echo $?')).toBe('2\n');
  });

  it('can be left out', async () => {
    expect(await envd.run('echo first\necho "', { syntax_check: false })).toMatchObject({
      status: 'exited',
      exit_code: 2,
    });
  });

  it('executes nothing of what it parses', async () => {
    await envd.run('x=$(touch /tmp/parsed) ; "');
    expect(await envd.text('ls /tmp/parsed 2>&1 | wc -l; test -e /tmp/parsed; echo $?')).toBe('1\n1\n');
  });
});
