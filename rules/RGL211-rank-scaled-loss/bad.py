"""The loss is multiplied by the number of ranks although DDP averages the gradients: the step is twice as long on two."""

import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel


def train(rank, world_size, rendezvous):
    dist.init_process_group("gloo", init_method=f"file://{rendezvous}", rank=rank, world_size=world_size)
    torch.manual_seed(0)
    x, y = torch.randn(world_size, 32, 20), torch.randint(0, 4, (world_size, 32))
    model = DistributedDataParallel(nn.Linear(20, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = model.module.weight.detach().clone()

    optimizer.zero_grad()
    loss = F.cross_entropy(model(x[rank]), y[rank]) * dist.get_world_size()
    loss.backward()
    optimizer.step()
    if rank == 0:
        print(f"length of the step: {(model.module.weight.detach() - before).norm():.4f}", flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        mp.start_processes(train, args=(2, f"{folder}/rendezvous"), nprocs=2, start_method="fork")
