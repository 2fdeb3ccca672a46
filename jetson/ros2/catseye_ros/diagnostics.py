"""What the node says of itself, as diagnostic_msgs/DiagnosticStatus. Knows levels and words; not
when they are sent."""

from typing import TYPE_CHECKING, Dict, NamedTuple, Optional, Tuple, Type

from catseye.runtime.control.state import BLIND
from catseye.runtime.control.state import OK as SURE
from catseye.runtime.engines.computed_by import About
from catseye.runtime.health.frame_quality import OK
from catseye.runtime.sinks import Facts
from catseye.runtime.sources.faults import Notice

if TYPE_CHECKING:
    from diagnostic_msgs.msg import DiagnosticStatus, KeyValue


class Kinds(NamedTuple):
    """The message classes that a status is made of."""

    status: "Type[DiagnosticStatus]"
    value: "Type[KeyValue]"


def status_of(
    kinds: Kinds,
    name: str,
    *,
    about: Optional[About],
    facts: Optional[Facts],
    notice: Optional[Notice],
) -> "DiagnosticStatus":
    """about: of Sink.begin, None before it.  facts: of the newest result, None before the first.
    notice: while there is no camera."""
    level, words = _level_and_message(kinds.status, facts, notice)
    values: Dict[str, object] = dict(about.as_json()) if about else {}
    values.update(_values(facts) if facts else {})
    if notice is not None or facts is None:
        values["state"] = BLIND
    return kinds.status(
        level=level,
        name=name,
        message=words,
        hardware_id=about.computed_by.device if about else "",
        values=[kinds.value(key=key, value=str(value)) for key, value in values.items()],
    )


def _level_and_message(
    status: "Type[DiagnosticStatus]", facts: Optional[Facts], notice: Optional[Notice]
) -> Tuple[bytes, str]:
    """(level, message): the worst that there is to say."""
    if notice is not None or facts is None:
        return status.ERROR, notice.words if notice else "no image yet"
    if facts.alarm:
        return status.ERROR, "results are late again and again"
    if facts.stale:
        return status.WARN, "stale: %.0f ms old" % facts.age_ms
    if facts.health is not None and facts.health.verdict != OK:
        return status.WARN, "camera: %s" % facts.health.verdict.replace("_", " ")
    if facts.state.word != SURE:
        return status.WARN, "%s: %s" % facts.state
    if facts.power.slowed_by:
        return status.WARN, "slowed down by " + ", ".join(facts.power.slowed_by)
    return status.OK, "ok"


def _values(facts: Facts) -> Dict[str, object]:
    """What is known of the run, by name; what the machine does not tell is left out."""
    values: Dict[str, object] = {
        "age_ms": "%.1f" % facts.age_ms,
        "skipped": facts.skipped_in_all,
        "stale": facts.stale,
        "state": facts.state.word,
        "health": facts.health.verdict if facts.health else OK,
    }
    values.update(
        ("age_%s_ms" % name, "%.1f" % age_ms) for name, age_ms in facts.ages.percentiles().items()
    )
    values.update(("%s_faults" % name, count) for name, count in facts.faults.items())
    power = {
        "watts": facts.power.watts,
        "celsius": facts.power.celsius,
        "power_mode": facts.power.mode,
    }
    values.update((name, value) for name, value in power.items() if value is not None)
    return values
