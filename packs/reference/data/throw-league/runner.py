"""Runs strategy.py: one question in (a line of JSON), one answer out.

Says first that it is ready. What the strategy prints goes to standard error.
"""
import json
import os
import sys

answers = os.fdopen(os.dup(1), 'w', buffering=1)
os.dup2(2, 1)
questions = sys.stdin
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from strategy import throw  # noqa: E402

answers.write('ready\n')
mine, theirs = [], []
for line in questions:
    last = json.loads(line)
    if last is not None:
        mine.append(last[0])
        theirs.append(last[1])
    answers.write(f'{int(throw(list(mine), list(theirs)))}\n')
