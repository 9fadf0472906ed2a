import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOME, StartedEnvd, WORKSPACE } from './started-envd.js';

let envd: StartedEnvd;
beforeAll(async () => {
  envd = await StartedEnvd.start();
});
afterAll(() => envd.stop());

const put = (file: string, contents: string | Uint8Array, fields: Record<string, unknown> = {}) =>
  envd.client.request(
    'put',
    { path: `${WORKSPACE}/${file}`, mode: 0o644, user: 'agent', ...fields },
    Buffer.from(contents),
  );
const get = (file: string, fields: Record<string, unknown> = {}) =>
  envd.client.request('get', { path: `${WORKSPACE}/${file}`, ...fields });

describe('put', () => {
  it.each([
    ['agent', 0o640, '640 61000 61000'],
    ['evaluator', 0o400, '400 61001 61001'],
    ['root', 0o555, '555 0 0'],
  ])('makes a file of %s with its mode', async (user, mode, expected) => {
    await put(`of-${user}`, user, { user, mode });
    expect(await envd.text(`stat -c "%a %u %g" of-${user}`)).toBe(`${expected}\n`);
  });

  it('makes parents for that user, and none when told so', async () => {
    await put('made/for/you', 'x', { user: 'agent' });
    expect(await envd.text('stat -c "%a %u" made made/for')).toBe('755 61000\n755 61000\n');
    expect(await envd.errorOf('put', { path: `${WORKSPACE}/not/made`, make_parents: false })).toBe('no_such_file');
  });

  it('takes a file in parts and puts it in place at once', async () => {
    await put('parts', 'old');
    await put('parts', 'first ', { offset: 0, last: false });
    await put('parts', 'second', { offset: 6, last: false });
    expect(await envd.read('parts')).toBe('old');
    await put('parts', '', { offset: 12, last: true });
    expect(await envd.read('parts')).toBe('first second');
    expect(await envd.errorOf('put', { path: `${WORKSPACE}/parts`, offset: 99 })).toBe('bad_request');
    expect(await envd.text('ls -A | grep gymsmith; true')).toBe('');
  });

  it('goes through no link, and replaces one that lies in its place [B5]', async () => {
    await envd.run('ln -s /tmp outside; mkdir real; ln -s real inside; echo safe > real/file; ln -s real/file link');
    expect(await envd.errorOf('put', { path: `${WORKSPACE}/outside/x`, user: 'root' })).toBe('forbidden_path');
    expect(await envd.errorOf('put', { path: `${WORKSPACE}/inside/x` })).toBe('forbidden_path');
    expect(await envd.errorOf('put', { path: `${WORKSPACE}/real/../x` })).toBe('forbidden_path');
    expect(await envd.errorOf('put', { path: 'relative' })).toBe('bad_request');
    expect(await envd.errorOf('put', { path: `${WORKSPACE}/real` })).toBe('not_a_file');
    expect((await put('link', 'replaced')).header.ok).toBe(true);
    expect(await envd.text('cat real/file link; test -L link || echo file; ls /tmp')).toBe('safe\nreplacedfile\n');
  });

  it('never sets set-id bits', async () => {
    await put('suid', 'x', { mode: 0o6755, user: 'root' });
    expect(await envd.text('stat -c %a suid')).toBe('755\n');
  });

  it('is not fooled by directories that change under it [B5]', async () => {
    await envd.run(
      'mkdir -p race/d /tmp/target; chmod 777 /tmp/target; (while :; do mv race/d race/e; ln -s /tmp/target race/d; rm race/d; mv race/e race/d; done) 2>/dev/null & sleep 0.1',
    );
    for (let i = 0; i < 300; i++) await put('race/d/file', 'x', { user: 'root' });
    expect(await envd.text('kill %1; ls /tmp/target')).toBe('');
  });
});

