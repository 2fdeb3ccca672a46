"""A second, small model that says of each frame how far it is from those that are known. `run
--monitor` asks it.

Knows an engine and the autoencoder's task; not which model it watches over.
"""

from catseye.runtime.engines import Engine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.model_file.card import Card
from catseye.runtime.tasks.autoencoder import AutoencoderTask, Rebuild


class Monitor:
    """Its engine is opened, and closed, by the caller."""

    def __init__(self, card: Card, engine: Engine) -> None:
        """Raises CatseyeError where `card` is of another task."""
        if card.task != Rebuild.task:
            raise CatseyeError(
                "a model of task %r as the monitor" % card.task,
                "one of task %r" % Rebuild.task,
                "such as --monitor autoencoder",
            )
        self._task, self._engine = AutoencoderTask(card), engine

    def score(self, frame: Frame) -> float:
        """0-1; above 0.5 the frame is not like those that the card knows."""
        inputs, kept = self._task.prepare(frame)
        return self._task.parse(self._engine.infer(inputs), kept).score
