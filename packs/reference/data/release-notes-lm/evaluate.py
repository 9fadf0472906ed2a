"""Prints {"bits_per_char": ...} of model.py on the hidden text.

The hidden text is cut into streams that run side by side. model.py runs in a process of its own and gives its
probabilities for the next symbol of every stream before it learns which one came.
"""
import json
import os
from pathlib import Path

import numpy as np

import symbols
from referee import Candidate, CandidateError, fail, guard

WORKSPACE = Path(__file__).resolve().parent
STREAMS, CONTEXT = 64, 100
START_SECONDS, ANSWER_SECONDS, TOTAL_SECONDS = 60.0, 10.0, 200.0
# Keeps a single certainty that was wrong from making the score infinite.
LEAST_PROBABILITY = 1e-6


def checked(answer):
    """The probabilities of an answer as float64; each row sums to one."""
    table = np.frombuffer(answer, dtype='<f4').reshape(STREAMS, symbols.COUNT).astype(float)
    if not np.isfinite(table).all() or (table < 0).any():
        raise CandidateError('a probability is negative or not finite')
    sums = table.sum(axis=1, keepdims=True)
    if (abs(sums - 1) > 1e-3).any():
        raise CandidateError('the probabilities of a stream do not sum to one')
    return (1 - LEAST_PROBABILITY * symbols.COUNT) * table / sums + LEAST_PROBABILITY


def bits_per_char(text, candidate):
    """Mean number of bits that the candidate needs for a symbol after the context of each stream."""
    length = len(text) // STREAMS
    streams = text[:STREAMS * length].reshape(STREAMS, length)
    rounds = length - CONTEXT
    size = STREAMS * symbols.COUNT * 4
    question = np.array([STREAMS, CONTEXT, rounds], dtype='<u4').tobytes() + streams[:, :CONTEXT].tobytes()
    bits = 0.0
    for number in range(rounds):
        table = checked(candidate.ask_bytes(question, size))
        came = streams[:, CONTEXT + number]
        bits -= float(np.log2(table[np.arange(STREAMS), came]).sum())
        question = came.tobytes()
    return bits / (STREAMS * rounds)


def main():
    hidden = WORKSPACE / 'heldout.txt'
    text = symbols.read(hidden)
    guard([hidden])
    if not (WORKSPACE / 'model.py').is_file():
        fail('there is no model.py')
    try:
        with Candidate(WORKSPACE / 'runner.py', ANSWER_SECONDS, TOTAL_SECONDS, START_SECONDS) as candidate:
            score = bits_per_char(text, candidate)
    except CandidateError as error:
        fail(error)
    print(json.dumps({'bits_per_char': score}))


if __name__ == '__main__':
    # torchrun starts one of these for each GPU; one of them plays.
    if os.environ.get('RANK', '0') == '0':
        main()
