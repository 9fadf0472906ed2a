import csv

import numpy as np

TARGET = 'body_mass_g'


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


train, test = read('data/train.csv'), read('data/test.csv')
parts = []
for column in (name for name in test[0] if name != 'id'):
    cells = [row[column] for row in train + test]
    try:
        values = np.array([float(cell) if cell else np.nan for cell in cells])
        values = np.where(np.isnan(values), np.nanmean(values), values)
        values = (values - values.mean()) / (values.std() + 1e-9)
        parts += [values, values ** 2]
    except ValueError:
        kinds = sorted(set(cells))
        if len(kinds) <= 60:
            parts += [np.array([float(cell == kind) for cell in cells]) for kind in kinds[1:]]
table = np.stack([np.ones(len(train) + len(test)), *parts], axis=1)
known, target = table[:len(train)], np.array([float(row[TARGET]) for row in train])
weights = np.linalg.solve(known.T @ known + 0.1 * np.eye(table.shape[1]), known.T @ target)
with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    writer.writerows([row['id'], value] for row, value in zip(test, table[len(train):] @ weights))
