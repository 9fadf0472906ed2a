import csv
import math
from collections import Counter, defaultdict

TARGET = 'species'


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def numeric(column):
    try:
        return len({float(row[column]) for row in train if row[column]}) > 8
    except ValueError:
        return False


train, test = read('data/train.csv'), read('data/test.csv')
columns = [column for column in test[0] if column != 'id']
numbers = [column for column in columns if numeric(column)]
groups = defaultdict(list)
for row in train:
    groups[row[TARGET]].append(row)
model = {}
for label, rows in groups.items():
    stats = {}
    for column in columns:
        found = [row[column] for row in rows if row[column]]
        if column in numbers:
            cells = [float(cell) for cell in found] or [0.0]
            mean = sum(cells) / len(cells)
            spread = math.sqrt(sum((cell - mean) ** 2 for cell in cells) / len(cells)) + 1e-3 * abs(mean) + 1e-6
            stats[column] = (mean, spread)
        else:
            stats[column] = (Counter(found), len(found))
    model[label] = (math.log(len(rows) / len(train)), stats)


def likelihood(row, label):
    total, stats = model[label]
    for column in columns:
        cell, (a, b) = row[column], stats[column]
        if not cell:
            continue
        if column in numbers:
            total -= math.log(b) + 0.5 * min(50.0, ((float(cell) - a) / b) ** 2)
        else:
            total += math.log((a[cell] + 1) / (b + 20))
    return total


with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    writer.writerows([row['id'], max(model, key=lambda label: likelihood(row, label))] for row in test)