describe('get', () => {
  it('reads a file, whole or in parts, as root', async () => {
    await put('secret', 'abcdef', { user: 'root', mode: 0o600 });
    expect(await get('secret')).toMatchObject({
      header: { size: 6, eof: true, mode: 0o600 },
      body: Buffer.from('abcdef'),
    });
    expect(await get('secret', { offset: 2, max_bytes: 3 })).toMatchObject({
      header: { eof: false },
      body: Buffer.from('cde'),
    });
    expect(await get('secret', { offset: 9 })).toMatchObject({ header: { eof: true } });
  });

  it('reads large files part by part', async () => {
    const contents = Buffer.alloc(9_000_000, 'gymsmith');
    for (let at = 0; at < contents.length; at += 4 << 20) {
      const part = contents.subarray(at, at + (4 << 20));
      await put('large', part, { offset: at, last: at + part.length === contents.length });
    }
    const parts: Buffer[] = [];
    for (let eof = false, offset = 0; !eof; ) {
      const { header, body } = await get('large', { offset });
      parts.push(body);
      offset += body.length;
      eof = header.eof;
    }
    expect(Buffer.concat(parts).equals(contents)).toBe(true);
  });

  it('refuses links, special files and what is not there [B5]', async () => {
    await envd.run(
      'ln -sf /etc/passwd pw; ln -sfn /etc etc; mkfifo fifo; mkdir dir; python3 -c "import socket; socket.socket(1).bind(\'sock\')"',
    );
    const code = (file: string) => envd.errorOf('get', { path: `${WORKSPACE}/${file}` });
    expect(await code('pw')).toBe('forbidden_path');
    expect(await code('etc/passwd')).toBe('forbidden_path');
    for (const special of ['fifo', 'dir', 'sock']) expect(await code(special)).toBe('not_a_file');
    for (const missing of ['nothing', 'no/thing', 'pw/thing', 'secret/thing'])
      expect(await code(missing)).toMatch(/no_such_file|forbidden_path/);
    expect(await envd.errorOf('get', { path: '/' })).toBe('forbidden_path');
  });

  it("refuses a hard link to somebody else's file [B5]", async () => {
    await put('hidden', 'of root', { user: 'root', mode: 0o600 });
    await envd.client.request('exec', {
      command_id: 'ln',
      argv: ['ln', 'hidden', 'second'],
      cwd: WORKSPACE,
      user: 'root',
    });
    expect(await envd.errorOf('get', { path: `${WORKSPACE}/second` })).toBe('forbidden_path');
    const { header } = await envd.client.request('glob', { root: WORKSPACE, patterns: ['second', 'hidden'] });
    expect(header).toMatchObject({ files: [], refused: [{ reason: 'link' }, { reason: 'link' }] });
    await envd.run('echo mine > mine; ln mine mine2');
    expect((await get('mine2')).body.toString()).toBe('mine\n');
  });
});

