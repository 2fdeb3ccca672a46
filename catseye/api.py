"""The library's front door: `catseye.run`. Knows how source, engine and task go together; the loop
is the caller's."""

from typing import Iterator, Optional, Tuple

from catseye.opening import open_model
from catseye.runtime.frame import Frame
from catseye.runtime.pipeline import result_of
from catseye.runtime.sources import open_source
from catseye.runtime.tasks import Result, open_task
from catseye.runtime.timing import StageTimers


def results(
    model: str,
    source: str,
    backend: str,
    provider: str,
    threads: int,
    timers: Optional[StageTimers],
) -> Iterator[Tuple[Frame, Result]]:
    """What `catseye.run` documents; source and engine are open from the first frame to the last."""
    with open_source(source) as frames:
        opened = open_model(model, backend, provider, threads=threads)
        with opened.engine as engine:
            task, measured = open_task(opened.card), timers or StageTimers()
            for frame in frames:
                yield frame, result_of(frame, task, engine, measured)
