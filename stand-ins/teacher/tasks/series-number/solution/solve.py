import csv
import datetime

import numpy as np

TARGET, TIME, PERIODS = 'value', 'year', np.linspace(9, 13, 41)


def moment(cell):
    try:
        return float(cell)
    except ValueError:
        day = datetime.date.fromisoformat(cell[:10])
        return day.year + (day.timetuple().tm_yday - 1) / 365.25


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def design(times, period):
    phase, years = 2 * np.pi * times / period, (times - start) / 100
    return np.stack([np.ones(len(times)), TREND * years, np.sin(phase), np.cos(phase)], axis=1)


TREND, RECENT = 0, 5000
train, test = read('data/train.csv'), read('data/test.csv')
train = sorted(train, key=lambda row: moment(row[TIME]))[-RECENT:]
times = np.array([moment(row[TIME]) for row in train])
values = np.array([float(row[TARGET]) for row in train])
start = times.min()
fits = []
for period in PERIODS:
    table = design(times, period)
    weights, *_ = np.linalg.lstsq(table, values, rcond=None)
    fits.append((((table @ weights - values) ** 2).sum(), period, weights))
_, period, weights = min(fits, key=lambda fit: fit[0])
predicted = design(np.array([moment(row[TIME]) for row in test]), period) @ weights
with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    writer.writerows([row['id'], value] for row, value in zip(test, predicted))
