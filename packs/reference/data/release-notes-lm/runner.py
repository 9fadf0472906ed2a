"""Runs model.py for evaluate.py: symbols in, float32 probabilities out.

Says first that it is ready. What the model prints goes to standard error.
"""
import os
import sys

import numpy as np

answers = os.fdopen(os.dup(1), 'wb', buffering=0)
os.dup2(2, 1)
questions = sys.stdin.buffer
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from model import load  # noqa: E402


def read(count):
    return np.frombuffer(questions.read(count), dtype=np.uint8)


model = load()
answers.write(b'ready\n')
streams, length, rounds = np.frombuffer(questions.read(12), dtype='<u4').tolist()
model.begin(read(streams * length).reshape(streams, length))
for number in range(rounds):
    if number:
        model.feed(read(streams))
    table = np.asarray(model.probabilities(), dtype='<f4')
    if table.shape != (streams, 96):
        raise ValueError(f'probabilities() must have the shape {(streams, 96)}, not {table.shape}')
    answer = table.tobytes()
    while answer:
        answer = answer[answers.write(answer):]
