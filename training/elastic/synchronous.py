"""The synchronous form: all processes of one torchrun step together and pull at the center at once,
by an all-reduce.

Each is a worker and has a copy of the center; the first one evaluates and writes. As with
DistributedDataParallel, one that dies ends the run, to be resumed from the center.
"""

from dataclasses import replace
from itertools import count

import torch
from torch import Tensor, distributed

from catseye.models.meta import Meta
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.prefetch import Prefetched
from catseye.training.devices import device_from_name
from catseye.training.elastic.center import Center, ElasticPlan
from catseye.training.elastic.rules import Elastic, Worker
from catseye.training.elastic.worker import schedule, worker_batches
from catseye.training.journal import Journal
from catseye.training.loop import AHEAD
from catseye.training.plan import TrainingPlan
from catseye.training.processes import Processes, joined, local_device, seed_epoch
from catseye.training.recipes.recipe import Recipe


def fit_synchronous(recipe: Recipe, plan: TrainingPlan, elastic: ElasticPlan) -> Meta | None:
    """Train, keep the best checkpoint of the center in `plan.out`; its meta data in the first
    process, None in the others.

    Raises CatseyeError for DOWNPOUR, for a process alone and for a center that diverges.
    """
    if not isinstance(elastic.made(), Elastic):
        raise CatseyeError(
            f"{elastic.rule} in the synchronous form", "easgd or eamsgd", "leave out --synchronous"
        )
    device = device_from_name(local_device(plan.device))
    with joined(device) as processes:
        if processes.number == 1:
            raise CatseyeError(
                "one process alone", "several", "start them with torchrun --nproc-per-node"
            )
        first = processes.first
        elastic = elastic._replace(workers=processes.number)
        center = Center(recipe, replace(plan, resume=plan.resume and first), elastic, device)
        center.state.restore(processes.from_first(center.state.content()))
        with Journal(plan.out / "tensorboard" if first else None, center.epoch) as journal:
            _step_together(center, processes, journal)
        return center.state.best


def _step_together(center: Center, processes: Processes, journal: Journal) -> None:
    """Local steps of this process's worker until the center's run is over, which all notice at the
    same step."""
    recipe, elastic, flat, rule = center.recipe, center.elastic, center.flat, center.rule
    worker = Worker(center.x, torch.zeros_like(center.x))
    seed_epoch(center.plan.seed, center.epoch, processes.rank + 1)
    with Prefetched(
        worker_batches(recipe, processes.rank, center.epoch), AHEAD, "batches"
    ) as batches:
        for step in count():
            talk = (lambda x: _pulled_together(center, x)) if step % elastic.tau == 0 else None
            rate = elastic.rate(recipe) * schedule(center.summary().done)
            worker = rule.step(worker, lambda x: flat.gradient(x, next(batches)), rate, talk)
            center.count(processes.number, [flat.loss], journal if processes.first else None)
            if center.is_over():
                return


def _pulled_together(center: Center, x: Tensor) -> Tensor:
    """center' = center + alpha sum_i (x^i - center), its statistics too; the reply is the center
    before that."""
    before = torch.cat([center.x, center.statistics])
    pulls = torch.cat([x, center.flat.statistics()]) - before
    distributed.all_reduce(pulls)
    after = before + center.elastic.beta / center.elastic.workers * pulls
    reply, (center.x, center.statistics) = (
        center.x,
        after.split([len(center.x), len(center.statistics)]),
    )
    center.bytes += 2 * pulls.nbytes * center.elastic.workers  # to the reduction and back
    return reply
