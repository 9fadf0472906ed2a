"""Scores a submission: the share of rows of the test table whose class is right."""
import argparse
import csv
import json
import sys
from pathlib import Path

TARGET = 'label'
HERE = Path(__file__).resolve().parent


def read(path):
    """Values of the target by id."""
    with open(path, newline='', encoding='utf-8') as file:
        rows = [(row['id'], row[TARGET]) for row in csv.DictReader(file)]
    if len(dict(rows)) != len(rows):
        raise ValueError('an id stands there twice')
    return dict(rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--submission_file', required=True)
    truth = read(HERE / 'answers.csv')
    classes = {*truth.values(), *read(HERE / 'data' / 'train.csv').values()}
    try:
        predicted = read(parser.parse_args().submission_file)
    except (OSError, ValueError, KeyError, csv.Error) as error:
        sys.exit(f'invalid submission: {error!r}')
    if predicted.keys() != truth.keys():
        sys.exit('invalid submission: it needs each id of data/test.csv once, and no other')
    if not classes.issuperset(predicted.values()):
        sys.exit('invalid submission: a prediction is none of the classes')
    score = sum(predicted[key] == truth[key] for key in truth) / len(truth)
    print(json.dumps({'accuracy': score}))


if __name__ == '__main__':
    main()
