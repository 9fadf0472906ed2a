"""The nearest labelled image decides. Writes submission.csv."""
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier

labelled = pd.read_csv('data/labelled.csv')
test = pd.read_csv('data/test.csv')
pixels = [name for name in labelled.columns if name.startswith('p')]

model = KNeighborsClassifier(n_neighbors=1)
model.fit(labelled[pixels].to_numpy(), labelled['digit'].to_numpy())
test['digit'] = model.predict(test[pixels].to_numpy())
test[['id', 'digit']].to_csv('submission.csv', index=False)
print(f'labelled {len(test)} images from {len(labelled)} examples')
