"""Answers the questions of evaluate.py with the functions of a module; what the module prints goes to standard error."""
import importlib
import json
import os
import sys

answers = os.fdopen(os.dup(1), 'w', buffering=1)
os.dup2(2, 1)
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
module = importlib.import_module(sys.argv[1])
for line in sys.stdin:
    function, arguments = json.loads(line)
    answers.write(json.dumps(getattr(module, function)(**arguments)) + '\n')
