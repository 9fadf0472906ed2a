"""A backtracking solver that asks a heuristic where to branch, and counts how often.

    python solver.py        solves data/practice.json with heuristic.py and prints the mean number of decisions
"""
import json
import time

MAX_DECISIONS = 4000


class Assignment:
    """Which literals hold, with unit propagation and its undoing."""

    def __init__(self, formula):
        self.clauses = [tuple(clause) for clause in formula['clauses']]
        self.true = set()
        self.trail = []
        self.containing = {}
        for clause in self.clauses:
            for literal in clause:
                self.containing.setdefault(literal, []).append(clause)

    def assume(self, literal):
        """Makes `literal` true with all that follows; false when that is a contradiction."""
        if -literal in self.true:
            return False
        queue = [literal]
        self.true.add(literal)
        self.trail.append(literal)
        for fact in queue:
            for clause in self.containing.get(-fact, ()):
                if any(other in self.true for other in clause):
                    continue
                free = [other for other in clause if -other not in self.true]
                if not free:
                    return False
                if len(free) == 1:
                    queue.append(free[0])
                    self.true.add(free[0])
                    self.trail.append(free[0])
        return True

    def undo(self, length):
        """Takes back everything after the first `length` facts."""
        self.true.difference_update(self.trail[length:])
        del self.trail[length:]

    def remaining(self):
        """The clauses that do not hold yet, without the literals that are false."""
        return [tuple(literal for literal in clause if -literal not in self.true)
                for clause in self.clauses if self.true.isdisjoint(clause)]


def count_decisions(formula, choose):
    """Number of questions to `choose` until the formula is solved or refuted, at most MAX_DECISIONS.

    Raises ValueError for an answer that is no literal of the clauses asked about.
    """
    assignment = Assignment(formula)
    decisions, open_branches, consistent = 0, [], True
    while True:
        if consistent:
            clauses = assignment.remaining()
            if not clauses or decisions == MAX_DECISIONS:
                return decisions
            literal = choose(clauses)
            if abs(literal) not in {abs(other) for clause in clauses for other in clause}:
                raise ValueError(f'{literal} is not a free literal')
            decisions += 1
            open_branches.append((len(assignment.trail), literal))
            consistent = assignment.assume(literal)
        elif open_branches:
            length, literal = open_branches.pop()
            assignment.undo(length)
            consistent = assignment.assume(-literal)
        else:
            return decisions


def main():
    from heuristic import choose

    began = time.monotonic()
    with open('data/practice.json', encoding='utf-8') as file:
        formulas = json.load(file)
    counts = [count_decisions(formula, choose) for formula in formulas]
    for size in sorted({formula['variables'] for formula in formulas}):
        mine = [count for count, formula in zip(counts, formulas) if formula['variables'] == size]
        print(f'{size} variables: {sum(mine) / len(mine):.1f} decisions')
    print(f'mean {sum(counts) / len(counts):.2f} decisions, {time.monotonic() - began:.1f} s')


if __name__ == '__main__':
    main()
