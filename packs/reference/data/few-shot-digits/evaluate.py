"""Prints {"accuracy": ...}: the share of test images whose digit submission.csv names rightly."""
import json
from pathlib import Path

from csv_submission import as_labels, read_answers, read_submission, submission_path

header, rows = read_answers(Path(__file__).with_name('labels.csv'))
predicted = as_labels(read_submission(submission_path(), header, [row[0] for row in rows]), set('0123456789'))
right = sum(guess == row[1] for guess, row in zip(predicted, rows))
print(json.dumps({'accuracy': right / len(rows)}))
