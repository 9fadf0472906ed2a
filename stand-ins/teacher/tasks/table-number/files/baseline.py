"""Predicts with a straight line over one column."""
import csv

TARGET, COLUMN = 'body_mass_g', 'bill_length_mm'


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


train, test = read('data/train.csv'), read('data/test.csv')
pairs = [(float(row[COLUMN]), float(row[TARGET])) for row in train if row[COLUMN]]
x0 = sum(x for x, _ in pairs) / len(pairs)
y0 = sum(y for _, y in pairs) / len(pairs)
slope = sum((x - x0) * (y - y0) for x, y in pairs) / sum((x - x0) ** 2 for x, _ in pairs)
with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    for row in test:
        writer.writerow([row['id'], y0 + slope * (float(row[COLUMN]) - x0) if row[COLUMN] else y0])
print(len(test), 'predictions written; slope', slope)