describe('directories', () => {
  it('are made, listed, given away and removed without following links [B5]', async () => {
    await envd.client.request('mkdir', { path: `${WORKSPACE}/tree/sub`, mode: 0o700, user: 'evaluator' });
    expect(await envd.text('stat -c "%a %u" tree tree/sub')).toBe('755 61001\n700 61001\n');
    await envd.client.request('chmod', { path: `${WORKSPACE}/tree/sub`, mode: 0o755, user: 'agent' });
    await envd.client.request('chmod', { path: `${WORKSPACE}/tree`, mode: 0o750, user: null });
    expect(await envd.text('stat -c "%a %u" tree 2>&1; true')).toBe('750 61001\n');
    await envd.client.request('chmod', { path: `${WORKSPACE}/tree`, mode: 0o755, user: 'agent' });
    await envd.run(
      'cd tree; ln -s /tmp/keep link; mkdir /tmp/keep; echo x > /tmp/keep/x; mkfifo fifo; echo 12345 > file; chmod 600 file; cd ..',
    );
    const { header } = await envd.client.request('list', { path: `${WORKSPACE}/tree` });
    expect(header.entries).toMatchObject([
      { name: 'fifo', type: 'other' },
      { name: 'file', type: 'file', size: 6, mode: 0o600 },
      { name: 'link', type: 'link' },
      { name: 'sub', type: 'dir', mode: 0o755 },
    ]);
    expect(await envd.errorOf('chmod', { path: `${WORKSPACE}/tree/link`, mode: 0o777 })).toBe('forbidden_path');
    expect(await envd.errorOf('list', { path: `${WORKSPACE}/tree/link` })).toBe('forbidden_path');
    expect(await envd.errorOf('remove', { path: `${WORKSPACE}/tree/link/x` })).toBe('forbidden_path');
    expect((await envd.client.request('remove', { path: `${WORKSPACE}/tree` })).header.ok).toBe(true);
    expect(await envd.text('ls -d tree 2>&1; cat /tmp/keep/x')).toBe(
      "ls: cannot access 'tree': No such file or directory\nx\n",
    );
    expect(await envd.errorOf('remove', { path: `${WORKSPACE}/tree` })).toBe('no_such_file');
  });

  it('are removed however deep and full they are', async () => {
    await envd.run(
      'mkdir deep; cd deep; for i in {1..300}; do mkdir d; cd d; done; cd ~/workspace; mkdir -p deep/wide; touch deep/wide/{1..3000}; chmod 000 deep/wide',
    );
    const removed = envd.client.request('remove', { path: `${WORKSPACE}/deep` });
    expect((await envd.client.request('state')).header.ok).toBe(true);
    expect((await removed).header.ok).toBe(true);
    expect(await envd.text('test -e deep; echo $?')).toBe('1\n');
  });

  it('with undecodable names are shown and removed', async () => {
    await envd.run("mkdir odd; touch $'odd/\\xff'");
    expect((await envd.client.request('list', { path: `${WORKSPACE}/odd` })).header.entries[0].name).toBe('\ufffd');
    expect((await envd.client.request('remove', { path: `${WORKSPACE}/odd` })).header.ok).toBe(true);
  });
});

describe('glob', () => {
  beforeAll(async () => {
    await envd.run(
      'mkdir g; cd g; mkdir -p a/b/c ckpt/d data .hidden; touch top.csv a/one.csv a/b/two.csv a/b/c/three.csv a/b/c/x.txt ckpt/w ckpt/d/m1 .hidden/h.csv; ' +
        'echo 1234567890 > data/ten; ln -s /etc evil; ln -s ../top.csv a/rel.csv; mkfifo ckpt/pipe; cd ..',
    );
  });
  const glob = async (patterns: string[], fields: Record<string, unknown> = {}) => {
    const { header } = await envd.client.request('glob', { root: `${WORKSPACE}/g`, patterns, ...fields });
    return { ...header, refused: header.refused, names: header.files?.map((file: { path: string }) => file.path) };
  };

  it.each([
    [['top.csv'], ['top.csv']],
    [['*.csv'], ['top.csv']],
    [['**/*.csv'], ['.hidden/h.csv', 'a/b/c/three.csv', 'a/b/two.csv', 'a/one.csv', 'top.csv']],
    [['a/**'], ['a/b/c/three.csv', 'a/b/c/x.txt', 'a/b/two.csv', 'a/one.csv']],
    [
      ['a/*/two.csv', './a//one.csv'],
      ['a/b/two.csv', 'a/one.csv'],
    ],
    [['a/**/c/*'], ['a/b/c/three.csv', 'a/b/c/x.txt']],
    [['a/b/[ct]*'], ['a/b/two.csv']],
    [['?op.csv', 'none', 'a'], ['top.csv']],
    [['[', 'a/(.csv'], []],
    [[], []],
  ])('finds %j', async (patterns, names) => {
    expect((await glob(patterns)).names).toEqual(names);
  });

  it('leaves out what is excluded, whole directories too', async () => {
    expect((await glob(['**'], { exclude: ['a/b', '**/h.csv', 'ckpt/**', 'data/*'] })).names).toEqual([
      'a/one.csv',
      'top.csv',
    ]);
  });

  it('follows no link and tells what it refused [B5]', async () => {
    expect((await glob(['ckpt/**', 'evil/*', 'a/*.csv'])).refused).toEqual([
      { path: 'a/rel.csv', reason: 'link' },
      { path: 'ckpt/pipe', reason: 'special' },
      { path: 'evil', reason: 'link' },
    ]);
    expect((await glob(['**/*.csv'])).refused).toEqual([{ path: 'a/rel.csv', reason: 'link' }]);
    expect(await envd.errorOf('glob', { root: `${WORKSPACE}/g/evil`, patterns: ['*'] })).toBe('forbidden_path');
    expect(await envd.errorOf('glob', { root: `${WORKSPACE}/g`, patterns: ['../*'] })).toBe('forbidden_path');
    expect(await envd.errorOf('glob', { root: `${WORKSPACE}/none`, patterns: ['*'] })).toBe('no_such_file');
  });

  it('has caps', async () => {
    expect(await glob(['**'], { max_files: 3 })).toMatchObject({
      names: ['.hidden/h.csv', 'a/b/c/three.csv', 'a/b/c/x.txt'],
      truncated: true,
    });
    expect(await glob(['data/*', 'top.csv'], { max_bytes: 10 })).toMatchObject({
      names: ['top.csv'],
      refused: [{ path: 'data/ten', reason: 'too_large' }],
      truncated: false,
    });
    await envd.run('mkdir many; cd many; for i in {1..4000}; do echo $i > $(printf "%0200d" $i); done; cd ..');
    const many = await envd.client.request('glob', { root: `${WORKSPACE}/many`, patterns: ['*'] });
    expect(many.header.truncated).toBe(true);
    await envd.run('rm -rf many');
  });
});

