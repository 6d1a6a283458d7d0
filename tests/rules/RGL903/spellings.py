"""Suppressions that nobody can understand."""

from torch import nn

# want-next RGL903
a = nn.Linear(1, 1)  # reglint: ignore[RGL999] -- no such rule
# want-next RGL903
b = nn.Linear(1, 1)  # reglint: ignore[double-l3] -- no such name
# want-next RGL903
c = nn.Linear(1, 1)  # reglint: ignroe[RGL101] -- no such word
