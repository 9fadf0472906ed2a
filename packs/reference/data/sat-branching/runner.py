"""Runs heuristic.py: one formula in (a line of JSON), one literal out.

Says first that it is ready. What the heuristic prints goes to standard error.
"""
import json
import os
import sys

answers = os.fdopen(os.dup(1), 'w', buffering=1)
os.dup2(2, 1)
questions = sys.stdin
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from heuristic import choose  # noqa: E402

answers.write('ready\n')
for line in questions:
    answers.write(f'{int(choose([tuple(clause) for clause in json.loads(line)]))}\n')
