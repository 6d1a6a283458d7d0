"""Watching a training loop: which backward passes and optimizer steps happen, with samples of what they did.

The recorder never changes what the program computes. Everything that could fail runs under `_guarded`: a defect of the
probe is noted in the report and must not become an exception of the user's program.
"""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.weak import WeakIdKeyDictionary

from reglint.probe import samples, stages
from reglint.probe.analysis import Analysis
from reglint.probe.hooks import hook_first
from reglint.probe.names import variable_name
from reglint.probe.records import Backward, Manual, Member, Place, Step, Tracked
from reglint.probe.taint import TaintMode, user_place

_ANALYSED_PER_STEP = 8  # backward passes that are split; later ones of the same step only count


class Recorder:
    """Collects events until `enough` says so; `on_enough` is then called from inside the program's own step."""

    def __init__(self, steps: int = 2, on_enough: Callable[[], None] | None = None) -> None:
        self.mode = TaintMode()
        self.analysis = Analysis(self.mode)
        self.running = False  # a backward pass; a checkpoint starts another one inside of it
        self.limit = steps
        self.on_enough = on_enough
        self.tracked: dict[int, Tracked] = {}
        self.backwards: list[Backward] = []
        self.window: list[Backward] = []
        self.steps: list[Step] = []
        self.built: dict[int, Place] = {}
        self.optimizers: dict[int, Any] = {}
        self.given: dict[int, list[set[str]]] = {}
        self.scales: WeakIdKeyDictionary = WeakIdKeyDictionary()
        self.batch: list[int] = []
        self.labels: dict[int, str] = {}
        self.failures: list[str] = []
        self.stack: list[Any] = []
        self.active = True
        self.full = False
        self.unscaled = True
        self.manual: list[Manual] = []

    # -- being called from the program -------------------------------------------------------------------------

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """No gradient, no function modes, and no exception of ours inside the user's program."""
        try:
            with torch._C.DisableTorchFunction(), torch.no_grad():
                yield
        except Exception as error:  # a defect here must not become the program's: it is reported instead
            if len(self.failures) < 20:
                trace = error.__traceback__
                while trace is not None and trace.tb_next is not None:
                    trace = trace.tb_next
                where = f" ({trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno})" if trace else ""
                self.failures.append(f"{type(error).__name__}: {error}{where}")

    @contextlib.contextmanager
    def guarded_names(self) -> Iterator[None]:
        """As `guarded` for notes that compute nothing: cheap enough for every module call."""
        try:
            with torch._C.DisableTorchFunction():
                yield
        except Exception as error:  # as above
            if len(self.failures) < 20:
                self.failures.append(f"{type(error).__name__}: {error}")

    def track(self, tensor: torch.Tensor) -> Tracked:
        """The record of a parameter, made when it is first met."""
        found = self.tracked.get(id(tensor))
        if found is None:
            found = self.tracked[id(tensor)] = Tracked(tensor, samples.places(tensor))
        return found

    def saw_optimizer(self, optimizer: Any, place: Place, given: list[set[str]] | None = None) -> None:
        """An optimizer was built, or is met for the first time; `given` are the keys that each of its groups was given."""
        if id(optimizer) not in self.optimizers:
            self.optimizers[id(optimizer)] = optimizer
            self.built[id(optimizer)] = place
            self.given[id(optimizer)] = given or []
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                self.track(parameter).owned = True

    # -- backward ---------------------------------------------------------------------------------------------

    def backward(self, real: Callable[..., Any], roots: Any, cotangents: Any, args: Any, kwargs: Any) -> Any:
        """Run a backward pass, with our samples before and after it."""
        handles: list[Any] = []
        done: Backward | None = None
        if self.active and not self.full and not self.running:
            with self.guarded():
                done = self._before_backward(roots, cotangents, handles)
            if len(self.manual) > self.limit and not self.optimizers:
                self._stop()
            self.running = done is not None
        try:
            return real(roots, cotangents, *args, **kwargs)
        finally:
            if done is not None:
                self.running = False
                with self.guarded():
                    self._after_backward(handles)

    def _before_backward(self, roots: Any, cotangents: Any, handles: list[Any]) -> Backward:
        self.notice_manual_update(user_place())
        roots = [roots] if isinstance(roots, torch.Tensor) else list(roots)
        roots = [root for root in roots if isinstance(root, torch.Tensor) and root.grad_fn is not None]
        given = [cotangents] if isinstance(cotangents, torch.Tensor) else list(cotangents or [])
        scale = float(self.scales.get(roots[0], 1.0)) if roots else 1.0
        record = Backward(user_place(), scale)
        for leaf in self.analysis.leaves(roots):
            if id(leaf) not in self.labels and len(self.labels) < 40:
                self.labels[id(leaf)] = variable_name(leaf) or ""
            self.track(leaf).reached = True
            record.reached.add(id(leaf))
        for tracked in self.tracked.values():
            self._open(tracked)
        self.backwards.append(record)
        self.window.append(record)
        if len(roots) == 1 and roots[0].numel() == 1:
            record.loss = float(roots[0].detach()) / record.scale
        if len(self.window) <= _ANALYSED_PER_STEP:
            for index, root in enumerate(roots):
                cotangent = given[index] if index < len(given) and given[index] is not None else torch.ones_like(root)
                reached = [t.tensor for t in self.tracked.values() if id(t.tensor) in record.reached and t.tensor.requires_grad]
                self.analysis.split(root, cotangent.detach(), record, reached, self.batch)
        else:
            record.like(self.window[:-1])
        leaves = [t for t in self.tracked.values() if t.tensor.requires_grad and t.tensor.is_leaf]
        handles.extend(hook_first(leaf.tensor, self._catcher(leaf, record.scale)) for leaf in leaves)
        return record

    def _open(self, tracked: Tracked) -> None:
        """Before a backward pass: was the gradient cleared, kept or edited since the last one?"""
        now = tracked.gradient()
        if now is None or float(now.abs().max() if now.numel() else 0.0) == 0.0:
            tracked.pure, tracked.used, tracked.carried = None, None, False
            tracked.stepped = False
            tracked.since = len(self.backwards)
            return
        kept = tracked.raw_after is not None and now.shape == tracked.raw_after.shape and bool(torch.equal(now, tracked.raw_after))
        if not kept:
            tracked.pure = now  # clipped or averaged between two passes: taken as it is
        if tracked.stepped:
            tracked.carried = True

    def _catcher(self, tracked: Tracked, scale: float) -> Callable[[torch.Tensor], None]:
        def catch(gradient: torch.Tensor) -> None:
            with self.guarded():
                taken = samples.sample(gradient, tracked.positions) / scale
                tracked.pure = taken if tracked.pure is None else tracked.pure + taken
                tracked.fresh = tracked.reached = True

        return catch

    def _after_backward(self, handles: list[Any]) -> None:
        for handle in handles:
            handle.remove()
        for tracked in self.tracked.values():
            tracked.raw_after = tracked.gradient()
            tracked.weight = tracked.value()

    # -- optimizer steps --------------------------------------------------------------------------------------

    def before_step(self, optimizer: Any, place: Place) -> Step | None:
        """Sample everything that the optimizer is about to use; None inside another optimizer's step."""
        if any(running is optimizer for running in self.stack):
            self.stack.clear()  # its last step raised, so no post-hook ran
        self.stack.append(optimizer)
        if len(self.stack) > 1 or not self.active or self.full:
            return None
        self.saw_optimizer(optimizer, None)
        number = sum(step.optimizer is optimizer for step in self.steps) + 1
        groups = []
        for group in optimizer.param_groups:
            members = [self._member(self.track(p), optimizer) for p in group["params"]]
            groups.append(({k: v for k, v in group.items() if k != "params"}, members))
        step = Step(optimizer, number, place, groups, self._behind(groups), len(self.backwards))
        self._note_drift(step)
        self.steps.append(step)
        return step

    def _behind(self, groups: list[tuple[dict[str, Any], list[Member]]]) -> list[Backward]:
        """The backward passes whose gradients a step is about to use."""
        tracked = [m.tracked for _, members in groups for m in members if m.grad is not None and m.pure is not None]
        ids = {id(t.tensor) for t in tracked}
        first = min((t.since for t in tracked), default=len(self.backwards))
        return [b for b in self.backwards[first:] if b.reached & ids]

    def _member(self, tracked: Tracked, optimizer: Any) -> Member:
        before = tracked.value()
        state = samples.state_sample(optimizer.state.get(tracked.tensor, {}), tracked.tensor.shape, tracked.positions)
        member = Member(tracked, before, samples.norm(tracked.tensor), None, None, "none", tracked.carried, tracked.fresh, state)
        self._take_gradient(member)
        if tracked.weight is not None and not torch.equal(tracked.weight, before):
            member.drifted = stages.explain([stages.Pair(tracked.weight, before, before)])[0]
        return member

    def _take_gradient(self, member: Member) -> None:
        grad = member.tracked.gradient()
        member.grad, member.pure = grad, member.tracked.pure
        member.carried, member.fresh = member.tracked.carried, member.tracked.fresh
        if grad is None:
            member.kind = "none"
        elif not bool(torch.isfinite(grad).all()):
            member.kind = "not-finite"
        else:
            member.kind = "data" if grad.numel() and float(grad.abs().max()) > 0.0 else "zero"

    def after_closure(self, step: Step) -> None:
        """The closure has run: gradients at the pre-hook were stale, take them again."""
        step.closures += 1
        if step.closures > 1:
            return
        for _, members in step.groups:
            for member in members:
                self._take_gradient(member)
        step.backwards = self._behind(step.groups)

    def after_step(self, optimizer: Any, step: Step | None) -> None:
        """Sample what the optimizer did. May not return: `on_enough` ends the program."""
        while self.stack and self.stack.pop() is not optimizer:
            pass
        if step is None:
            return
        with self.guarded():
            for _, members in step.groups:
                for member in members:
                    member.after = member.tracked.value()
                    member.after_norm = samples.norm(member.tracked.tensor)
                    member.moved = not torch.equal(member.after, member.before)
                    member.tracked.weight = member.after
                    member.tracked.stepped, member.tracked.fresh = True, False
                    member.tracked.raw_after = member.tracked.gradient()
            self.window = []
        if self._enough():
            self._stop()

    def _stop(self) -> None:
        """Enough was seen. Outside of `guarded`, as this may end the process."""
        self.full = True
        if self.on_enough is not None:
            self.on_enough()

    def _enough(self) -> bool:
        counts = [sum(step.optimizer is o for step in self.steps) for o in self.optimizers.values()]
        return bool(counts) and (min(counts) >= self.limit or sum(counts) >= self.limit * len(counts) + self.limit)

    # -- weights that change outside of any optimizer ------------------------------------------------------------

    def _note_drift(self, step: Step) -> None:
        """Weights that changed between the last step of this optimizer and this one: pruning, clamping, decay by hand."""
        for earlier in reversed(self.steps):
            if earlier.optimizer is step.optimizer:
                self.settle(earlier)
                return

    def settle(self, step: Step) -> None:
        """Compare the weights right after a step with what they are now, before the next step or at the end."""
        pairs, members = [], []
        for _, group in step.groups:
            for member in group:
                if member.after is None or member.last_seen is not None:
                    continue
                now = member.tracked.weight if member.tracked.weight is not None else member.after
                member.last_seen = now
                pairs.append(stages.Pair(member.after, now, torch.zeros_like(now)))
                members.append(member)
        for member, change in zip(members, stages.explain(pairs), strict=True):
            member.touched = change

    def notice_manual_update(self, place: Place) -> None:
        """Weights moved since the last backward pass although no optimizer stepped: an update written by hand."""
        if not self.backwards:
            return
        update = Manual(place, self.window)
        for tracked in self.tracked.values():
            now = tracked.value()
            old, last = tracked.weight, tracked.raw_after
            if old is not None and last is not None and not tracked.owned and not torch.equal(now, old):
                update.moved.append(tracked)
                update.before.append(old)
                update.after.append(now)
                pure = tracked.pure if tracked.pure is not None else last
                grad = tracked.gradient()
                if grad is None or not bool(grad.abs().max() > 0.0):  # cleared since
                    grad = tracked.used if tracked.used is not None else pure
                update.used.append(grad)
                update.pure.append(pure)
            tracked.weight = now
        if update.moved:
            self.manual.append(update)
            self.window = []
