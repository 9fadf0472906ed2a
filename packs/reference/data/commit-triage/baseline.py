"""Looks at the first word of a subject only. Writes submission.csv."""
import collections

import pandas as pd

train = pd.read_csv('data/train.csv')
test = pd.read_csv('data/test.csv')


def first_word(subject):
    return subject.split()[0].lower()


areas_of_word = collections.defaultdict(collections.Counter)
for subject, area in zip(train['subject'], train['area']):
    areas_of_word[first_word(subject)][area] += 1
fallback = train['area'].mode()[0]


def predict(subject):
    seen = areas_of_word.get(first_word(subject))
    return max(sorted(seen), key=seen.get) if seen else fallback


print('accuracy on the training rows', (train['subject'].map(predict) == train['area']).mean())
test['area'] = test['subject'].map(predict)
test[['id', 'area']].to_csv('submission.csv', index=False)
