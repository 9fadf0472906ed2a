"""Predicts with a straight line over the mean length of the words."""
import csv
import re

TARGET, TEXT = 'year', 'text'


def length(text):
    found = re.findall(r'\w+', text)
    return sum(map(len, found)) / max(1, len(found))


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


train, test = read('data/train.csv'), read('data/test.csv')
pairs = [(length(row[TEXT]), float(row[TARGET])) for row in train]
x0 = sum(x for x, _ in pairs) / len(pairs)
y0 = sum(y for _, y in pairs) / len(pairs)
slope = sum((x - x0) * (y - y0) for x, y in pairs) / (sum((x - x0) ** 2 for x, _ in pairs) or 1)
with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    writer.writerows([row['id'], y0 + slope * (length(row[TEXT]) - x0)] for row in test)
print(len(test), 'predictions written; slope', slope)
