"""Scores a submission: root of the mean squared error over the rows of the test table."""
import argparse
import csv
import json
import math
import sys
from pathlib import Path

TARGET = 'value'
ANSWERS = Path(__file__).resolve().parent / 'answers.csv'


def read(path):
    """Values of the target by id."""
    with open(path, newline='', encoding='utf-8') as file:
        rows = [(row['id'], float(row[TARGET])) for row in csv.DictReader(file)]
    if len(dict(rows)) != len(rows):
        raise ValueError('an id stands there twice')
    if not all(math.isfinite(value) and abs(value) < 1e12 for _, value in rows):
        raise ValueError('a prediction is no finite number')
    return dict(rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--submission_file', required=True)
    truth = read(ANSWERS)
    try:
        predicted = read(parser.parse_args().submission_file)
    except (OSError, ValueError, TypeError, KeyError, csv.Error) as error:
        sys.exit(f'invalid submission: {error!r}')
    if predicted.keys() != truth.keys():
        sys.exit('invalid submission: it needs each id of data/test.csv once, and no other')
    score = math.sqrt(sum((predicted[key] - truth[key]) ** 2 for key in truth) / len(truth))
    print(json.dumps({'rmse': score}))


if __name__ == '__main__':
    main()
