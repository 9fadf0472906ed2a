"""Prints {"accuracy": ...}: the share of rows that submission.csv labels rightly."""
import argparse
import csv
import json
import os

parser = argparse.ArgumentParser()
parser.add_argument('--submission_file', required=True)
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, 'labels.csv'), newline='') as file:
    truth = {row['id']: row['label'] for row in csv.DictReader(file)}
with open(parser.parse_args().submission_file, newline='') as file:
    guesses = {row['id']: row['label'] for row in csv.DictReader(file)}
print(json.dumps({'accuracy': sum(guesses.get(key) == label for key, label in truth.items()) / len(truth)}))
