"""Predicts the mean of the training table, drawn a little to its last rows."""
import csv

TARGET, TIME = 'value', 'year'


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


train, test = read('data/train.csv'), read('data/test.csv')
train.sort(key=lambda row: row[TIME])
values = [float(row[TARGET]) for row in train]
mean, last = sum(values) / len(values), sum(values[-5:]) / 5
with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    writer.writerows([row['id'], 0.8 * mean + 0.2 * last] for row in test)
print(len(test), 'predictions written')
