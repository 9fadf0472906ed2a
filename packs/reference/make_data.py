#!/usr/bin/env python3
"""Writes every data file of this pack, byte for byte the same each time.

Usage: /usr/bin/python3 make_data.py [task ...]

Needs Debian 12's python3-sklearn (1.2.1) and python3-scipy (1.10.1) and two documentation trees; DATA.md names the
sources, their licences and their checksums. The seeds below are the private splits: neither this script nor its
directory is ever copied into a workspace.
"""
import csv
import glob
import gzip
import json
import random
import re
import sys
import unicodedata
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent / 'data'
NODE_CHANGELOGS = '/usr/share/doc/nodejs/changelogs/CHANGELOG_*.md'
TZ_NEWS = '/usr/share/doc/tzdata/changelog.gz'


def write_csv(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(header)
        writer.writerows(rows)


def write_text(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding='utf-8')


def disguised(matrix, rng, noise):
    """Columns standardised, shuffled, given a random sign and scale and `noise` standard deviations of jitter.

    The copies that scikit-learn carries cannot be joined on it by value.
    """
    matrix = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    matrix = matrix + noise * rng.standard_normal(matrix.shape)
    matrix = matrix[:, rng.permutation(matrix.shape[1])]
    scale = rng.uniform(0.5, 4.0, matrix.shape[1]) * rng.choice([-1.0, 1.0], matrix.shape[1])
    return matrix * scale + rng.uniform(-3.0, 3.0, matrix.shape[1])


def tidy(number):
    return f'{number:.3f}'


def breast_cancer():
    from sklearn.datasets import load_breast_cancer

    rng = np.random.default_rng(610_411)
    source = load_breast_cancer()
    features = disguised(source.data, rng, 0.25)
    labels = 1 - source.target
    order = rng.permutation(len(labels))
    hidden_cell = rng.random(features.shape) < 0.12
    names = [f'f{column:02d}' for column in range(features.shape[1])]

    def cells(row):
        return ['' if hidden_cell[row, column] else tidy(features[row, column]) for column in range(len(names))]

    train, test = order[:319], order[319:]
    root = DATA / 'breast-cancer'
    write_csv(root / 'data/train.csv', ['id', *names, 'malignant'],
              [[f'a{index:03d}', *cells(row), labels[row]] for index, row in enumerate(train)])
    write_csv(root / 'data/test.csv', ['id', *names],
              [[f'b{index:03d}', *cells(row)] for index, row in enumerate(test)])
    write_csv(root / 'labels.csv', ['id', 'malignant'],
              [[f'b{index:03d}', labels[row]] for index, row in enumerate(test)])
    write_csv(root / 'sample_submission.csv', ['id', 'malignant'], [[f'b{index:03d}', 0] for index in range(len(test))])


def diabetes():
    from sklearn.datasets import load_diabetes

    rng = np.random.default_rng(902_277)
    source = load_diabetes(scaled=False)
    features = disguised(source.data, rng, 0.06)
    order = rng.permutation(len(source.target))
    names = [f'x{column}' for column in range(features.shape[1])]
    train, test = order[:262], order[262:]
    root = DATA / 'diabetes-progression'
    write_csv(root / 'data/train.csv', ['id', *names, 'progression'],
              [[f'p{index:03d}', *map(tidy, features[row]), int(source.target[row])]
               for index, row in enumerate(train)])
    write_csv(root / 'data/test.csv', ['id', *names],
              [[f'q{index:03d}', *map(tidy, features[row])] for index, row in enumerate(test)])
    write_csv(root / 'labels.csv', ['id', 'progression'],
              [[f'q{index:03d}', int(source.target[row])] for index, row in enumerate(test)])
    write_csv(root / 'sample_submission.csv', ['id', 'progression'],
              [[f'q{index:03d}', 150.0] for index in range(len(test))])


def digits():
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(377_015)
    source = load_digits()
    gain = rng.uniform(0.6, 1.0, (len(source.target), 1))
    images = np.clip(np.rint(source.data * gain + 1.6 * rng.standard_normal(source.data.shape)), 0, 16).astype(int)
    order = rng.permutation(len(source.target))
    labelled = []
    for digit in range(10):
        labelled.extend([row for row in order if source.target[row] == digit][:6])
    labelled = [int(row) for row in rng.permutation(labelled)]
    rest = [row for row in order if row not in set(labelled)]
    unlabelled, test = rest[:900], rest[900:]
    names = [f'p{row}{column}' for row in range(8) for column in range(8)]
    root = DATA / 'few-shot-digits'
    write_csv(root / 'data/labelled.csv', ['id', *names, 'digit'],
              [[f'l{index:02d}', *images[row], source.target[row]] for index, row in enumerate(labelled)])
    write_csv(root / 'data/unlabelled.csv', ['id', *names],
              [[f'u{index:03d}', *images[row]] for index, row in enumerate(unlabelled)])
    write_csv(root / 'data/test.csv', ['id', *names],
              [[f't{index:03d}', *images[row]] for index, row in enumerate(test)])
    write_csv(root / 'labels.csv', ['id', 'digit'],
              [[f't{index:03d}', source.target[row]] for index, row in enumerate(test)])
    write_csv(root / 'sample_submission.csv', ['id', 'digit'], [[f't{index:03d}', 0] for index in range(len(test))])


COMMIT_AREAS = ['build', 'crypto', 'deps', 'doc', 'fs', 'http', 'lib', 'module', 'src', 'stream', 'test', 'tools']
COMMIT_LINE = re.compile(r'^\* \\?\[\[`[0-9a-f]+`\]\([^)]*\)\\?\] - (?:\*\*\([^)]*\)\*\* )*(?:\(.*?\) )?'
                         r'\*\*(?:\(SEMVER-\w+\) )?([^*]+)\*\*: (.*)$')


def commit_subjects():
    """(area, subject) of every commit named in Node.js's changelogs, without authors, links and repetitions."""
    found = {}
    for path in sorted(glob.glob(NODE_CHANGELOGS)):
        for line in open(path, encoding='utf-8'):
            match = COMMIT_LINE.match(line)
            if not match:
                continue
            area, subject = match.group(1), match.group(2)
            subject = re.sub(r' \[[^\]]*#\d+\]\(.*$', '', subject).strip()
            subject = re.sub(r' \([^()]*\)$', '', subject).replace('\\', '').replace('`', '')
            subject = unicodedata.normalize('NFKD', subject).encode('ascii', 'ignore').decode()
            if area in COMMIT_AREAS and 10 <= len(subject) <= 90:
                found.setdefault(subject.lower(), (area, subject))
    return sorted(found.values(), key=lambda item: item[1])


def commits():
    rng = random.Random(555_830)
    pool = commit_subjects()
    rng.shuffle(pool)
    train, test = [], []
    for area in COMMIT_AREAS:
        mine = [item for item in pool if item[0] == area]
        share = min(len(mine), 420)
        test.extend(mine[:share * 2 // 5])
        train.extend(mine[share * 2 // 5:share])
    rng.shuffle(train)
    rng.shuffle(test)
    root = DATA / 'commit-triage'
    write_csv(root / 'data/train.csv', ['id', 'subject', 'area'],
              [[f'k{index:04d}', subject, area] for index, (area, subject) in enumerate(train)])
    write_csv(root / 'data/test.csv', ['id', 'subject'],
              [[f'm{index:04d}', subject] for index, (_, subject) in enumerate(test)])
    write_csv(root / 'labels.csv', ['id', 'area'], [[f'm{index:04d}', area] for index, (area, _) in enumerate(test)])
    write_csv(root / 'sample_submission.csv', ['id', 'area'], [[f'm{index:04d}', 'doc'] for index in range(len(test))])


HEARTBEAT_RATE, HEARTBEAT_CONTEXT, HEARTBEAT_HORIZON = 90, 120, 18


def heartbeat():
    import scipy.misc
    from scipy.signal import resample_poly

    rng = np.random.default_rng(208_077)
    with np.load(Path(scipy.misc.__file__).with_name('ecg.dat')) as file:
        raw = (file['ecg'].astype(int) - 1024) / 200.0
    signal = resample_poly(raw, 1, 4) + 0.01 * rng.standard_normal(len(raw) // 4)
    cut = 205 * HEARTBEAT_RATE
    windows, at = [], cut + HEARTBEAT_RATE
    while at + HEARTBEAT_CONTEXT + HEARTBEAT_HORIZON <= len(signal):
        windows.append(at)
        at += HEARTBEAT_CONTEXT + HEARTBEAT_HORIZON + int(rng.integers(10, 50))
    windows = [int(at) for at in rng.permutation(windows)]
    root = DATA / 'heartbeat-forecast'
    write_csv(root / 'data/train.csv', ['mv'], [[tidy(value)] for value in signal[:cut]])
    write_csv(root / 'data/windows.csv', ['window', *(f'c{step:03d}' for step in range(HEARTBEAT_CONTEXT))],
              [[f'w{index:02d}', *map(tidy, signal[at:at + HEARTBEAT_CONTEXT])] for index, at in enumerate(windows)])
    answers = [(f'w{index:02d}-{step:02d}', signal[at + HEARTBEAT_CONTEXT + step])
               for index, at in enumerate(windows) for step in range(HEARTBEAT_HORIZON)]
    write_csv(root / 'labels.csv', ['id', 'mv'], [[key, tidy(value)] for key, value in answers])
    write_csv(root / 'sample_submission.csv', ['id', 'mv'], [[key, '0.0'] for key, _ in answers])


def formula(rng, variables):
    """A random 3-SAT formula at the hardest ratio of clauses to variables."""
    clauses = set()
    while len(clauses) < round(4.26 * variables):
        chosen = sorted(rng.sample(range(1, variables + 1), 3))
        clauses.add(tuple(variable if rng.random() < 0.5 else -variable for variable in chosen))
    return {'variables': variables, 'clauses': sorted(clauses)}


def formulas(seed, sizes):
    rng = random.Random(seed)
    made = [formula(rng, variables) for variables in sizes]
    return '[\n' + ',\n'.join(json.dumps(item, separators=(',', ':')) for item in made) + '\n]\n'


def sat():
    root = DATA / 'sat-branching'
    write_text(root / 'data/practice.json', formulas(31_337, [60] * 6 + [80] * 6 + [100] * 6))
    write_text(root / 'instances.json', formulas(920_418_553, [60] * 10 + [80] * 10 + [100] * 10))


def swing_up():
    rng = random.Random(771_204_119)
    starts = [[round(rng.uniform(-bound, bound) + centre, 4) for centre, bound in
               ((0.0, 0.8), (0.0, 0.4), (3.14159, 0.5), (0.0, 0.8))] for _ in range(24)]
    write_text(DATA / 'cart-swing-up/starts.json',
               '[\n' + ',\n'.join(json.dumps(start) for start in starts) + '\n]\n')


def plain(text):
    text = unicodedata.normalize('NFKD', text).encode('ascii', 'ignore').decode()
    text = re.sub(r'[^\n\x20-\x7e]', ' ', text)
    return re.sub(r'\n{3,}', '\n\n', text)


def release_notes():
    rng = random.Random(404_126)
    text = gzip.open(TZ_NEWS, 'rt', encoding='utf-8').read()
    releases = re.split(r'(?m)^(?=Release )', text)[1:]
    releases = [plain(release).strip() + '\n\n' for release in releases]
    sizes = {'heldout': 42_000, 'valid': 24_000}
    parts = {'heldout': [], 'valid': [], 'train': []}
    order = list(range(len(releases)))
    rng.shuffle(order)
    for index in order:
        filled = {part: sum(len(releases[number]) for number in parts[part]) for part in sizes}
        name = next((part for part, size in sizes.items() if filled[part] < size), 'train')
        parts[name].append(index)
    root = DATA / 'release-notes-lm'
    for name, place in (('train', 'data/train.txt'), ('valid', 'data/valid.txt'), ('heldout', 'heldout.txt')):
        write_text(root / place, ''.join(releases[index] for index in sorted(parts[name])))


TASKS = {
    'breast-cancer': breast_cancer,
    'diabetes-progression': diabetes,
    'few-shot-digits': digits,
    'commit-triage': commits,
    'heartbeat-forecast': heartbeat,
    'sat-branching': sat,
    'cart-swing-up': swing_up,
    'release-notes-lm': release_notes,
}

if __name__ == '__main__':
    for task in sys.argv[1:] or TASKS:
        TASKS[task]()
