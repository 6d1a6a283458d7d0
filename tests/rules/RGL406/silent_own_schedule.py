"""A schedule of one's own steps the one that it was given."""

from torch import nn, optim
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler


class Rising(LRScheduler):
    def __init__(self, optimizer, until, following=None):
        self.until = until
        self.following = following
        self.over = False
        super().__init__(optimizer)

    def get_lr(self):
        if self.last_epoch >= self.until:
            self.over = True
        return [base * min(1.0, self.last_epoch / self.until) for base in self.base_lrs]

    def step(self, epoch=None):
        if self.over and self.following:
            self.following.step()
        else:
            super().step(epoch)


def train(loader):
    model = nn.Linear(3, 3)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    falling = CosineAnnealingLR(optimizer, T_max=10)
    schedule = Rising(optimizer=optimizer, until=3, following=falling)
    for _ in range(10):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
        schedule.step()


class SlowStart(LRScheduler):
    def __init__(self, optimizer, length):
        self.length = length
        super().__init__(optimizer)

    def get_lr(self):
        return [rate * min(1, (self.last_epoch + 1) / self.length) for rate in self.base_lrs]


def slow_start_within_the_first_epoch(loader, starting=1):
    model = nn.Linear(20, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    decay = optim.lr_scheduler.ExponentialLR(optimizer, 0.95)
    start = SlowStart(optimizer, length=len(loader) * starting)
    for epoch in range(1, 100):
        decay.step()
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
            if epoch <= starting:
                start.step()


def slow_start_from_the_first_batch(loader):
    model = nn.Linear(20, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    start = SlowStart(optimizer, length=100)
    for x, y in loader:
        start.step()
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
