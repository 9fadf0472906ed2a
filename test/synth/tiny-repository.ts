import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

const FILES: Readonly<Record<string, string>> = {
  'README.md': '# tinypack\n\nPacks lists of small numbers. Try it: `python -m tinypack data/samples.json`.\n',
  LICENSE: 'MIT License\n\nCopyright (c) the authors of tinypack\n',
  'pyproject.toml':
    '[project]\nname = "tinypack"\n\n[project.scripts]\ntinypack = "tinypack.__main__:main"\n\n[tool.x]\ny = "a:b"\n',
  'data/samples.json': JSON.stringify([
    [7, 7, 7, 7, 1, 2, 3, 4],
    [0, 0, 0, 0, 0, 0],
  ]),
  'tinypack/__init__.py': 'from .codec import pack, unpack\n',
  'tinypack/limits.py': '"""Limits that every codec keeps."""\nMAX_RUN = 9\n',
  'tinypack/codec.py': `"""Run-length coding of lists of numbers from 0 to 255."""
from .limits import MAX_RUN


def pack(values):
    """Packs numbers into numbers of the same kind."""
    packed = []
    at = 0
    while at < len(values):
        run = 1
        while run < MAX_RUN and at + run < len(values) and values[at + run] == values[at]:
            run += 1
        packed += [run, values[at]]
        at += run
    return packed


def unpack(packed):
    values = []
    for run, value in zip(packed[::2], packed[1::2]):
        values += [value] * run
    return values
`,
  'tinypack/__main__.py': `import argparse
import json

from tinypack.codec import pack, unpack


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('samples')
    samples = json.load(open(parser.parse_args().samples))
    for sample in samples:
        assert unpack(pack(sample)) == sample
    print('packed to', sum(len(pack(s)) for s in samples) / sum(map(len, samples)))


if __name__ == '__main__':
    main()
`,
  'tools/count.py': 'import sys\n\nfor line in sys.stdin:\n    print(len(line))\n',
  'tools/test_count.py': 'print(1)\n',
  'tools/plot.py': `import numpy
import PIL.Image
from tinypack import pack
import torch

if __name__ == '__main__':
    print(pack([1]))
`,
  'notes/größe und maß.txt': 'quite small\n',
  'weights.bin': `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`,
};

function git(place: string, ...args: string[]): string {
  const settings = ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', place, ...settings, ...args], { encoding: 'utf8' }).trim();
}

/** A small code base in Git, with whatever repositories hold that no task can use, and a work tree that is not its commit. */
export async function tinyRepository(root: string): Promise<{ place: string; bare: string; commit: string }> {
  const place = path.join(root, 'tinypack');
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(path.dirname(path.join(place, name)), { recursive: true });
    await writeFile(path.join(place, name), text);
  }
  await writeFile(path.join(place, 'logo.png'), Buffer.from([0x89, 0x50, 0, 1, 2, 3]));
  await writeFile(path.join(place, 'tools/run.sh'), '#!/bin/sh\npython -m tinypack\n', { mode: 0o755 });
  await writeFile(path.join(place, 'corpus.bin'), Buffer.alloc(9 * 2 ** 20));
  await symlink('/etc/passwd', path.join(place, 'secrets'));
  git(place, 'init', '-q', '-b', 'main');
  git(place, 'add', '-A');
  git(place, 'update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},vendor/other`);
  git(place, 'commit', '-q', '-m', 'one');
  git(place, 'tag', 'v1');
  const commit = git(place, 'rev-parse', 'HEAD');
  const bare = path.join(root, 'bare.git');
  git(root, 'clone', '-q', '--bare', place, bare);
  await writeFile(path.join(place, 'tinypack/codec.py'), 'this is no Python\n');
  await writeFile(path.join(place, 'untracked.py'), 'print(1)\n');
  return { place, bare, commit };
}

/** What a teacher finds in it. */
export const COMPONENT = {
  title: 'Shorter codes for runs of small numbers',
  summary: 'The codec packs lists of numbers; a better one needs fewer of them.',
  area: 'optimisation and algorithms',
  modality: 'sequences',
  problem: 'compression',
  constraint: 'lossless',
  files: ['tinypack/codec.py'],
  entry_point: 'python -m tinypack data/samples.json',
};

/** What a teacher proposes for that. */
export const PROPOSED = {
  slug: 'tinypack-codec',
  name: 'Shorter codes in tinypack',
  description:
    'The codec of tinypack packs lists of numbers from 0 to 255 into lists of such numbers. Change pack and unpack so that hidden lists become as short as possible and come back unchanged.',
  metric: {
    name: 'packed_share',
    direction: 'minimize',
    lower: 0,
    upper: null,
    explanation: 'Packed length over plain length, over all lists',
  },
  editable: ['tinypack/codec.py'],
  entry_point: 'python -m tinypack data/samples.json',
  approach_of_baseline: 'It codes runs',
  room_for_improvement: 'Entropy coding, or references to what came before.',
  baseline_minutes: 0.1,
  gpus: 0,
};

/** What a teacher writes for a task on it. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  'baseline.py': `import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent / 'repository'
command = [sys.executable, '-m', 'tinypack', 'data/samples.json']
sys.exit(subprocess.run(command, cwd=REPOSITORY, env={**os.environ, 'PYTHONPATH': str(REPOSITORY)}).returncode)
`,
  'hidden/cases.json': JSON.stringify(
    Array.from({ length: 6 }, (_, at) => Array.from({ length: 200 }, (_, i) => Math.floor(i / (3 + at)) % (7 + at))),
  ),
  'evaluate.py': `import json
from pathlib import Path

from referee import Candidate, CandidateError, fail, guard

WORKSPACE = Path(__file__).resolve().parent


def ask(function, values):
    with Candidate(WORKSPACE / 'runner.py', answer_seconds=5.0, total_seconds=10.0) as candidate:
        answer = json.loads(candidate.ask_line(json.dumps([function, [values]]), max_bytes=100_000))
    if not isinstance(answer, list) or any(type(one) is not int or not 0 <= one < 256 for one in answer):
        fail(f'{function} returns no list of numbers from 0 to 255')
    return answer


def main():
    cases = json.loads((WORKSPACE / 'hidden' / 'cases.json').read_text())
    guard([WORKSPACE / 'hidden' / 'cases.json'])
    if not (WORKSPACE / 'repository/tinypack/codec.py').is_file():
        fail('there is no repository/tinypack/codec.py')
    plain = packed = 0
    for number, values in enumerate(cases):
        try:
            short = ask('pack', values)
            if ask('unpack', short) != values:
                fail(f'case {number + 1} does not come back as it was')
        except (CandidateError, ValueError) as error:
            fail(f'case {number + 1}: {error}')
        plain += len(values)
        packed += len(short)
    print(json.dumps({'packed_share': packed / plain}))


main()
`,
  'checks/weak.py': `from pathlib import Path

Path('repository/tinypack/codec.py').write_text('''
def pack(values):
    return [part for value in values for part in (1, value)]


def unpack(packed):
    return packed[1::2]
''')
`,
  'checks/reference.py': `from pathlib import Path

Path('repository/tinypack/codec.py').write_text('''
import zlib


def pack(values):
    return list(zlib.compress(bytes(values), 9))


def unpack(packed):
    return list(zlib.decompress(bytes(packed)))
''')
`,
};
