"""The simulation against real processes: a center and four workers over the wire, EAMSGD with the
loop's schedule."""

import multiprocessing
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.elastic.lab import CPU
from catseye.training.analysis.elastic.runs import WORKERS
from catseye.training.analysis.optimizers.scored_recipes import PlainDigits
from catseye.training.elastic.center import Center, ElasticPlan
from catseye.training.elastic.exchange import connected, served
from catseye.training.elastic.flat import FlatNetwork
from catseye.training.elastic.rules import Gradient
from catseye.training.elastic.server import CenterServer
from catseye.training.elastic.simulation import asynchronous, order_of_events
from catseye.training.elastic.worker import schedule, work, worker_batches
from catseye.training.journal import Journal
from catseye.training.plan import TrainingPlan

EPOCHS = 32  # of 50 batches: 400 gradients of each worker


@dataclass(frozen=True)
class ElasticErrors:
    """simulated, real: on val, one for each seed.  bytes: of the last real run."""

    tau: int
    simulated: list[float]
    real: list[float]
    bytes: int

    def as_json(self) -> JsonObject:
        return asdict(self)


def against_processes(data: str, tau: int, seeds: int) -> ElasticErrors:
    """EAMSGD with that period, by both."""
    plan = ElasticPlan("eamsgd", tau, workers=WORKERS)
    ends = [_real(data, seed, plan) for seed in range(seeds)]
    return ElasticErrors(
        tau=tau,
        simulated=[_simulated(data, seed, plan) for seed in range(seeds)],
        real=[error for error, _ in ends],
        bytes=ends[-1][1],
    )


def _real(data: str, seed: int, elastic: ElasticPlan) -> tuple[float, int]:
    """The error of a center that four processes have worked for, and the bytes they took for it."""
    with TemporaryDirectory() as folder:
        recipe, line = PlainDigits(data, seed), served()
        center = Center(recipe, TrainingPlan(Path(folder), EPOCHS, seed=seed), elastic, CPU)
        spawn = multiprocessing.get_context("spawn")
        workers = [
            spawn.Process(target=_help, args=(data, seed, line.port)) for _ in range(WORKERS)
        ]
        for worker in workers:
            worker.start()
        CenterServer(center, line, Journal(None, 0)).serve()
        for worker in workers:
            worker.join()
        return recipe.scores[-1]["val_error"], center.bytes


def _help(data: str, seed: int, port: int) -> None:
    torch.set_num_threads(1)
    work(PlainDigits(data, seed), connected(f"127.0.0.1:{port}"), CPU)


def _simulated(data: str, seed: int, elastic: ElasticPlan) -> float:
    recipe = PlainDigits(data, seed)
    flat = FlatNetwork(recipe, CPU)
    total, done = EPOCHS * recipe.steps_per_epoch(), count()

    def gradient_of(worker: int) -> Gradient:
        batches = worker_batches(recipe, worker, 0)
        # the rate falls, so this does
        return lambda x: schedule(next(done) / total) * flat.gradient(x, next(batches))

    gradients = [gradient_of(worker) for worker in range(WORKERS)]
    order = (
        event.worker for event in order_of_events(WORKERS, total // WORKERS, elastic.tau, 1.0, 0.0)
    )
    *_, end = asynchronous(
        elastic.made(), elastic.tau, flat.weights(), gradients, order, elastic.rate(recipe)
    )
    flat.set_weights(end.center)
    with torch.no_grad():
        recipe.evaluate(flat.network.eval(), CPU)
    return recipe.scores[-1]["val_error"]
