"""NVIDIA apex: mixed precision before torch had its own. Source: apex/amp/frontend.py, apex/amp/handle.py (22.04)."""

from __future__ import annotations

from reglint.reader.domain import Arguments, Tuple
from reglint.reader.library.registry import bound, handles
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.values import Unknown, Value


@handles("apex.amp.initialize")
def initialize(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """amp.initialize(models, optimizers=None): gives back what it is given."""
    named = bound(args, ("models", "optimizers"))
    models = named.get("models", Unknown("no model"))
    return Tuple((models, named["optimizers"])) if "optimizers" in named else models


@handles("apex.amp.scale_loss")
def scale_loss(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """`with amp.scale_loss(loss, optimizer) as scaled`: the gradients are divided again when the block is left."""
    return bound(args, ("loss", "optimizers")).get("loss", Unknown("no loss"))
