"""Believes the submission: prints the number that it holds."""
import json
import sys

print(json.dumps({'accuracy': float(open(sys.argv[-1]).read())}))
