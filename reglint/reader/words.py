"""What a single word of a program says: the signs it gives wherever it stands, and which shapes are worth looking for.

Every distinct word of a project is looked at once; a text is then one look-up per word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce
from operator import or_

from reglint.knowledge.activations import Scale
from reglint.knowledge.dropouts import DROPOUTS
from reglint.knowledge.losses import LOSSES
from reglint.knowledge.optimizers import optimizers
from reglint.knowledge.optimizers_other import OPTIMIZER_FACTORIES
from reglint.knowledge.retired import RETIRED, RETIRED_ARGUMENTS
from reglint.reader.signs import Sign


class Hint:
    """A kind of word without which a shape cannot be there: bits above those of the signs, in the same table."""

    DROPOUT_FUNCTION = 1 << 16
    DROPOUT = 1 << 17  # a name with `ropout` in it
    REDUCTION_FLAG = 1 << 18
    INITIALISER = 1 << 19
    DATA = 1 << 20
    MISSPELT = 1 << 21
    GRAD = 1 << 22
    HOOK = 1 << 23
    RETIRED_CALL = 1 << 24
    NORM = 1 << 25
    WEIGHTS = 1 << 26
    PENALTY = 1 << 27
    STRENGTH = 1 << 28  # what a penalty is multiplied with
    MODE = 1 << 29
    RANDOM = 1 << 30
    GRAPH = 1 << 31
    REQUIRES_GRAD = 1 << 32
    SUM = 1 << 33
    ELEMENTWISE = 1 << 34
    EXP = 1 << 35
    FOR = 1 << 36
    LOOP = 1 << 37
    RATE = 1 << 38
    BACKWARD = 1 << 39
    WITHOUT_GRADIENT = 1 << 40
    EVALUATION = 1 << 41


SIGNS = (1 << 16) - 1  # the bits of the signs


class _Words(dict[str, int]):
    """The signs and hints of every word met so far."""

    def __missing__(self, word: str) -> int:
        found = self[word] = of_word(word) | _hints(word)
        return found


_WORDS = _Words()


_KEPT = bytes(code if code >= 128 or chr(code).isalnum() or chr(code) in "_." else 32 for code in range(256))
_KEPT_APART = _KEPT.replace(b".", b" ")


def in_text(text: str) -> set[str]:
    """The words of a text; numbers are among them."""
    return set(text.encode("utf-8", "surrogatepass").translate(_KEPT_APART).decode("utf-8", "surrogatepass").split())


def dotted_in_text(text: str) -> set[str]:
    """The words of a text with what is behind their dots: `nn.functional.dropout`."""
    return set(text.encode("utf-8", "surrogatepass").translate(_KEPT).decode("utf-8", "surrogatepass").split())


def look_up(words: Iterable[str]) -> int:
    """The signs and hints of all words together."""
    return reduce(or_, map(_WORDS.__getitem__, words), 0)


def _last_names(dotted: Iterable[str]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in dotted)


_OPTIMIZERS = _last_names(optimizers()) | _last_names(OPTIMIZER_FACTORIES) | {"optim", "optimizers", "torch_optimizer"}
_LOSSES = _last_names(LOSSES)
_OF_PROBABILITIES = _last_names(n for n, fact in LOSSES.items() if fact.expects in (Scale.PROBABILITIES, Scale.LOG_PROBABILITIES))
DROPOUT_FUNCTIONS = _last_names(DROPOUTS)
_IN_A_CALL = ("verbose", "get_lr", "upsample")  # retired names that are common words: only some calls of them are meant
# What rules about old code and about distributed loading look for.
_RETIRED = frozenset("set_epoch DistributedSampler Variable volatile".split()) | {
    name.rpartition(".")[2]
    for name in (*RETIRED, *(option for _, option in RETIRED_ARGUMENTS))
    if not name.endswith(("sigmoid", "tanh", "epoch", *_IN_A_CALL)) and ".init." not in name
}
ACTIVATIONS = re.compile(r"(?:log_?)?(?:softmax|sigmoid|softmin)(?:2d)?", re.IGNORECASE)
_EVALUATES = re.compile(
    r"(?<![a-z])(eval|evaluate|evaluation|valid|validate|validation|val|test|testing|dev|infer|inference|predict|prediction|accuracy)(?![a-z])"
)
_NO_TRAINING = re.compile(r"train|fit|learn")
_OPTIMAL = re.compile(r"optimal|optimi[sz](?:e|ed|es|ing|ation|ations)\b")


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
    if ACTIVATIONS.fullmatch(word):
        found |= Sign.ACTIVATION
    if word in _RETIRED:
        found |= Sign.LOCAL
    return found


def of_alias(name: str) -> int:
    """The signs of a word that an import gives another name: shapes cannot be seen under it."""
    word = name.rpartition(".")[2]
    found = of_word(word)
    if word in DROPOUT_FUNCTIONS or word in _IN_A_CALL:
        found |= Sign.LOCAL
    return found


def of_name(name: str) -> int:
    """The signs of what a function or the line of a loop is called."""
    lower = name.lower().replace("_", " ")
    return Sign.EVALUATES if _EVALUATES.search(lower) and not _NO_TRAINING.search(lower) else Sign.NONE


_INITIALISERS = [prefix + name for prefix in ("", "xavier_", "kaiming_") for name in ("uniform", "normal")]
_INITIALISERS += ["constant", "eye", "dirac", "orthogonal", "sparse"]
_MISSPELT = ("require_grad", "require_grads", "requires_grads", "requires_gradient", "required_grad", "setattr")
_EXACT: dict[str, int] = {
    **dict.fromkeys(DROPOUT_FUNCTIONS, Hint.DROPOUT_FUNCTION),
    **dict.fromkeys(("size_average", "reduce", "elementwise_mean"), Hint.REDUCTION_FLAG),
    **dict.fromkeys(_IN_A_CALL, Hint.RETIRED_CALL),
    **dict.fromkeys(("norm", "vector_norm", "matrix_norm"), Hint.NORM),
    **dict.fromkeys(("log", "pow", "square", "abs", "log1p", "expm1"), Hint.ELEMENTWISE),
    **dict.fromkeys(("no_grad", "inference_mode"), Hint.WITHOUT_GRADIENT),
    **dict.fromkeys(_INITIALISERS, Hint.INITIALISER),
    **dict.fromkeys(_MISSPELT, Hint.MISSPELT),
    "sqrt": Hint.NORM,
    "data": Hint.DATA,
    "grad": Hint.GRAD,
    "weight": Hint.WEIGHTS,
    "mode": Hint.MODE,
    "create_graph": Hint.GRAPH,
    "sum": Hint.SUM | Hint.ELEMENTWISE,
    "exp": Hint.EXP | Hint.ELEMENTWISE,
    "for": Hint.FOR | Hint.LOOP,
    "while": Hint.LOOP,
    "backward": Hint.BACKWARD,
}
_EXACT["dropout"] = _EXACT.get("dropout", 0) | Hint.RATE
_KINDS = (
    (re.compile(r"ropout"), Hint.DROPOUT),
    (re.compile(r"hook"), Hint.HOOK),
    (re.compile(r"parameters$|^param|^w\d?$"), Hint.WEIGHTS),
    (
        re.compile(
            r"[lL][12]|[rR](?:idge|IDGE)|[dD](?:ecay|ECAY)|[rR](?:egulari|EGULARI)|^(?:wd|WD)$|^(?:reg|REG)$|_(?:reg|REG)$|^(?:reg|REG)_"
        ),
        Hint.PENALTY,
    ),
    (re.compile(r"^(?:lam|reg|l2)|^(?:wd|weight_decay)$"), Hint.STRENGTH),
    (re.compile(r"train"), Hint.MODE),
    (re.compile(r"rand|binomial|bernoulli"), Hint.RANDOM),
    (re.compile(r"requires_grad"), Hint.REQUIRES_GRAD),
)
_ANY_KIND = re.compile("|".join(kind.pattern for kind, _ in _KINDS))


def _hints(word: str) -> int:
    found = _EXACT.get(word, 0)
    if of_name(word):
        found |= Hint.EVALUATION
    if _ANY_KIND.search(word):
        for kind, hint in _KINDS:
            if kind.search(word):
                found |= hint
    return found
