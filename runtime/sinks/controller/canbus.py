"""The `can://CHANNEL` sink: the state and the numbers of one camera as CAN frames, so many times a
second, through python-can. Knows the bus; what a frame holds, dbc.py does."""

import re
import time
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from catseye.runtime.control.watchdog import Statement
from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.sinks.controller.dbc import INSTALL, CanFrame, Database
from catseye.runtime.sinks.controller.paced import RATE, USUAL_RATE_HZ, PacedSink
from catseye.runtime.system.option_values import Options, filled, read_options

EXAMPLE = "can://can0?dbc=car.dbc&rate=20"
REOPEN_S = 1.0  # between attempts to get a bus back that failed
OPTIONS: Options = {
    "dbc": ("dbc", filled, "the path of a CAN database"),
    "rate": RATE,
    "interface": ("interface", filled, "one of python-can's, such as socketcan, pcan, virtual"),
    "camera": ("camera", filled, "the name of a camera"),
}


class CanAddress(NamedTuple):
    """dbc: None, the database that is shipped.  camera: None, the only one."""

    channel: str
    dbc: Optional[str] = None
    rate_hz: float = USUAL_RATE_HZ
    interface: str = "socketcan"
    camera: Optional[str] = None


class CanSink(PacedSink):
    """A bus that is full or down loses frames and is tried again; the run goes on."""

    def __init__(self, rest: str, cameras: Sequence[str]) -> None:
        """rest: what follows `can://`. Raises CatseyeError for an address, a camera or a database
        that does not fit, SinkError where there is no such bus."""
        self._address = address_from_text(rest)
        camera = _camera_of(self._address, cameras)
        self._database = Database(self._address.dbc)
        self._alarms: List[str] = []
        self._can = _library()
        self._bus: Any = self._opened()
        self._next_opening_s = 0.0
        super().__init__("can://" + rest, self._address.rate_hz, [camera])

    def _message(self, statement: Statement, sequence: int) -> List[CanFrame]:
        if statement.newest is not None:
            self._alarms = list(statement.newest.facts.alarm_counts)
        return self._database.frames(statement, sequence, self._alarms)

    def _send(self, message: List[CanFrame]) -> None:
        try:
            for frame in message:
                self._open_bus().send(self._frame(frame), timeout=0)
        except SinkError:
            raise
        except Exception as error:  # every driver has its own
            self._give_up_bus()
            raise SinkError(
                "can://%s takes no frame (%s)" % (self._address.channel, _words(error)),
                "a bus that is up and has room",
            ) from error

    def _release(self) -> None:
        self._give_up_bus()

    def _frame(self, frame: CanFrame) -> Any:
        return self._can.Message(
            arbitration_id=frame.identifier,
            is_extended_id=frame.is_extended,
            is_fd=frame.is_fd,
            data=frame.data,
        )

    def _open_bus(self) -> Any:
        if self._bus is None:
            if time.monotonic() < self._next_opening_s:
                raise SinkError("can://%s is down" % self._address.channel, "a bus that is up")
            self._next_opening_s = time.monotonic() + REOPEN_S
            self._bus = self._opened()
        return self._bus

    def _opened(self) -> Any:
        address = self._address
        # the name that it has before version 4
        old = int(self._can.__version__.split(".")[0]) < 4
        options: Dict[str, Any] = {"bustype" if old else "interface": address.interface}
        if self._database.is_fd:  # which a bus takes no frames of unless asked
            options["fd"] = True
        try:
            return self._can.Bus(channel=address.channel, **options)
        except Exception as error:  # every driver has its own
            raise SinkError(
                "no CAN bus %s by %s (%s)" % (address.channel, address.interface, _words(error)),
                "one that is up",
                "such as: ip link set can0 up type can bitrate 500000",
            ) from error

    def _give_up_bus(self) -> None:
        bus, self._bus = self._bus, None
        if bus is not None:
            try:
                bus.shutdown()
            except Exception:  # it is broken already
                pass


def address_from_text(rest: str) -> CanAddress:
    """`CHANNEL?dbc=FILE&rate=20`. Raises CatseyeError for what is none."""
    channel, _, options = rest.partition("?")
    if not re.match(r"[A-Za-z0-9_./:@-]{1,64}\Z", channel):
        raise CatseyeError("can://%s" % channel, "the name of a bus", "such as " + EXAMPLE)
    return CanAddress(channel, **read_options(options, OPTIONS, EXAMPLE))


def _camera_of(address: CanAddress, cameras: Sequence[str]) -> str:
    """The one that the bus is told of."""
    if address.camera is None and len(cameras) == 1:
        return cameras[0]
    if address.camera not in cameras:
        raise CatseyeError(
            "can://%s of camera %s" % (address.channel, address.camera or "it is not clear which"),
            "one of " + ", ".join(camera or "a lone one without a name" for camera in cameras),
            "such as %s&camera=front" % EXAMPLE,
        )
    return str(address.camera)


def _library() -> Any:
    try:
        import can
    except ImportError:
        raise CatseyeError("can:// without python-can", "the extra `can`", INSTALL) from None
    return can


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
