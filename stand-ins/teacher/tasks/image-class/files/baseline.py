"""Predicts the class whose mean brightness is nearest."""
import csv
from collections import defaultdict

from png import read_grey

TARGET, PICTURE = 'label', 'image'


def brightness(path):
    rows = read_grey(path)
    return sum(map(sum, rows)) / sum(map(len, rows))


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


train, test = read('data/train.csv'), read('data/test.csv')
values = defaultdict(list)
for row in train:
    values[row[TARGET]].append(brightness(row[PICTURE]))
means = {label: sum(found) / len(found) for label, found in values.items()}
with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    for row in test:
        value = brightness(row[PICTURE])
        writer.writerow([row['id'], min(means, key=lambda label: abs(means[label] - value))])
print(len(test), 'predictions written')
