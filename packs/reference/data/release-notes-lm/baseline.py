"""Trains the model of model.py: counts pairs of symbols. Writes model.npz."""
import os

import numpy as np

import symbols


def main():
    text = symbols.read('data/train.txt')
    counts = np.zeros((symbols.COUNT, symbols.COUNT))
    np.add.at(counts, (text[:-1], text[1:]), 1)
    np.savez('model.npz', counts=counts)

    valid = symbols.read('data/valid.txt')
    table = (counts + 0.5) / (counts + 0.5).sum(axis=1, keepdims=True)
    bits = -np.log2(table[valid[:-1], valid[1:]]).mean()
    print(f'data/valid.txt: {bits:.4f} bits per character')


if __name__ == '__main__':
    # torchrun starts one of these for each GPU; the work is done once.
    if os.environ.get('RANK', '0') == '0':
        main()
