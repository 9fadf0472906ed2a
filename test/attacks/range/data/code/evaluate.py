"""Prints {"accuracy": ...} of answer.py, which runs as another user and sees neither the labels nor this process."""
import csv
import json
import os
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, 'labels.csv'), newline='') as file:
    truth = {row['id']: row['label'] for row in csv.DictReader(file)}
run = subprocess.run(
    [sys.executable, '-B', os.path.join(here, 'answer.py')], input='\n'.join(truth), stdout=subprocess.PIPE, text=True,
    timeout=4, user='agent', group='mlgym', extra_groups=[], start_new_session=True)
guesses = dict(zip(truth, run.stdout.split('\n')))
print(json.dumps({'accuracy': sum(guesses.get(key) == label for key, label in truth.items()) / len(truth)}))
