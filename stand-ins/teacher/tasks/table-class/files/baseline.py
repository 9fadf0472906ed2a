"""Predicts the class whose mean of one column is nearest."""
import csv
from collections import defaultdict

TARGET, COLUMN = 'species', 'body_mass_g'


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


train, test = read('data/train.csv'), read('data/test.csv')
values = defaultdict(list)
for row in train:
    if row[COLUMN]:
        values[row[TARGET]].append(float(row[COLUMN]))
means = {label: sum(found) / len(found) for label, found in values.items()}
common = max(values, key=lambda label: len(values[label]))
with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    for row in test:
        label = min(means, key=lambda name: abs(means[name] - float(row[COLUMN]))) if row[COLUMN] else common
        writer.writerow([row['id'], label])
print(len(test), 'predictions written')
