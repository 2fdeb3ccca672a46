import pytest
from camera_loop import BrightnessTask, FakeEngine

from catseye.runtime.cameras.feed import Feed
from catseye.runtime.control.alarms import conditions_from_texts
from catseye.runtime.control.rehearsal import check_names
from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources import open_source


def test_numbers_that_rows_will_not_have_are_refused_before_the_first_picture():
    engine = FakeEngine()
    with open_source("synthetic://road?frames=1") as source:
        feed = Feed(source, BrightnessTask(), "front")
        check_names(
            conditions_from_texts(["bright > 0.5 and age_ms < 3", "health.score > 1"]), feed, engine
        )
        with pytest.raises(
            CatseyeError, match="'brigth' in the rows of camera front;.*result.bright"
        ):
            check_names(conditions_from_texts(["brigth > 0.5"]), feed, engine)
        assert engine.calls == 2
        check_names([], feed, engine)
        assert engine.calls == 2  # nothing is asked where nobody wants to know
