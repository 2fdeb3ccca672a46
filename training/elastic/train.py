"""What this process does in an elastic training: hold the center, be a worker, or step with all
others at once."""

import os

from catseye.models.meta import Meta
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.loopback import LOOPBACK
from catseye.training.devices import device_from_name
from catseye.training.elastic.center import Center, ElasticPlan
from catseye.training.elastic.exchange import Place, connected, served
from catseye.training.elastic.server import CenterServer
from catseye.training.elastic.worker import work
from catseye.training.journal import Journal
from catseye.training.plan import TrainingPlan
from catseye.training.processes import local_device
from catseye.training.recipes.recipe import Recipe
from catseye.training.torchrun import rank_in_environment


def hold_center(recipe: Recipe, plan: TrainingPlan, elastic: ElasticPlan, place: Place) -> Meta:
    """Serve the center until its run is over; the meta data of the best checkpoint in `plan.out`.

    Raises CatseyeError for an address that is not free and for a center that diverges.
    """
    center = Center(recipe, plan, elastic, device_from_name(local_device(plan.device)))
    line = served(place)
    center.save()  # from here on there is a run to resume
    with Journal(plan.out / "tensorboard", center.epoch) as journal:
        host = "HOST" if place.is_everywhere else place.host
        journal.line(f"the center listens; workers: --join {host}:{line.port}")
        CenterServer(center, line, journal).serve()
        journal.line(f"{center.bytes / 1e6:.1f} MB to and from the workers")
    return center.state.outcome()


def join_center(recipe: Recipe, address: str, token: str, device: str) -> int:
    """Work for the center at HOST:PORT until it says that it is over; how many gradients that
    were. Raises CatseyeError where no center answers, or one of another task."""
    return work(recipe, connected(address, token), device_from_name(local_device(device)))


def address_in_environment(place: Place) -> str | None:
    """Where the center of this torchrun is, for all its processes but the first, which holds it.

    Raises CatseyeError where another machine could not reach it.
    """
    if rank_in_environment() == 0:
        return None
    if place.host in LOOPBACK and os.environ["GROUP_RANK"] != "0":
        found = f"the center at {place.host} of another machine"
        raise CatseyeError(
            found, "one that can be reached", "add --listen 0.0.0.0 --token SECRET on all of them"
        )
    host = os.environ["MASTER_ADDR"] if place.is_everywhere else place.host
    return f"{host}:{place.port}"


def workers_in_environment() -> int:
    """How many processes of this torchrun are workers; 1 where none is, for there must come one."""
    return max(1, int(os.environ.get("WORLD_SIZE", "1")) - 1)
