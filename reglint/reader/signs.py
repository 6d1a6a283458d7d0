"""What the text of a function shows of what can happen in it, without evaluating it.

Every event that a rule speaks about needs certain words: no gradient without `backward`, no optimizer without the name of
one. A sign is one such group of words. A root is evaluated where the signs of all that it can reach make a finding
possible (`NEEDS`); signs err on the side of being there. Words are whole identifiers; a shape (a regular expression) is
only looked at where its word occurs, and takes away what the word alone would let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reglint.knowledge.activations import Scale
from reglint.knowledge.dropouts import DROPOUTS
from reglint.knowledge.losses import LOSSES
from reglint.knowledge.optimizers import optimizers
from reglint.knowledge.optimizers_other import OPTIMIZER_FACTORIES
from reglint.knowledge.retired import RETIRED, RETIRED_ARGUMENTS

LOOP = re.compile(r"^[ \t]*(?:async )?for ([^\n]*)", re.MULTILINE)


class Sign:
    """One bit per group of words; plain numbers, because enum members are too slow for the millions of words of a project."""

    NONE = 0
    BACKWARD = 1  # a backward pass: most rules
    LOCAL = 2  # one call or statement is enough for a finding
    LOSS = 4  # a criterion of torch
    PROBABILITY_LOSS = 8  # one that expects probabilities or their logarithms
    ACTIVATION = 16  # softmax, sigmoid
    SUMMED = 32  # something reduced by a sum
    WEIGHTED = 64  # a factor computed with exp
    COUNTED = 128  # a running sum that is divided
    EVALUATES = 256  # a function or loop that says it evaluates
    RECURRENT = 512
    RATE = 1024  # dropout=… of a recurrent layer
    BUILDS = 2048  # an optimizer is built
    SCHEDULE = 4096
    OPTIMIZER = 8192  # something called so


# What shows in one definition is found when that is evaluated on its own.
OWN = (Sign.LOCAL, Sign.EVALUATES)
# Other findings need all signs of at least one line, wherever they are in what a root reaches.
NEEDS = (
    Sign.BACKWARD,
    Sign.BUILDS,
    Sign.PROBABILITY_LOSS,
    Sign.LOSS | Sign.ACTIVATION,
    Sign.LOSS | Sign.SUMMED,
    Sign.LOSS | Sign.WEIGHTED,
    Sign.LOSS | Sign.COUNTED,
    Sign.RECURRENT | Sign.RATE,
    Sign.SCHEDULE | Sign.OPTIMIZER,
)
STEPS = (Sign.BUILDS, Sign.BACKWARD)  # what a step model needs: an optimizer, or gradients for a step by hand


def suffices(found: int, needs: Iterable[int]) -> bool:
    """Do the signs allow one of the needs?"""
    return any(found & need == need for need in needs)


def _last_names(dotted: Iterable[str]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in dotted)


_OPTIMIZERS = _last_names(optimizers()) | _last_names(OPTIMIZER_FACTORIES) | {"optim", "optimizers", "torch_optimizer"}
_LOSSES = _last_names(LOSSES)
_OF_PROBABILITIES = _last_names(n for n, fact in LOSSES.items() if fact.expects in (Scale.PROBABILITIES, Scale.LOG_PROBABILITIES))
_DROPOUTS = _last_names(DROPOUTS)
_IN_A_CALL = ("verbose", "get_lr", "upsample")  # retired names that are common words: see _RETIRED_CALL
# What rules about old code and about distributed loading look for.
_RETIRED = frozenset("set_epoch DistributedSampler Variable volatile".split()) | {
    name.rpartition(".")[2]
    for name in (*RETIRED, *(option for _, option in RETIRED_ARGUMENTS))
    if not name.endswith(("sigmoid", "tanh", "epoch", *_IN_A_CALL)) and ".init." not in name
}
_ACTIVATIONS = re.compile(r"(?:log_?)?(?:softmax|sigmoid|softmin)(?:2d)?", re.IGNORECASE)
_FLAGS = frozenset({"size_average", "reduce", "elementwise_mean"})
_EVALUATES = re.compile(
    r"(?<![a-z])(eval|evaluate|evaluation|valid|validate|validation|val|test|testing|dev|infer|inference|predict|prediction|accuracy)(?![a-z])"
)
_NO_TRAINING = re.compile(r"train|fit|learn")
_OPTIMAL = re.compile(r"optimal|optimi[sz](?:e|ed|es|ing|ation|ations)\b")


class _Words(dict[str, int]):
    """The signs of every word met so far."""

    def __missing__(self, word: str) -> int:
        found = self[word] = of_word(word)
        return found


WORDS = _Words()


def of_word(word: str) -> int:
    """The signs that an identifier gives wherever it stands."""
    found = Sign.NONE
    if word in _OPTIMIZERS:
        found |= Sign.BUILDS
    if (word.endswith("_backward") and word != "save_for_backward") or word == "training_step":
        found |= Sign.BACKWARD
    if "clip_grad" in word:
        found |= Sign.LOCAL
    if "sched" in word:
        found |= Sign.SCHEDULE
    if word in ("opt", "trainer") or ("optim" in word and not _OPTIMAL.search(word)):
        found |= Sign.OPTIMIZER
    if word in _LOSSES:
        found |= Sign.LOSS
    if word in _OF_PROBABILITIES:
        found |= Sign.PROBABILITY_LOSS
    if word in ("LSTM", "GRU", "RNN", "RNNBase"):
        found |= Sign.RECURRENT
    if _ACTIVATIONS.fullmatch(word):
        found |= Sign.ACTIVATION
    if word in _RETIRED:
        found |= Sign.LOCAL
    return found


_DECAYS = re.compile(r"\b(?:lam\w*|reg\w*|l2\w*|wd|weight_decay)\s*\*\s*\w|\*\s*(?:lam|reg|l2|wd\b|weight_decay)")
_MASKS = re.compile(r"bernoulli|rand\w*\([^\n]*\)\s*[<>]|[<>]=?\s*[\w.]*rand|binomial\(")  # random zeros and ones
_RANDOM = ("rand", "binomial", "bernoulli")
_MISSPELT = frozenset({"require_grad", "require_grads", "requires_grads", "requires_gradient", "required_grad", "setattr"})
_SETS_MISSPELT = re.compile(r"\.(?:require_grads?|requires_grads|requires_gradient|required_grad)\s*=(?!=)|setattr\([^()\n]*grad")
# `x.requires_grad = …`, where x is no loop variable over parameters: it may be a module.
_FLAG_SET = re.compile(r"([\w.\])]*)\.requires_grad\s*=(?!=)(?!\s*True)")
_GRADIENT_IN_HOOK = re.compile(r"\.grad\s*=(?!=)[\s\S]*hook|hook[\s\S]*\.grad\s*=(?!=)")
FREEZES = re.compile(r"\brequires_grad_?(?:\(|\s*=(?!=))(?!\s*(?:True|\)))")
THAWS = re.compile(r"\.requires_grad_?(?:\(|\s*=(?!=))(?!\s*False)")
_SCHEDULER = r"(?:LR|sched|Plateau|Restarts)"
_RETIRED_CALL = re.compile(rf"\.get_lr\(|(?<!self\.)\bupsample\(|{_SCHEDULER}[\s\S]*\bverbose\s*=|\bverbose\s*=[\s\S]*{_SCHEDULER}")
# The attention functions take a rate instead of a gate: none given, 0, or one that asks for the mode.
_ATTENTION = ("scaled_dot_product", "flash_attn")
_CALM = re.compile(r"^(?:(?!dropout_p)[\s\S])*$|dropout_p\s*=[^,\n]*(?:training|\b0\.?0*\b)")
# Initialisers without the underscore: retired, and words that are used for much else.
_INITIALISES = re.compile(r"\binit\.(?:(?:xavier_|kaiming_)?(?:uniform|normal)|constant|eye|dirac|orthogonal|sparse)\(")
# A rate that is one minus something, or is called after what is kept.
_INVERTED = re.compile(r"ropout\w*\((?:[^()\n]|\([^()\n]*\))*(?:keep|\b1(?:\.0?)?\s*-)", re.IGNORECASE)
_SCALAR = re.compile(r"\.data\s*\[\s*0\s*\]")
PASS = re.compile(r"(?<!def )\bbackward\b")
_WEIGHTS = re.compile(r"parameters\(|\.weight\b|\bparam|\bw\d?\b")
_NORM = re.compile(r"(?<!self)\.(?:vector_|matrix_)?norm\(|(?<![.\w])norm\(|\bsqrt\b")
_PENALTY = re.compile(r"l2|ridge|weight[ _]?decay|\bwd\b|regulari[sz]|\breg\b|_reg\b|\breg_|decay|l1", re.IGNORECASE)
_UNGATED = re.compile(rf"(?<!self\.)\b(?:{'|'.join(sorted(_DROPOUTS, key=len, reverse=True))})\b\s*(\(|[,)\]=])")
_GATE = re.compile(r"\b(?:training|train)\s*=\s*(?!True\b)")
_REDUCES = re.compile(r"[\"']sum[\"']|\bsum\(\s*\)|\bsum\(\s*[-\w.]+\s*[*)]|torch\.sum\(")
_ELEMENTWISE = re.compile(r"[\"']sum[\"']|\bexp\b|\blog\b|\bpow\b|\bsquare\b|\babs\b|\*\*|\blog1p\b|\bexpm1\b")
_FLAG_GIVEN = re.compile(r"(?<![\w.])(?:size_average|reduce)\s*=(?!=)|elementwise_mean|Loss\(|loss\(|cross_entropy\w*\(|\*\*")
_FOCAL = re.compile(r"\b1(?:\.0*)?\s*-")
_ATTENDS = re.compile(r"att|gate|router", re.IGNORECASE)


_LAYER_MADE = re.compile(r"(?<!self\.)\b\w*Dropout\w*\(")


def of_shape(words: set[str], text: str, name: str) -> int:
    """The signs that depend on how the words of a function called `name` stand in its text."""
    found = Sign.LOCAL if shows_itself(words, text, name) or ("requires_grad" in text and _sets_a_flag(text)) else Sign.NONE
    if "backward" in words and PASS.search(text):
        found |= Sign.BACKWARD
    if "sum" in words and _REDUCES.search(text) and _ELEMENTWISE.search(text):
        found |= Sign.SUMMED
    if "exp" in words and _FOCAL.search(text):
        found |= Sign.WEIGHTED
    if "for" in words and "/" in text and ("+=" in text or "append" in words):
        found |= Sign.COUNTED
    if "dropout" in words and re.search(r"\bdropout\s*=|\bdropout[\"']\s*:", text):
        found |= Sign.RATE
    return found


def shows_itself(words: set[str], text: str, name: str) -> bool:
    """Is there something of which one call or statement is enough for a finding? Words are asked first: they cost least."""
    return (
        (name == "forward" and "ropout" in text and _LAYER_MADE.search(text) is not None)
        or (not words.isdisjoint(_DROPOUTS) and _drops(text))
        or (not words.isdisjoint(_FLAGS) and _FLAG_GIVEN.search(text) is not None)
        or ("ropout" in text and _INVERTED.search(text) is not None)
        or ("init" in words and _INITIALISES.search(text) is not None)
        or ("data" in words and _SCALAR.search(text) is not None)
        or (not words.isdisjoint(_MISSPELT) and _SETS_MISSPELT.search(text) is not None)
        or ("grad" in words and "hook" in text and _GRADIENT_IN_HOOK.search(text) is not None)
        or (not words.isdisjoint(_IN_A_CALL) and _RETIRED_CALL.search(text) is not None)
        or (("norm(" in text or "sqrt" in words) and _penalises(text))
        or (("@" in text or "dot" in words) and "/" in text and _DECAYS.search(text) is not None)
        or (("train" in text or "mode" in words) and any(one in text for one in _RANDOM) and _MASKS.search(text) is not None)
        or ("create_graph" in words and ("norm" in words or "sqrt" in words))
    )


def _penalises(text: str) -> bool:
    """Is there a norm, something called a penalty, and weights?"""
    return _NORM.search(text) is not None and _WEIGHTS.search(text) is not None and _PENALTY.search(text) is not None


def _sets_a_flag(text: str) -> bool:
    """Is requires_grad set on what may be no parameter, or on and off in one function, where one undoes the other?"""
    if any(not re.search(rf"\bfor\b[^\n]*\b{re.escape(m[1])}\b[^\n]*\bin\b[^\n]*param", text) for m in _FLAG_SET.finditer(text)):
        return True
    return FREEZES.search(text) is not None and THAWS.search(text) is not None


def of_alias(name: str) -> int:
    """The signs of a word that an import gives another name: shapes cannot be seen under it."""
    word = name.rpartition(".")[2]
    found = of_word(word)
    if word in _DROPOUTS or word in _IN_A_CALL:
        found |= Sign.LOCAL
    if _ACTIVATIONS.fullmatch(word):
        found |= Sign.ACTIVATION
    return found


def of_name(name: str) -> int:
    """The signs of what a function or the line of a loop is called."""
    lower = name.lower().replace("_", " ")
    return Sign.EVALUATES if _EVALUATES.search(lower) and not _NO_TRAINING.search(lower) else Sign.NONE


def _drops(text: str) -> bool:
    """Is there a dropout function, called without a gate or handed on?"""
    for match in _UNGATED.finditer(text):
        if match[1] != "(":
            line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
            if match[1] == "=" or "(" in line or "=" in line:
                continue  # an argument or a variable of that name: what it was set from is looked at where it is set
            return True
        end = _closing(text, match.end())
        if not _GATE.search(text, match.end(), end) and not (match[0].startswith(_ATTENTION) and _CALM.search(text, match.end(), end + 1)):
            return True
    return False


def _closing(text: str, start: int) -> int:
    depth = 1
    for at in range(start, min(len(text), start + 2000)):
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            depth -= 1
            if not depth:
                return at
    return start


def _is_tuple(text: str, start: int) -> bool:
    """Does a comma stand directly in the parentheses that open at `start`?"""
    depth = 0
    for at in range(start, _closing(text, start)):
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            depth -= 1
        elif text[at] == "," and not depth:
            return True
    return False


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
    if not _MODULE.search(text):
        return Sign.NONE  # no nn.Module, which alone registers what it is given
    return Sign.LOCAL if _moves(text) or _assigns_early(text) or _holds_modules(text) else Sign.NONE


def _moves(text: str) -> bool:
    """Is a parameter moved or cast where it is made?"""
    return any(_GOES_ON.match(text, _closing(text, match.end())) for match in _PARAMETER.finditer(text))


_MODULE = re.compile(r"\bnn\.|Module\b|def forward\b")
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


def activates(text: str) -> bool:
    """Is there an activation other than that of an attention or a gate?"""
    return any(_ACTIVATIONS.search(line) and not _ATTENDS.search(line) for line in text.split("\n"))