describe('archives', () => {
  const fetchArchive = async (id: string): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for (let eof = false, offset = 0; !eof; ) {
      const { header, body } = await envd.client.request('get_archive', { archive_id: id, offset, max_bytes: 1 << 20 });
      parts.push(body);
      offset += body.length;
      eof = header.eof;
    }
    return Buffer.concat(parts);
  };
  const unarchive = (root: string, tar: Uint8Array, fields: Record<string, unknown> = {}) =>
    envd.client.request('unarchive', { root, offset: 0, last: true, user: 'agent', ...fields }, tar);

  it('carry a tree out and in again, without what leads out of it [B5]', async () => {
    await envd.run(
      `mkdir -p t/sub/empty t/ro; cd t; echo a > a; seq 1 300000 > sub/big; ln -s ../a sub/up; ln -s ${WORKSPACE}/t/a abs; ln -s /etc/passwd out; ` +
        'ln -s ../../.. far; mkfifo p; echo x > "$(printf "%0150d" 1)"; echo é > ü; chmod 750 sub; chmod 600 a; echo r > ro/r; chmod 555 ro; touch -d @1000000000 sub/big; cd ..',
    );
    const { header } = await envd.client.request('archive', { root: `${WORKSPACE}/t` });
    expect(header.left_out).toEqual([
      { path: 'far', reason: 'link' },
      { path: 'out', reason: 'link' },
      { path: 'p', reason: 'special' },
    ]);
    const tar = await fetchArchive(header.archive_id);
    expect(tar.length).toBe(header.size);
    expect(await envd.errorOf('get_archive', { archive_id: header.archive_id })).toBe('no_such_file');
    await envd.run('mv t t.old; rm t.old/{out,far,p}');
    const half = 100_000;
    await unarchive(`${WORKSPACE}/t`, tar.subarray(0, half), { last: false });
    expect((await unarchive(`${WORKSPACE}/t`, tar.subarray(half), { offset: half })).header.ok).toBe(true);
    const look = 'find . -printf "%P %y %m %u %l %s\\n" | grep -v " d .* 40" | sort; stat -c %Y sub/big';
    expect(await envd.text(`diff -r t t.old && cd t && ${look.replace('%s', '')}`)).toBe(
      await envd.text(`cd ../t.old; ${look.replace('%s', '')}; cd ..`),
    );
  });

  it('of a tree that is too large are refused', async () => {
    expect(await envd.errorOf('archive', { root: `${WORKSPACE}/t`, max_bytes: 10_000 })).toBe('too_large');
    expect(await envd.errorOf('archive', { root: `${WORKSPACE}/nothing` })).toBe('no_such_file');
  });

  it.each([
    ['a path that leaves the root', "name='../x'"],
    ['an absolute path', "name='/tmp/x'"],
    ['a link out of the root', "type=tarfile.SYMTYPE, linkname='../../etc'"],
    ['an absolute link', "type=tarfile.SYMTYPE, linkname='/etc/passwd'"],
    ['a hard link to a file outside', "type=tarfile.LNKTYPE, linkname='t/a'"],
    ['a device', 'type=tarfile.CHRTYPE'],
    ['a pipe', 'type=tarfile.FIFOTYPE'],
    ['a set-id file', 'mode=0o4755'],
  ])('with %s are refused whole [B5]', async (what, attributes) => {
    const script = `import io, sys, tarfile\nout = tarfile.open(fileobj=sys.stdout.buffer, mode='w|')\nfine = tarfile.TarInfo('fine')\nout.addfile(fine)\nentry = tarfile.TarInfo('entry')\nfor key, value in dict(${attributes}).items(): setattr(entry, key, value)\nout.addfile(entry)\nout.close()`;
    const { body } = await envd.client.request('exec', {
      command_id: `tar ${what}`,
      argv: ['python3', '-c', script],
      cwd: '/',
      user: 'agent',
    });
    expect(body.length).toBe(10_240);
    const { header } = await unarchive(`${HOME}/refused`, body);
    expect(header.error.code).toBe('forbidden_path');
    expect(await envd.text('ls ~/refused 2>&1; true')).toMatch(/No such file/);
  });

  it('do not go through links that lie at the place already [B5]', async () => {
    await envd.run(
      'rm -rf plain trap; mkdir -p plain/sub trap /tmp/elsewhere; echo x > plain/sub/file; chmod 777 /tmp/elsewhere; ln -s /tmp/elsewhere trap/sub',
    );
    const { header } = await envd.client.request('archive', { root: `${WORKSPACE}/plain` });
    const tar = await fetchArchive(header.archive_id);
    expect((await unarchive(`${WORKSPACE}/trap`, tar)).header.error.code).toBe('forbidden_path');
    expect(await envd.text('ls /tmp/elsewhere')).toBe('');
  });

  it('that are none are refused, and leave nothing on the disk', async () => {
    expect((await unarchive(`${HOME}/none`, Buffer.from('no tar at all'.repeat(100)))).header.error.code).toBe(
      'bad_request',
    );
    expect(await readdir(path.join(envd.directory, 'run'))).toEqual(['envd.sock']);
  });
});

describe('the socket', () => {
  it('is for root alone', async () => {
    expect((await stat(envd.socket)).mode & 0o777).toBe(0o600);
  });
});

it('removes a tree with more levels than it may have open files, and lists it [B4 B5]', async () => {
  const script =
    'import os\nos.mkdir("deep")\nos.chdir("deep")\nfor _ in range(70000):\n    os.mkdir("d")\n    os.chdir("d")\n';
  await envd.run(`python3 - <<'END'\n${script}END`);
  const { header } = await envd.client.request('glob', { root: WORKSPACE, patterns: ['deep/**/x'] });
  expect(header).toMatchObject({ ok: true, files: [] });
  expect((await envd.client.request('remove', { path: `${WORKSPACE}/deep` })).header).toMatchObject({ ok: true });
  expect(await envd.text('test -e deep; echo $?')).toBe('1\n');
});
