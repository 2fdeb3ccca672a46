"""|x|^2, learned by a small network with batch normalisation: the toy task of trainings in several
processes."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Config:
    width: int = 8


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.config = Config()
        self.layers = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x):
        return self.layers(x)


def square(x):
    return x.square().sum(1, keepdim=True)


class Curve:
    """first: the seed of the first weights."""

    task, metric = "curve", "score"
    learning_rates, weight_decay, averaging, mixed_precision = {"sgd": 0.05}, 0.01, 0.0, False
    steps = 10  # batches to an epoch

    def __init__(self, first=0):
        torch.manual_seed(first)
        self.network = Network()

    def steps_per_epoch(self):
        return self.steps

    def batches(self, epoch):
        generator = torch.Generator().manual_seed(epoch)
        for step in range(self.steps):
            self.before_batch(epoch, step)
            x = torch.rand(16, 3, generator=generator)
            yield x, square(x)

    def before_batch(self, epoch, step):
        """For tests in which something happens there."""

    def loss(self, network, batch):
        return (network(batch[0]) - batch[1]).square().mean()

    def evaluate(self, network, device):
        x = torch.rand(200, 3, generator=torch.Generator().manual_seed(1))
        return {"score": -float((network(x) - square(x)).square().mean())}

    def describe_data(self):
        return {"name": "a curve"}
