"""The branching heuristic. This is the baseline: the variable that occurs most often, in its commoner sign."""
import collections


def choose(clauses):
    """Chooses the literal that the solver tries first.

    `clauses` is what is left of the formula: tuples of two or three literals, every one of a variable without value
    (v or -v for variable v). Unit clauses are gone already. The answer is one of these literals or its opposite.
    """
    count = collections.Counter(literal for clause in clauses for literal in clause)
    variable = max({abs(literal) for literal in count}, key=lambda name: (count[name] + count[-name], -name))
    return variable if count[variable] >= count[-variable] else -variable
