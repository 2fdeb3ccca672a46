"""The toy task in elastic trainings, and what each process of a test does with it."""

import os
import signal
from itertools import count

import curve
import torch

from catseye.training.elastic import server
from catseye.training.elastic.center import ElasticPlan
from catseye.training.elastic.exchange import Place, connected
from catseye.training.elastic.synchronous import fit_synchronous
from catseye.training.elastic.train import hold_center
from catseye.training.elastic.worker import work
from catseye.training.plan import TrainingPlan

STEPS = curve.Curve.steps
CPU = torch.device("cpu")


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Curve(curve.Curve):
    """at_batch: what happens when the batch of a number is made.  dies_at_evaluation: the one that
    is never made."""

    def __init__(self, first=0, at_batch=None, dies_at_evaluation=None):
        super().__init__(first)
        self.at_batch, self.dies_at_evaluation = at_batch or {}, dies_at_evaluation
        self.made, self.evaluated = count(), count()

    def before_batch(self, epoch, step):
        self.at_batch.get(next(self.made), int)()

    def evaluate(self, network, device):
        if next(self.evaluated) == self.dies_at_evaluation:
            die()
        return super().evaluate(network, device)


def hold(out, port, epochs, plan, dies_at_evaluation=None):
    torch.set_num_threads(1)
    server.FAREWELL_S = 1.0  # one that died says no farewell
    hold_center(
        Curve(dies_at_evaluation=dies_at_evaluation), TrainingPlan(out, epochs), plan, Place(port)
    )


def help_center(port, at_batch=None):
    torch.set_num_threads(1)
    work(Curve(first=7, at_batch=at_batch), connected(f"127.0.0.1:{port}"), CPU)


def step_together(out, rank, number, port, epochs, tau):
    """One process of a torchrun, by what torchrun tells its processes."""
    torch.set_num_threads(1)
    os.environ |= {"TORCHELASTIC_RUN_ID": "test", "RANK": str(rank), "WORLD_SIZE": str(number)}
    os.environ |= {"MASTER_ADDR": "localhost", "MASTER_PORT": str(port)}
    fit_synchronous(
        Curve(first=rank), TrainingPlan(out, epochs, device="cpu"), ElasticPlan("eamsgd", tau)
    )
