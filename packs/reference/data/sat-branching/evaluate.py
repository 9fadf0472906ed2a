"""Prints {"decisions": ..., "most": ...}: what heuristic.py needs on the hidden formulas, in the mean and at most.

heuristic.py runs in a process of its own.
"""
import json
from pathlib import Path

from referee import Candidate, CandidateError, fail, guard
from solver import count_decisions

WORKSPACE = Path(__file__).resolve().parent
ANSWER_SECONDS, TOTAL_SECONDS = 5.0, 240.0


def main():
    hidden = WORKSPACE / 'instances.json'
    formulas = json.loads(hidden.read_text(encoding='utf-8'))
    guard([hidden])
    if not (WORKSPACE / 'heuristic.py').is_file():
        fail('there is no heuristic.py')
    counts = []
    try:
        with Candidate(WORKSPACE / 'runner.py', ANSWER_SECONDS, TOTAL_SECONDS) as candidate:
            def choose(clauses):
                return int(candidate.ask_line(json.dumps(clauses, separators=(',', ':'))))

            for formula in formulas:
                counts.append(count_decisions(formula, choose))
    except CandidateError as error:
        fail(f'formula {len(counts) + 1}: {error}')
    except ValueError:
        # Not in its own words: the candidate has seen the formula.
        fail(f'formula {len(counts) + 1}: an answer is no literal of the clauses asked about')
    print(json.dumps({'decisions': sum(counts) / len(counts), 'most': max(counts)}))


if __name__ == '__main__':
    main()
