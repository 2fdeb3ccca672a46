"""What the machine takes just now, as sinks show it. Knows units; jetson/power/power_log.py
measures."""

from typing import NamedTuple, Optional, Tuple

from catseye.runtime.system.json_document import JsonObject


class PowerReading(NamedTuple):
    """One moment; None and () for what the machine does not tell.

    watts: of the module.  celsius: of the hottest zone.  slowed_by: cooling devices that cost speed
    now.  mode: the power mode, as nvpmodel calls it.
    """

    watts: Optional[float] = None
    celsius: Optional[float] = None
    slowed_by: Tuple[str, ...] = ()
    mode: Optional[str] = None

    def as_json(self) -> JsonObject:
        return dict(self._asdict(), slowed_by=list(self.slowed_by))
