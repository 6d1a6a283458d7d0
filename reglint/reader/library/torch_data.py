"""torch.utils.data: loaders and samplers."""

from __future__ import annotations

from reglint.reader.domain import Arguments, Obj
from reglint.reader.library.registry import bound, handles
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.trace import LibraryCall
from reglint.step.values import Value

LOADER = ("dataset", "batch_size", "shuffle", "sampler", "batch_sampler", "num_workers", "collate_fn", "pin_memory", "drop_last")
SAMPLER = ("dataset", "num_replicas", "rank", "shuffle", "seed", "drop_last")


@handles(
    "torch.utils.data.DataLoader",
    "torch_geometric.loader.DataLoader",
    "torch_geometric.data.DataLoader",
    "torch.utils.data.dataloader.DataLoader",
)
def loader(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Construct a DataLoader."""
    named = bound(args, LOADER)
    obj = Obj(None, "torch.utils.data.DataLoader", {"dataset": named["dataset"]} if "dataset" in named else {}, place, named)
    for option in ("sampler", "batch_size", "batch_sampler"):
        if option in named:
            obj.attrs[option] = named[option]
    m.emit(LibraryCall, place, name="torch.utils.data.DataLoader", positional=args.positional, keywords=named, result=obj, extra=args.extra)
    return obj


@handles("torch.utils.data.DistributedSampler", "torch.utils.data.distributed.DistributedSampler")
def distributed_sampler(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Construct a DistributedSampler."""
    named = bound(args, SAMPLER)
    obj = Obj(None, "torch.utils.data.DistributedSampler", {}, place, named)
    m.emit(LibraryCall, place, name=obj.library, positional=args.positional, keywords=named, result=obj, extra=args.extra)
    return obj
