"""Prints {"nrmse": ...}: root mean squared error over the standard deviation of what was to be forecast."""
import json
import math
from pathlib import Path

from csv_submission import as_numbers, read_answers, read_submission, submission_path

header, rows = read_answers(Path(__file__).with_name('labels.csv'))
truth = [float(row[1]) for row in rows]
predicted = as_numbers(read_submission(submission_path(), header, [row[0] for row in rows]), -100.0, 100.0)
mean = math.fsum(truth) / len(truth)
error = math.fsum((guess - value) ** 2 for guess, value in zip(predicted, truth))
spread = math.fsum((value - mean) ** 2 for value in truth)
print(json.dumps({'nrmse': math.sqrt(error / spread)}))
