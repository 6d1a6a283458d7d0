"""What one backward pass is about to do: the parameters it reaches, its data terms, its penalties."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from reglint.probe import forms, reduction, samples
from reglint.probe.records import Backward, Term
from reglint.probe.split import split
from reglint.probe.taint import Taint, TaintMode, node_taint


class Analysis:
    """Looks at the graphs of losses before they are freed; remembers the forms of penalties from one pass to the next."""

    def __init__(self, mode: TaintMode) -> None:
        self._mode = mode
        self._forms: dict[Any, tuple[float, dict[int, forms.Found]]] = {}
        self._data_seen = False

    def leaves(self, roots: Sequence[torch.Tensor]) -> Iterator[torch.Tensor]:
        """All leaves of the graphs that are parameters; data that wants a gradient (adversarial inputs) is not."""
        seen: set[Any] = set()
        todo = [root.grad_fn for root in roots]
        while todo:
            node = todo.pop()
            if node is None or node in seen:
                continue
            seen.add(node)
            leaf = getattr(node, "variable", None) if node.name().endswith("AccumulateGrad") else None
            if leaf is None:
                todo.extend(nxt for nxt, _ in node.next_functions)
            elif self._mode.table.get(leaf) != Taint.DATA:
                yield leaf

    def split(
        self, root: torch.Tensor, cotangent: torch.Tensor, record: Backward, parameters: Sequence[torch.Tensor], batch: Sequence[int]
    ) -> None:
        """Note data terms and penalties of one root; a root made of parameters alone is a penalty once data was seen elsewhere."""
        only_penalty = node_taint(root.grad_fn) == Taint.PARAMETER and self._data_seen
        found = split(root, cotangent, only_penalty)
        self._data_seen |= bool(found.data)
        record.data += reduction.reductions(found, batch, record.scale)
        for addends in forms.groups(found.penalties):
            first = addends[0]
            name = first.node.name()
            strength = float(samples.distinct(first.cotangent).double().mean()) / record.scale
            key = (first.place, first.join, name, len(addends), len(parameters))
            if key in self._forms and self._forms[key][0] != 0.0:
                # a penalty keeps its form, only its factor may change: one gradient and one curvature are enough
                ratio, known = strength / self._forms[key][0], self._forms[key][1]
                named = {uid: forms.rescaled(form, ratio) for uid, form in known.items()}
            else:
                named = {id(parameters[f.position]): f for f in forms.identify(addends, parameters, record.scale)}
                self._forms[key] = strength, named
            if named:
                record.terms.append(Term(first.place, first.join, name, named))
