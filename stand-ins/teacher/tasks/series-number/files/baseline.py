"""Predicts with a line through the last rows of the training table."""
import csv
import datetime

TARGET, TIME, ROWS, TREND = 'value', 'year', 40, 1


def moment(cell):
    try:
        return float(cell)
    except ValueError:
        day = datetime.date.fromisoformat(cell[:10])
        return day.year + (day.timetuple().tm_yday - 1) / 365.25


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


train, test = read('data/train.csv'), read('data/test.csv')
pairs = sorted((moment(row[TIME]), float(row[TARGET])) for row in train)[-ROWS:]
x0 = sum(x for x, _ in pairs) / len(pairs)
y0 = sum(y for _, y in pairs) / len(pairs)
slope = TREND * sum((x - x0) * (y - y0) for x, y in pairs) / sum((x - x0) ** 2 for x, _ in pairs)
with open('submission.csv', 'w', newline='') as file:
    writer = csv.writer(file)
    writer.writerow(['id', TARGET])
    writer.writerows([row['id'], y0 + slope * (moment(row[TIME]) - x0)] for row in test)
print(len(test), 'predictions written; slope', slope)
