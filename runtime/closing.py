"""What is closed at the end of its `with` block. Knows nothing of what is held."""

from types import TracebackType
from typing import Optional, Type, TypeVar

ClosingT = TypeVar("ClosingT", bound="Closing")


class Closing:
    """The part of engines, sources, sinks and the like that makes them a `with` block."""

    def close(self) -> None:
        """Give back what is held; a second call does nothing."""

    def __enter__(self: ClosingT) -> ClosingT:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()
