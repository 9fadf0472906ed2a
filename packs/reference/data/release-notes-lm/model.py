"""The language model that is evaluated. This is the baseline: how often one symbol follows another.

evaluate.py runs many streams of text side by side: it calls load() once, begin() with the first symbols of every
stream, and then probabilities() and feed() in turn, symbol after symbol.
"""
import numpy as np


class Model:
    def __init__(self, table):
        self.table = table
        self.last = None

    def begin(self, contexts):
        """Starts with `contexts`, an array (streams, length) of symbol numbers."""
        self.last = contexts[:, -1]

    def probabilities(self):
        """An array (streams, 96): how likely each symbol is to come next. Every row sums to one."""
        return self.table[self.last]

    def feed(self, symbols):
        """Tells which symbol came in every stream: an array (streams,)."""
        self.last = symbols


def load():
    """The trained model, from files that lie beside this one."""
    with np.load('model.npz') as archive:
        counts = archive['counts']
    return Model((counts + 0.5) / (counts + 0.5).sum(axis=1, keepdims=True))
