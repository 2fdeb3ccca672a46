"""Feed: one camera of a run, as the loop takes it. What is a camera's own, and not the engine's or
the run's, stands here."""

from typing import NamedTuple

from catseye.runtime.sources import Source
from catseye.runtime.tasks import AnyTask


class Feed(NamedTuple):
    """source: open.  task: this camera's own, since it may remember frames.  name: "" for a lone
    camera without one."""

    source: Source
    task: AnyTask
    name: str = ""
