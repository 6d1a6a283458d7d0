"""Optimizers of other packages: defaults in order, and how each applies weight_decay."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reglint.knowledge.optimizers import OptimizerFact

OTHER_OPTIMIZERS: Mapping[str, OptimizerFact] = MappingProxyType({})
