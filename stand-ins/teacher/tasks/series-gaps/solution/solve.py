import csv

import numpy as np

TARGET, TIME = 'value', 'year'


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


train, test = read('data/train.csv'), read('data/test.csv')
known = sorted((float(row[TIME]), float(row[TARGET])) for row in train)
times, values = zip(*known)
predicted = np.interp([float(row[TIME]) for row in test], times, values)
with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    writer.writerows([row['id'], value] for row, value in zip(test, predicted))
