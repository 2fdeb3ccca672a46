from camera_loop import frame_of, report_for, result_for

from catseye.runtime.control.alarms import conditions_from_texts
from catseye.runtime.control.judge import Judge
from catseye.runtime.control.state import State
from catseye.runtime.health.frame_quality import Health


def judged(judge, frame, failing=(), **facts):
    result = result_for(frame)
    return judge.judged(frame, result, report_for(frame, result, **facts), failing).facts


def test_trust_alarms_and_their_counts_are_told_with_the_facts():
    judge = Judge(conditions_from_texts(["light=bright > 0.5", "old=age_ms > 100"]), "front")
    facts = judged(judge, frame_of(200), age_ms=3.0, since_ns=10**9)
    assert (facts.trust, facts.alarms) == (State("ok"), ("light",))
    assert facts.alarm_counts == {"light": 1, "old": 0} and facts.state.word == "ok"
    facts = judged(
        judge, frame_of(20), age_ms=3000.0, since_ns=3 * 10**9, health=Health("dark", 1.0, {})
    )
    assert (facts.trust, facts.alarms) == (State("unsure", "dark"), ("old",))
    assert facts.state.word == "stale" and facts.alarm_counts == {"light": 1, "old": 1}
    assert judged(judge, frame_of(), ("can://can0",)).trust.why == "can://can0 fails"


def test_time_is_the_films_or_the_recordings_where_there_is_one():
    """A film that is read a hundred times as fast clears its alarms by its own second."""
    for times in ("media_time_ns", "timestamp_ns"):
        judge, seen = Judge(conditions_from_texts(["dim=bright < 0.5"])), []
        for at_s, value in ((0, 20), (0.5, 200), (1.5, 200)):
            frame = frame_of(value)._replace(replayed=True, **{times: int(at_s * 1e9)})
            seen.append(judged(judge, frame).alarms)
        assert seen == [("dim",), ("dim",), ()]


def test_without_conditions_nothing_is_raised():
    facts = judged(Judge(()), frame_of())
    assert facts.alarms == () and facts.alarm_counts == {}
