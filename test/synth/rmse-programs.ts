/** Beginning of an evaluator of predictions: `truth`, and what reads a submission like it. */
export const READ = `import csv, json, sys
from pathlib import Path
def read(path):
    return {row['id']: float(row['body_mass_g']) for row in csv.DictReader(open(path))}
truth = read(Path(__file__).resolve().parent / 'answers.csv')
`;

/** Its middle: `said`, and `score`, the root of the mean square error. */
export const SCORE = `said = read(sys.argv[2])
if said.keys() != truth.keys():
    sys.exit('invalid submission: wrong ids')
score = (sum((said[key] - truth[key]) ** 2 for key in truth) / len(truth)) ** 0.5
`;
