"""Runs the candidate's code in a process of its own, with a time limit: one JSON line in, one JSON line out."""
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent


def reject(reason):
    """Ends the evaluation without a score."""
    sys.exit(f'invalid submission: {reason}')


class Candidate:
    """`ask` calls a function of the module and returns its answer."""

    def __init__(self, module, seconds):
        if not (HERE / f'{module}.py').is_file():
            reject(f'there is no {module}.py')
        self.said = tempfile.TemporaryFile('w+', errors='replace')
        self.process = subprocess.Popen([sys.executable, '-B', str(HERE / 'runner.py'), module], text=True, cwd=HERE,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said)
        self.timer = threading.Timer(seconds, self.process.kill)
        self.timer.daemon = True
        self.timer.start()

    def ask(self, function, **arguments):
        try:
            self.process.stdin.write(json.dumps([function, arguments]) + '\n')
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline(1_000_000))
        except (OSError, ValueError):
            self.process.kill()
            self.process.wait()
            self.said.seek(0)
            reject(f'{function} gave no answer in time; it wrote:\n{self.said.read()[-1500:]}')

    def close(self):
        self.timer.cancel()
        self.process.kill()
        self.process.wait()
