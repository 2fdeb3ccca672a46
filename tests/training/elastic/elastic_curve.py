"""A small task with batch normalisation for elastic trainings, and what each process of a test does with it."""

import os
import signal
from dataclasses import dataclass
from itertools import count

import torch
from torch import nn

from catseye.training.elastic import service
from catseye.training.elastic.center import ElasticPlan
from catseye.training.elastic.exchange import connected
from catseye.training.elastic.synchronous import fit_synchronous
from catseye.training.elastic.train import hold_center
from catseye.training.elastic.worker import work
from catseye.training.loop import Plan

STEPS = 10  # batches to an epoch
CPU = torch.device("cpu")


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


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Curve:
    """Learn |x|^2. first: the seed of the first weights.

    at_batch: what happens when the batch of a number is made.  dies_at_evaluation: the one that is never made.
    """

    task, metric = "curve", "score"
    learning_rates, weight_decay, averaging, mixed_precision = {"sgd": 0.05}, 0.01, 0.0, False

    def __init__(self, first=0, at_batch=None, dies_at_evaluation=None):
        torch.manual_seed(first)
        self.network = Network()
        self.at_batch, self.dies_at_evaluation = at_batch or {}, dies_at_evaluation
        self.made, self.evaluated = count(), count()

    def steps_per_epoch(self):
        return STEPS

    def batches(self, epoch):
        generator = torch.Generator().manual_seed(epoch)
        for _ in range(STEPS):
            self.at_batch.get(next(self.made), int)()
            x = torch.rand(16, 3, generator=generator)
            yield x, x.square().sum(1, keepdim=True)

    def loss(self, network, batch):
        return (network(batch[0]) - batch[1]).square().mean()

    def evaluate(self, network, device):
        if next(self.evaluated) == self.dies_at_evaluation:
            die()
        x = torch.rand(200, 3, generator=torch.Generator().manual_seed(1))
        return {"score": -float((network(x) - x.square().sum(1, keepdim=True)).square().mean())}

    def describe_data(self):
        return {"name": "a curve"}


def hold(out, port, epochs, plan, dies_at_evaluation=None):
    torch.set_num_threads(1)
    service.FAREWELL_S = 1.0  # one that died says no farewell
    hold_center(Curve(dies_at_evaluation=dies_at_evaluation), Plan(out, epochs), plan, port)


def help_center(port, at_batch=None):
    torch.set_num_threads(1)
    work(Curve(first=7, at_batch=at_batch), connected(f"localhost:{port}"), CPU)


def step_together(out, rank, number, port, epochs, tau):
    """One process of a torchrun, by what torchrun tells its processes."""
    torch.set_num_threads(1)
    os.environ |= {"TORCHELASTIC_RUN_ID": "test", "RANK": str(rank), "WORLD_SIZE": str(number)}
    os.environ |= {"MASTER_ADDR": "localhost", "MASTER_PORT": str(port)}
    fit_synchronous(Curve(first=rank), Plan(out, epochs, device="cpu"), ElasticPlan("eamsgd", tau))
