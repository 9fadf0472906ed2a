"""Naive Bayes over the words of the first rows of the training table."""
import csv
import math
import re
from collections import Counter

TARGET, TEXT, ROWS = 'label', 'text', 40


def words(text):
    return set(re.findall(r'[a-z]+', text.lower()))


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


train, test = read('data/train.csv')[:ROWS], read('data/test.csv')
labels = Counter(row[TARGET] for row in train)
counts = {label: Counter() for label in labels}
for row in train:
    counts[row[TARGET]].update(words(row[TEXT]))


size = len(set().union(*counts.values()))
totals = {label: sum(found.values()) + size for label, found in counts.items()}


def likelihood(found, label):
    return math.log(labels[label]) + sum(math.log((counts[label][word] + 1) / totals[label]) for word in found)


with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    for row in test:
        found = words(row[TEXT])
        writer.writerow([row['id'], max(labels, key=lambda label: likelihood(found, label))])
print(len(test), 'predictions written')
