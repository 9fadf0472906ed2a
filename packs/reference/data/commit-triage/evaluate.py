"""Prints {"macro_f1": ..., "accuracy": ...} of the areas in submission.csv; the score is the F1 averaged over areas."""
import json
import math
from pathlib import Path

from csv_submission import as_labels, read_answers, read_submission, submission_path

header, rows = read_answers(Path(__file__).with_name('labels.csv'))
truth = [row[1] for row in rows]
areas = sorted(set(truth))
predicted = as_labels(read_submission(submission_path(), header, [row[0] for row in rows]), set(areas))
pairs = list(zip(predicted, truth))
scores = []
for area in areas:
    both = sum(guess == area and value == area for guess, value in pairs)
    either = sum((guess == area) + (value == area) for guess, value in pairs)
    scores.append(2 * both / either)
print(json.dumps({
    'macro_f1': math.fsum(scores) / len(areas),
    'accuracy': sum(guess == value for guess, value in pairs) / len(pairs),
}))
