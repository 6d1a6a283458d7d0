"""Each schedule is stepped under the option under which it is built."""

from dataclasses import dataclass

from torch import nn, optim
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR


@dataclass
class Settings:
    schedule: str = "cosine"
    epochs: int = 10
    pause: int = 1


SETTINGS = {"slow": Settings(pause=2), "fast": Settings(schedule="onecycle", epochs=3)}


class Trainer:
    def __init__(self, net, loader, settings):
        self.net, self.loader, self.settings = net, loader, settings
        self.opt = optim.SGD(net.parameters(), lr=0.1)
        self.schedule = self._schedule()

    def _schedule(self):
        if self.settings.schedule == "cosine":
            return CosineAnnealingLR(self.opt, T_max=self.settings.epochs)
        elif self.settings.schedule == "onecycle":
            return OneCycleLR(self.opt, 0.1, total_steps=self.settings.epochs * len(self.loader))
        return None

    def train(self):
        for epoch in range(self.settings.epochs):
            for x, y in self.loader:
                self.opt.zero_grad()
                nn.functional.cross_entropy(self.net(x), y).backward()
                self.opt.step()
                if self.settings.schedule == "onecycle" and self.schedule:
                    self.schedule.step()
            if self.settings.schedule != "onecycle" and self.schedule:
                self.schedule.step()


def main(loader, name="fast"):
    Trainer(nn.Linear(8, 4), loader, SETTINGS[name] if name in SETTINGS else Settings()).train()


def alone(loader, cfg):
    net = nn.Linear(8, 4)
    opt = optim.SGD(net.parameters(), lr=0.1)
    schedule = None
    if cfg.schedule == "cosine":
        schedule = CosineAnnealingLR(opt, T_max=cfg.epochs)
    elif cfg.schedule == "onecycle":
        schedule = OneCycleLR(opt, 0.1, total_steps=cfg.epochs * len(loader))
    for epoch in range(cfg.epochs):
        for x, y in loader:
            opt.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            opt.step()
            if schedule is not None and cfg.schedule == "onecycle":
                schedule.step()
        if schedule is not None and cfg.schedule != "onecycle":
            schedule.step()
