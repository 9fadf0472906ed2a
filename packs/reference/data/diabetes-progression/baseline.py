"""A straight line through the one feature that correlates best with the target. Writes submission.csv."""
import numpy as np
import pandas as pd

train = pd.read_csv('data/train.csv')
test = pd.read_csv('data/test.csv')
features = [name for name in train.columns if name not in ('id', 'progression')]
target = train['progression'].to_numpy(dtype=float)

correlations = {name: abs(np.corrcoef(train[name], target)[0, 1]) for name in features}
name = max(correlations, key=correlations.get)
slope, intercept = np.polyfit(train[name], target, 1)
fitted = slope * train[name] + intercept
print(f'{name}: RMSE on the training rows {np.sqrt(np.mean((fitted - target) ** 2)):.2f}')

test['progression'] = slope * test[name] + intercept
test[['id', 'progression']].to_csv('submission.csv', index=False)
