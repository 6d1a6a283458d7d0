"""What the text of a function or a class shows beyond its words: how they stand in it.

A shape is a regular expression, or a few. It is only looked for where the words that it is made of occur, which is rare,
and takes away what the words alone would let through.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from reglint.reader.signs import Sign
from reglint.reader.words import ACTIVATIONS, DROPOUT_FUNCTIONS, Hint, of_name

PASS = re.compile(r"(?<!def )\bbackward\b")
FREEZES = re.compile(r"\brequires_grad_?(?:\(|\s*=(?!=))(?!\s*(?:True|\)))")
THAWS = re.compile(r"\.requires_grad_?(?:\(|\s*=(?!=))(?!\s*False)")


def of_shape(found: int, text: str, name: str) -> int:
    """The signs that depend on how the words of a function called `name`, which gave `found`, stand in its text."""
    shown = evaluates(found, text, name)
    if shows_itself(found, text, name) or (found & Hint.REQUIRES_GRAD and _sets_a_flag(text)):
        shown |= Sign.LOCAL
    if found & Hint.BACKWARD and PASS.search(text):
        shown |= Sign.BACKWARD
    if found & Hint.SUM and found & Hint.ELEMENTWISE and _ELEMENTWISE.search(text) and _reduces(text):
        shown |= Sign.SUMMED
    if found & Hint.EXP and _FOCAL.search(text):
        shown |= Sign.WEIGHTED
    if found & Hint.FOR and "/" in text and counts(text):
        shown |= Sign.COUNTED
    if found & Hint.RATE and _RATE.search(text):
        shown |= Sign.RATE
    return shown


def shows_itself(found: int, text: str, name: str) -> bool:
    """Is there something of which one call or statement is enough for a finding?"""
    if name == "forward" and found & Hint.DROPOUT and makes_dropout(text):
        return True
    return any(found & words == words and shape(text) for words, shape in _SHAPES)


# -- what shows itself -------------------------------------------------------------------------------------------------

_FLAG_GIVEN = re.compile(r"(?<![\w.])(?:size_average|reduce)\s*=(?!=)|elementwise_mean|Loss\(|loss\(|cross_entropy\w*\(|\*\*")
# A rate that is one minus something, or is called after what is kept.
_INVERTED = re.compile(r"ropout\w*\((?:[^()\n]|\([^()\n]*\))*(?:[Kk]eep|KEEP|\b1(?:\.0?)?\s*-)")
# Initialisers without the underscore: retired, and words that are used for much else.
_INITIALISES = re.compile(r"init\.(?:(?:xavier_|kaiming_)?(?:uniform|normal)|constant|eye|dirac|orthogonal|sparse)\(")
_SCALAR = re.compile(r"\.data\s*\[\s*0\s*\]")
_SETS_MISSPELT = re.compile(r"\.(?:require_grads?|requires_grads|requires_gradient|required_grad)\s*=(?!=)|setattr\([^()\n]*grad")
_GRADIENT_SET = re.compile(r"\.grad\s*=(?!=)")
_RETIRED_CALL = re.compile(r"\.get_lr\(|(?<!self\.)\bupsample\(")
_VERBOSE = re.compile(r"\bverbose\s*=")
_SCHEDULER = re.compile(r"LR|sched|Plateau|Restarts")
_WEIGHTS = re.compile(r"parameters\(|\.weight\b|\bparam|\bw\d?\b")
_NORM = re.compile(r"(?<!self)\.(?:vector_|matrix_)?norm\(|(?<![.\w])norm\(|\bsqrt\b")
_PENALTY = re.compile(r"l2|ridge|weight[ _]?decay|\bwd\b|regulari[sz]|\breg\b|_reg\b|\breg_|decay|l1", re.IGNORECASE)
_DECAYS = re.compile(r"\b(?:lam\w*|reg\w*|l2\w*|wd|weight_decay)\s*\*\s*\w|\*\s*(?:lam|reg|l2|wd\b|weight_decay)")
_MATMUL = re.compile(r"[\w)\]][ \t]*@")  # not a decorator
_MASKS = re.compile(r"bernoulli|rand\w*\([^\n]*\)\s*[<>]|[<>]=?\s*[\w.]*rand|binomial\(")  # random zeros and ones


def _retired_call(text: str) -> bool:
    return _RETIRED_CALL.search(text) is not None or (_VERBOSE.search(text) is not None and _SCHEDULER.search(text) is not None)


def _penalises(text: str) -> bool:
    """Is there a norm, something called a penalty, and weights?"""
    return _NORM.search(text) is not None and _WEIGHTS.search(text) is not None and _PENALTY.search(text) is not None


def _decays(text: str) -> bool:
    """Is a product of weights with themselves scaled?"""
    return "/" in text and ("dot" in text or _MATMUL.search(text) is not None) and _DECAYS.search(text) is not None


# -- dropout -----------------------------------------------------------------------------------------------------------

_LAYER_MADE = re.compile(r"Dropout\w*\(")
_USED = {name: re.compile(rf"{name}\b\s*(\(|[,)\]=])") for name in DROPOUT_FUNCTIONS}
_GATE = re.compile(r"\b(?:training|train)\s*=\s*(?!True\b)")
# The attention functions take a rate instead of a gate: none given, 0, or one that asks for the mode.
_ATTENTION = ("scaled_dot_product", "flash_attn")
_CALM = re.compile(r"^(?:(?!dropout_p)[\s\S])*$|dropout_p\s*=[^,\n]*(?:training|\b0\.?0*\b)")


def makes_dropout(text: str) -> bool:
    """Is a layer of dropout made, other than by a method?"""
    return any(not text.endswith("self.", 0, _start_of_word(text, match.start())) for match in _LAYER_MADE.finditer(text))


def _start_of_word(text: str, at: int) -> int:
    while at and (text[at - 1].isalnum() or text[at - 1] == "_"):
        at -= 1
    return at


def _drops(text: str) -> bool:
    """Is there a dropout function, called without a gate or handed on?"""
    return any(_ungated(text, name, match) for name, used in _USED.items() if name in text for match in used.finditer(text))


def _ungated(text: str, name: str, match: re.Match[str]) -> bool:
    start = match.start()
    if _start_of_word(text, start) != start or text.endswith("self.", 0, start):
        return False  # part of a longer name, or a layer
    if match[1] != "(":
        line = text[text.rfind("\n", 0, start) + 1 : start]
        # Else an argument or a variable of that name: what it was set from is looked at where it is set.
        return match[1] != "=" and "(" not in line and "=" not in line
    end = _closing(text, match.end())
    return not _GATE.search(text, match.end(), end) and not (name.startswith(_ATTENTION) and _CALM.search(text, match.end(), end + 1))


_BRACKET = re.compile(r"[()\[\]{}]")
_BRACKET_OR_COMMA = re.compile(r"[()\[\]{},]")


def _closing(text: str, start: int) -> int:
    """Where the bracket that was opened just before `start` is closed; `start` where that is too far away."""
    depth = 1
    for match in _BRACKET.finditer(text, start, start + 2000):
        depth += 1 if match[0] in "([{" else -1
        if not depth:
            return match.start()
    return start


def _is_tuple(text: str, start: int) -> bool:
    """Does a comma stand directly in the parentheses that open at `start`?"""
    depth = 0
    for match in _BRACKET_OR_COMMA.finditer(text, start, _closing(text, start)):
        if match[0] == ",":
            if not depth:
                return True
        else:
            depth += 1 if match[0] in "([{" else -1
    return False


# -- flags -------------------------------------------------------------------------------------------------------------

# `x.requires_grad = …`, where x is no loop variable over parameters: it may be a module.
_FLAG_SET = re.compile(r"([\w.\])]*)\.requires_grad\s*=(?!=)(?!\s*True)")


def _sets_a_flag(text: str) -> bool:
    """Is requires_grad set on what may be no parameter, or on and off in one function, where one undoes the other?"""
    if any(not re.search(rf"\bfor\b[^\n]*\b{re.escape(m[1])}\b[^\n]*\bin\b[^\n]*param", text) for m in _FLAG_SET.finditer(text)):
        return True
    return FREEZES.search(text) is not None and THAWS.search(text) is not None


# -- sums, weights and averages ----------------------------------------------------------------------------------------

_REDUCES = re.compile(r"[\"']sum[\"']|\bsum\(\s*\)|\bsum\(\s*(?!-?\d+\s*[*)])[-\w.]+\s*[*)]|torch\.sum\(")
_ELEMENTWISE = re.compile(r"[\"']sum[\"']|\bexp\b|\blog\b|\bpow\b|\bsquare\b|\babs\b|\*\*|\blog1p\b|\bexpm1\b")
_FOCAL = re.compile(r"\b1(?:\.0*)?\s*-")
_RATE = re.compile(r"\bdropout\s*=|\bdropout[\"']\s*:")
_ADDED_UP = re.compile(r"\+=|\.append\(|\.extend\(")
_BEFORE_A_SLASH = re.compile(r"^([^\n]*)/", re.MULTILINE)
_NAME = re.compile(r"\w+")
_ADDED_TO_ITSELF = re.compile(r"^[ \t]*([\w.]+)[ \t]*=[ \t]*\1[ \t]*\+", re.MULTILINE)


def _reduces(text: str) -> bool:
    """Is something summed up as a whole, not over a dimension?"""
    return any(not match[0].startswith("torch") or not _is_tuple(text, match.end()) for match in _REDUCES.finditer(text))


def counts(text: str) -> bool:
    """Is what is added up, or collected, divided?"""
    grown = {text[_start_of_word(text, end := _end_of_name(text, match.start())) : end] for match in _ADDED_UP.finditer(text)}
    grown.update(match[1].rpartition(".")[2] for match in _ADDED_TO_ITSELF.finditer(text))
    grown.discard("")
    return bool(grown) and any(not grown.isdisjoint(_NAME.findall(line)) for line in _BEFORE_A_SLASH.findall(text))


def _end_of_name(text: str, at: int) -> int:
    """Where the name ends whose item or attribute stands before `at`: that of `total` in `total["loss"] +=`."""
    while at and text[at - 1] in " \t":
        at -= 1
    if at and text[at - 1] == "]":
        at = max(text.rfind("[", max(0, at - 80), at), 0)
    return at


# -- evaluation --------------------------------------------------------------------------------------------------------

_MODEL = re.compile(
    r"model|net(?!\w*work_)|forward|encoder\(|decoder\(|critic|actor\b|module|[ =(]self\(|self\.[a-z_]*(?:gen|disc)\w*\(", re.IGNORECASE
)
_LOOP = re.compile(r"^[ \t]*(?:async )?for ([^\n]*)", re.MULTILINE)
_EVALUATION = Hint.LOOP | Hint.EVALUATION


def may_evaluate(found: int, text: str) -> bool:
    """Is there a loop, something that may be a model, and a word of evaluation?"""
    return found & _EVALUATION == _EVALUATION and ("model" in text or _MODEL.search(text) is not None)


def evaluates(found: int, text: str, name: str) -> int:
    """The signs of what a function and its loops are called, if they may run a model with gradients."""
    if found & Hint.WITHOUT_GRADIENT or not may_evaluate(found, text):
        return Sign.NONE
    return of_name(name) | of_loops(text)


def of_loops(text: str) -> int:
    """The signs of the lines of its loops."""
    shown = Sign.NONE
    for match in _LOOP.finditer(text):
        shown |= of_name(match[1])
    return shown


# -- activations -------------------------------------------------------------------------------------------------------

_ACTIVATES = re.compile(r"(?<![a-zA-Z])(?:[sS]oft[mM](?:ax|in)|[sS]igmoid|SOFTM(?:AX|IN)|SIGMOID)")
_WHOLE = re.compile(r"\w*")
_ATTENDS = re.compile(r"att|gate|router|^[ \t]*\w*weights[ \t]*=", re.IGNORECASE | re.MULTILINE)


def activates(text: str) -> bool:
    """Is there an activation other than that of an attention, a gate or a mixture?"""
    passed = 0  # the lines up to here are those of an attention or a gate
    for match in _ACTIVATES.finditer(text):
        start = _start_of_word(text, match.start())
        word = _WHOLE.match(text, start)
        if start < passed or word is None or not ACTIVATIONS.fullmatch(word[0]):
            continue  # on such a line, or part of a longer name
        end = text.find("\n", start)
        passed = end if end >= 0 else len(text)
        if not _ATTENDS.search(text, text.rfind("\n", 0, start) + 1, passed):
            return True
    return False


# -- classes -----------------------------------------------------------------------------------------------------------

_ATTRIBUTE = re.compile(
    r"^[ \t]*self\.(\w+)(?:[ \t]*:[^=\n]+)?[ \t]*=[ \t]*(?:([\[{(]|list\(|dict\(|tuple\()|([^\W\d]\w*)[ \t]*$)", re.MULTILINE
)
_EMPTY = re.compile(r"\[\s*\]|\{\s*\}|list\(\s*\)|dict\(\s*\)")
_MADE = re.compile(
    r"\bnn\.\w|\b[A-Z]\w*\(|Parameter|\b\w*(?:layer|block|conv|make|build|create|expert|branch|clone|copy)\w*\(|"
    r"\b\w*(?:layer|module|block|conv|head|expert|branch|net|model)\w*\s*[,\])]"
)


def of_class(text: str) -> int:
    """The signs that show in a class as a whole."""
    if "nn." not in text and "Module" not in text and "def forward" not in text:
        return Sign.NONE  # no nn.Module, which alone registers what it is given
    return Sign.LOCAL if _moves(text) or _assigns_early(text) or _holds_modules(text) else Sign.NONE


def _moves(text: str) -> bool:
    """Is a parameter moved or cast where it is made?"""
    return "Parameter(" in text and any(_GOES_ON.match(text, _closing(text, match.end())) for match in _PARAMETER.finditer(text))


_PARAMETER = re.compile(r"\bself\.\w+[^=\n]*=[^\n]*?Parameter\(")
_GOES_ON = re.compile(r"\)\s*\.\s*\w+\(")
_ASSIGNS = re.compile(r"\bself\.\w+[^=\n]*=(?!=)[^\n]*")


def _assigns_early(text: str) -> bool:
    """Are parts made before the constructor of the base has run, or without it?"""
    start = text.find("def __init__(")
    if start < 0:
        return False
    end = text.find("__init__", start + len("def __init__("))
    following = text.find(" def ", start + len("def __init__("))
    if end < 0 or 0 <= following < end:
        end = following if following >= 0 else len(text)
    return any(_MADE.search(match[0]) for match in _ASSIGNS.finditer(text, start, end))


def _holds_modules(text: str) -> bool:
    """May a class keep modules in a plain list or dict? A container that is filled counts only under its own name."""
    for match in _ATTRIBUTE.finditer(text):
        name, _, variable = match.groups()
        if variable is not None:
            if any(f"{variable}{made}" in text for made in _CONTAINERS) and _filled(text, variable):
                return True
        elif _EMPTY.match(text, match.start(2)):
            if _filled(text, f"self.{name}"):
                return True
        elif (match[2] != "(" or _is_tuple(text, match.end())) and _MADE.search(text, match.end(), _closing(text, match.end())):
            return True
    return False


_CONTAINERS = (" = [", " = {", " = list(", " = dict(", "=[", "={", "=list(", "=dict(")
_GROWS = re.compile(
    r"\s*(?:\.(?:append|add|extend|insert|update|setdefault)\(|\[[^\]\n]*\]\s*=(?!=)|\+?=(?!=)\s*(?![\[{]\s*[\]}]))([^\n]*)"
)


def _filled(text: str, name: str) -> bool:
    at = text.find(name)
    while at >= 0:
        match = _GROWS.match(text, at + len(name))
        if match is not None and _MADE.search(match[1]):
            return True
        at = text.find(name, at + len(name))
    return False


_SHAPES: tuple[tuple[int, Callable[[str], object]], ...] = (
    (Hint.DROPOUT_FUNCTION, _drops),
    (Hint.REDUCTION_FLAG, _FLAG_GIVEN.search),
    (Hint.DROPOUT, _INVERTED.search),
    (Hint.INITIALISER, _INITIALISES.search),
    (Hint.DATA, _SCALAR.search),
    (Hint.MISSPELT, _SETS_MISSPELT.search),
    (Hint.GRAD | Hint.HOOK, _GRADIENT_SET.search),
    (Hint.RETIRED_CALL, _retired_call),
    (Hint.NORM | Hint.WEIGHTS | Hint.PENALTY, _penalises),
    (Hint.STRENGTH, _decays),
    (Hint.MODE | Hint.RANDOM, _MASKS.search),
    (Hint.GRAPH | Hint.NORM, bool),
)
