"""One threshold on one feature: the pair that separates the training rows best. Writes submission.csv."""
import numpy as np
import pandas as pd

train = pd.read_csv('data/train.csv')
test = pd.read_csv('data/test.csv')
features = [name for name in train.columns if name not in ('id', 'malignant')]
labels = train['malignant'].to_numpy()
most_common = int(labels.mean() > 0.5)

best = None
for name in features:
    values = train[name].to_numpy()
    known = ~np.isnan(values)
    for threshold in np.quantile(values[known], np.linspace(0.05, 0.95, 19)):
        for sign in (1, -1):
            guess = np.where(known, sign * values > sign * threshold, most_common)
            accuracy = float((guess == labels).mean())
            if best is None or accuracy > best[0]:
                best = (accuracy, name, threshold, sign)

accuracy, name, threshold, sign = best
print(f'{name}, threshold {threshold:.3f}, accuracy on the training rows {accuracy:.4f}')
values = test[name].to_numpy()
test['malignant'] = np.where(np.isnan(values), most_common, sign * values > sign * threshold).astype(int)
test[['id', 'malignant']].to_csv('submission.csv', index=False)
