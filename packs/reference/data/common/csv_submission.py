"""Reads the CSV files of an evaluation, the candidate's one strictly.

A broken submission ends the evaluation: the reason goes to standard error, nothing goes to standard output and the exit
status is 1.
"""
import argparse
import csv
import io
import os
import re
import sys
from pathlib import Path

MAX_BYTES = 4_000_000
NUMBER = re.compile(r'[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?')


def reject(reason):
    """Ends the evaluation because the submission is not valid."""
    sys.exit(f'invalid submission: {reason}')


def submission_path():
    """The path given with --submission_file."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--submission_file', required=True, type=Path)
    return parser.parse_args().submission_file


def read_answers(path):
    """Column names and rows of a trusted file."""
    with open(path, newline='', encoding='utf-8') as file:
        header, *rows = csv.reader(file)
    return header, rows


def read_submission(path, header, ids):
    """The second column of a submission, in the order of `ids`.

    The file must have exactly the two columns of `header` and each id exactly once, in any order.
    """
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), 'rb') as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        reject(f'{path.name} cannot be read: {error.strerror}')
    if len(raw) > MAX_BYTES:
        reject(f'{path.name} is larger than {MAX_BYTES} bytes')
    try:
        rows = list(csv.reader(io.StringIO(raw.decode('utf-8-sig'), newline=''), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        reject(f'{path.name} is not a CSV file in UTF-8: {error}')
    if not rows:
        reject(f'{path.name} is empty')
    if rows[0] != header:
        reject(f'the columns must be {",".join(header)}, found {",".join(rows[0])[:200]}')
    found = {}
    wanted = set(ids)
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != 2:
            reject(f'row {number} has {len(row)} cells instead of 2')
        if row[0] not in wanted:
            reject(f'row {number} has the unknown id {row[0][:50]!r}')
        if row[0] in found:
            reject(f'row {number} repeats the id {row[0]!r}')
        found[row[0]] = row[1]
    if len(found) != len(wanted):
        missing = next(key for key in ids if key not in found)
        reject(f'{len(wanted) - len(found)} of {len(wanted)} ids are missing, for example {missing!r}')
    return [found[key] for key in ids]


def as_labels(values, allowed):
    """Checks that every prediction is one of the allowed labels."""
    for value in values:
        if value not in allowed:
            reject(f'{value[:50]!r} is none of the labels {", ".join(sorted(allowed))}')
    return values


def as_numbers(values, low, high):
    """Predictions as floats; each must be a finite number between `low` and `high`."""
    numbers = []
    for value in values:
        if not NUMBER.fullmatch(value) or not low <= float(value) <= high:
            reject(f'{value[:50]!r} is not a number from {low} to {high}')
        numbers.append(float(value))
    return numbers
