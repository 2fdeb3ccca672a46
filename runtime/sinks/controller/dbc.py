"""Our signals in a CAN database (DBC): what a statement of a camera is as frames of a bus.

Knows cantools and docs/control.md's table of signals; not the bus. What is not known goes out as
the raw value that no number has: all ones of an unsigned signal, the lowest of a signed one.
"""

import pkgutil
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from catseye.runtime.control.numbers import Number
from catseye.runtime.control.state import STATES
from catseye.runtime.control.watchdog import Statement
from catseye.runtime.errors import CatseyeError

OURS = "catseye.dbc"
MOST_BYTES = 1 << 22
# signal -> the number of a result, and its unit
NUMBERS = {
    "FreeDistance": ("free_m", "m"),
    "Width": ("width_m", "m"),
    "Curvature": ("curvature_per_m", "1/m"),
    "SteeringHint": ("steering_rad", "rad"),
}
NEEDED = (*NUMBERS, "State", "Age", "Counter", "Checksum")
ALARMS = "Alarms"  # which a database may be without
COUNTED = ("State", "Age", "Counter", "Checksum", ALARMS)  # from 0 on
INSTALL = 'pip install "catseye[can]"'
SHORT_BYTES = 8  # of a frame that is not FD
CRC_POLYNOMIAL, CRC_BEGIN = 0x1D, 0xFF  # CRC-8 SAE J1850


class CanFrame(NamedTuple):
    """What goes over the bus."""

    identifier: int
    is_extended: bool
    is_fd: bool
    data: bytes


class Database:
    """The messages that hold signals of ours; of all others in them each is its initial value, or
    0."""

    def __init__(self, path: Optional[str]) -> None:
        """path: None, the one that is shipped. Raises CatseyeError for a file that is no DBC, or
        whose signals cannot hold what we say."""
        name = path or OURS
        self._messages = [
            message
            for message in _loaded(path).messages
            if any(signal.name in (*NEEDED, ALARMS) for signal in message.signals)
        ]
        known = {signal.name for message in self._messages for signal in message.signals}
        missing = [signal for signal in NEEDED if signal not in known]
        if missing:
            raise CatseyeError(
                "%s has no signal %s" % (name, ", ".join(missing)),
                "signals called " + ", ".join(NEEDED),
                "take %s, which is shipped, for a model" % OURS,
            )
        for message in self._messages:
            _check(message, name)

    @property
    def is_fd(self) -> bool:
        """Whether any of its messages is longer than a classical frame."""
        return any(message.length > SHORT_BYTES for message in self._messages)

    def frames(self, statement: Statement, sequence: int, alarms: Sequence[str]) -> List[CanFrame]:
        """alarms: the names of all that there are, the first one bit 0."""
        values = _values(statement, alarms)
        return [_frame(message, values, sequence) for message in self._messages]


def checksum(identifier: int, data: bytes) -> int:
    """CRC-8 SAE J1850 over the identifier's two low bytes, the low one first, and the data.

    >>> hex(checksum(0x3231, b"3456789"))  # the catalogue's "123456789"
    '0x4b'
    """
    crc = CRC_BEGIN
    for byte in bytes((identifier & 0xFF, identifier >> 8 & 0xFF)) + data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ CRC_POLYNOMIAL) & 0xFF if crc & 0x80 else crc << 1
    return crc ^ 0xFF


def _loaded(path: Optional[str]) -> Any:
    try:
        import cantools
    except ImportError:
        raise CatseyeError("can:// without cantools", "the extra `can`", INSTALL) from None
    try:
        if path is None:
            data = pkgutil.get_data("catseye.runtime.sinks.controller", OURS) or b""
        else:
            with open(path, "rb") as stream:
                data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise CatseyeError("cannot read %s: %s" % (path, error.strerror), "a DBC file") from error
    if len(data) > MOST_BYTES:
        raise CatseyeError("%s has more than %d bytes" % (path, MOST_BYTES), "a DBC file")
    try:
        return cantools.database.load_string(data.decode("cp1252", "replace"), "dbc")
    except Exception as error:  # its parser's errors share no base class with its others
        words = " ".join(str(error).split())[:200]
        raise CatseyeError("%s is no DBC (%s)" % (path, words), "a CAN database") from error


def _check(message: Any, name: str) -> None:
    """Raise CatseyeError where a message cannot hold our signals."""
    if message.is_multiplexed():
        raise CatseyeError("%s of %s is multiplexed" % (message.name, name), "plain messages")
    for signal in message.signals:
        where = "%s of %s" % (signal.name, name)
        if signal.name in (*NEEDED, ALARMS):
            _check_kind(signal, where)
        if signal.name in NUMBERS:
            _check_number(signal, where)
        elif signal.name == "State":
            _check_state(signal, where)
        elif signal.name == "Age" and signal.unit not in (None, "", "ms"):
            raise CatseyeError("%s in %s" % (where, signal.unit), "ms")
        elif signal.name == "Checksum" and signal.length != 8:
            raise CatseyeError("%s has %d bits" % (where, signal.length), "8")


