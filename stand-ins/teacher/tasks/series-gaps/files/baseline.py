"""Predicts the mean of the training table."""
import csv

TARGET = 'value'


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


train, test = read('data/train.csv'), read('data/test.csv')
values = [float(row[TARGET]) for row in train]
mean = sum(values) / len(values)
with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    writer.writerows([row['id'], mean] for row in test)
print(len(test), 'predictions written')
