"""Settings: the numbers that a task needs beyond shapes, as its card keeps them.

Knows how they are written and read back; what they mean stands with each task.
"""

import abc

from catseye.runtime.system.json_document import JsonObject


class Settings(abc.ABC):
    """Immutable; a NamedTuple of each task's own beside it."""

    @abc.abstractmethod
    def as_json(self) -> JsonObject:
        """Plain JSON types, as `card.settings` has them."""


class NoSettings(Settings):
    """Of a task that needs none."""

    def as_json(self) -> JsonObject:
        return {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NoSettings)

    def __hash__(self) -> int:
        return 0