def _check_kind(signal: Any, where: str) -> None:
    """Of one of ours, whether it holds what it is for at all."""
    if signal.is_float:
        raise CatseyeError("%s is a float" % where, "whole numbers with a factor")
    if signal.scale == 0:
        raise CatseyeError("%s has the factor 0" % where, "another")
    if signal.name in COUNTED and signal.is_signed:
        raise CatseyeError("%s is signed" % where, "unsigned, such as 0|8@1+")
    if signal.name in COUNTED and signal.name != "Age" and (signal.scale, signal.offset) != (1, 0):
        raise CatseyeError("%s has a factor or an offset" % where, "(1,0)")
    if signal.name == "Age" and signal.scale < 0:
        raise CatseyeError("%s has a factor below 0" % where, "such as (2,0)")


def _check_state(signal: Any, where: str) -> None:
    raw = _states_of(signal)
    if set(raw) != set(STATES):
        raise CatseyeError(
            "%s has not the values %s" % (where, ", ".join(STATES)), "them in its VAL_ table"
        )
    if not 0 <= min(raw.values()) <= max(raw.values()) < 1 << signal.length:
        raise CatseyeError(
            "%s has %d bits, and values to %d" % (where, signal.length, max(raw.values())),
            "bits enough for them",
        )


def _check_number(signal: Any, where: str) -> None:
    unit = NUMBERS[signal.name][1]
    if signal.unit not in (None, "", unit):
        raise CatseyeError("%s in %s" % (where, signal.unit), unit)
    if signal.minimum is None or signal.maximum is None:
        raise CatseyeError("%s has no range" % where, "[minimum|maximum]")
    lowest, highest = sorted(_raw_of(signal, limit) for limit in (signal.minimum, signal.maximum))
    if lowest <= _not_known(signal) <= highest:
        raise CatseyeError(
            "the range of %s takes the raw value %d" % (where, _not_known(signal)),
            "one that leaves it for what is not known",
        )


def _values(statement: Statement, alarms: Sequence[str]) -> Dict[str, Number]:
    """By signal, in its unit; None: not known."""
    newest = statement.newest
    found = newest.found if newest is not None and statement.is_usable else {}
    values: Dict[str, Number] = {}
    for signal, (name, _) in NUMBERS.items():
        number = found.get(name)
        is_number = isinstance(number, (int, float)) and number == number
        values[signal] = float(number) if is_number else None  # type: ignore[arg-type]
    raised = newest.facts.alarms if newest is not None else ()
    values["Age"] = statement.age_ms
    values[ALARMS] = float(sum(1 << place for place, each in enumerate(alarms) if each in raised))
    values["State"] = float(STATES.index(statement.state.word))
    return values


def _frame(message: Any, values: Dict[str, Number], sequence: int) -> CanFrame:
    raw = {}
    for signal in message.signals:
        if signal.name == "Counter":
            raw[signal.name] = sequence % (1 << signal.length)
        elif signal.name == "State":
            raw[signal.name] = _states_of(signal)[STATES[int(values["State"] or 0)]]
        elif signal.name == ALARMS:
            raw[signal.name] = int(values[ALARMS] or 0) & ((1 << signal.length) - 1)
        elif signal.name in values:
            raw[signal.name] = _raw_within(signal, values[signal.name])
        else:
            raw[signal.name] = 0 if signal.name == "Checksum" else _initial(signal)
    data = _encoded(message, raw)
    if "Checksum" in raw:
        data = _encoded(message, dict(raw, Checksum=checksum(message.frame_id, data)))
    is_fd = message.length > SHORT_BYTES
    return CanFrame(message.frame_id, message.is_extended_frame, is_fd, data)


def _encoded(message: Any, raw: Dict[str, Any]) -> bytes:
    return bytes(message.encode(raw, scaling=False, strict=False))


def _raw_within(signal: Any, value: Number) -> int:
    """The raw value of a number, brought into the signal's range."""
    if value is None:
        return _not_known(signal)
    if signal.name == "Age":
        return int(min(max(0, _raw_of(signal, value)), _not_known(signal)))
    lowest, highest = sorted(_raw_of(signal, limit) for limit in (signal.minimum, signal.maximum))
    return int(min(max(lowest, _raw_of(signal, min(max(value, -1e9), 1e9))), highest))


def _raw_of(signal: Any, value: float) -> int:
    return int(round((float(value) - float(signal.offset)) / float(signal.scale)))


def _not_known(signal: Any) -> int:
    return int(-(1 << signal.length - 1) if signal.is_signed else (1 << signal.length) - 1)


def _states_of(signal: Any) -> Dict[str, int]:
    """The raw value of each of our states that its VAL_ table names."""
    words = {str(word).lower(): int(raw) for raw, word in (signal.choices or {}).items()}
    return {word: words[word] for word in STATES if word in words}


def _initial(signal: Any) -> Any:
    """The raw value that a signal of others begins with."""
    return getattr(signal, "raw_initial", None) or 0
