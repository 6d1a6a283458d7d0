"""Does the code say that it means what it does? Words in names and comments that silence a rule."""

from __future__ import annotations

import re

from reglint.source import Place
from reglint.step.trace import Context
from reglint.step.values import Const, Expr, Phi, Unknown, Value

# Dropout that is meant to act at inference: Monte Carlo dropout, Tacotron's prenet, dropout as the noise of a generator.
STOCHASTIC = re.compile(
    r"mc_?(drop|sampl|pred|forward|infer|iter)|\bmc\b|^mc|monte|bayes|uncertain|epistemic|stochastic|prenet|pre_net|concrete|"
    r"variational_?drop|always|pix2pix",
    re.IGNORECASE,
)  # fmt: skip
_COMMENT = re.compile(r"#.*|\"\"\".*")
MODE = re.compile(r"train|eval|test|infer|predict|valid|phase|mode|determin|sampl|generat|is_val|mc", re.IGNORECASE)


def comments_near(place: Place, before: int = 2) -> str:
    """The comments of the place's first line and of the lines before it."""
    row = place.node.lineno
    lines = place.source.lines[max(0, row - 1 - before) : row]
    return " ".join(found.group() for line in lines if (found := _COMMENT.search(line)))


def says(words: re.Pattern[str], *texts: str) -> bool:
    """Does one of the texts hold one of the words?"""
    return any(words.search(text) for text in texts)


def names_in(value: Value | None, depth: int = 6) -> frozenset[str]:
    """Names of variables, attributes and options that a value is computed from."""
    match value:
        case Unknown(name=name) if name:
            return frozenset({name})
        case Const(origin=origin) if origin is not None and origin.label:
            return frozenset({origin.label})
        case Expr() if depth:
            inner = frozenset(n for a in (*value.args, *value.attrs.values()) for n in names_in(a, depth - 1))
            return inner | {value.name} if value.name else inner
        case Phi() if depth:
            return names_in(value.condition.test, depth - 1) | names_in(value.then, depth - 1) | names_in(value.other, depth - 1)
        case _:
            return frozenset()


def asks_mode(context: Context) -> bool:
    """Does it happen under a condition that speaks of training or evaluation?"""
    return any(MODE.search(name) for guard in context.guards for name in names_in(guard.test))
