"""How many samples a batch has is a setting: a default of one batch per sample is read in whatever class may hold it."""

from dataclasses import dataclass
from typing import NamedTuple, Optional, Union

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset


@dataclass
class Training:
    data: Dataset
    batch: int = 1


@dataclass
class Wide:
    data: Dataset
    batch: int = 32


class Prediction(NamedTuple):
    data: Dataset = None
    batch: int = 1


def average(model, loader):
    total = 0
    with torch.no_grad():
        for x, y in loader:
            total += F.cross_entropy(model(x), y).item()
    return total / len(loader.dataset)


def average_of_many(model, loader):
    total = 0
    with torch.no_grad():
        for x, y in loader:
            total += F.cross_entropy(model(x), y).item()
    return total / len(loader.dataset)  # want RGL212


class OfEither:
    def __init__(self, settings: Union[Training, Wide]):
        self.settings = settings
        self.model = nn.Linear(20, 10)

    def run(self):
        return average(self.model.eval(), DataLoader(self.settings.data, batch_size=self.settings.batch))


class OfAny:
    def __init__(self):
        self.model = nn.Linear(20, 10)

    def run(self, settings: Wide | Prediction):
        loader = DataLoader(settings.data, batch_size=settings.batch)
        return average(self.model.eval(), loader)


def of_a_tuple(settings: Prediction, model):
    return average(model, DataLoader(settings.data, batch_size=settings.batch))


def of_one_or_none(settings: Optional[Training], model):
    return average(model, DataLoader(settings.data, batch_size=settings.batch))


def of_many(settings: Wide | None, model):
    return average_of_many(model, DataLoader(settings.data, batch_size=settings.batch))
