"""The last value fades towards the mean of the recording. Writes submission.csv."""
import numpy as np
import pandas as pd

HORIZON = 18

series = pd.read_csv('data/train.csv')['mv'].to_numpy()
windows = pd.read_csv('data/windows.csv')
context = windows.drop(columns='window').to_numpy()

centred = series - series.mean()
autocorrelation = np.array([np.mean(centred[:-lag] * centred[lag:]) for lag in range(1, HORIZON + 1)]) / centred.var()
forecast = series.mean() + autocorrelation * (context[:, -1:] - series.mean())

rows = [(f'{window}-{step:02d}', forecast[index, step])
        for index, window in enumerate(windows['window']) for step in range(HORIZON)]
pd.DataFrame(rows, columns=['id', 'mv']).to_csv('submission.csv', index=False)
print(f'forecast {len(windows)} windows')
