"""Files broken by seed: each is one line, or answered as the whole file is.
benchmarks/mutations.py tries ten thousand."""

from collections.abc import Iterator
from random import Random

import pytest
from damage import breaking, hearing
from damage.campaign import Campaign, Case, seeds, table_of
from damage.hearing import BOUND, Heard, Judge, Outcome
from damage.kinds import KINDS

from catseye.runtime.model_file.load import load_model

TRIES, SEED = 250, 1


@pytest.fixture(scope="module")
def campaign() -> Iterator[Campaign]:
    with Campaign() as running:
        yield running


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_broken_is_one_line_or_answered_as_before(kind: str, campaign: Campaign) -> None:
    tries = TRIES * KINDS[kind].share // 1000
    cases = [campaign.case(kind, seed) for seed in seeds(SEED, tries)]
    assert [(case.seed, *case.outcome) for case in cases if case.bad] == []


def test_what_ends_the_process_is_a_crash_and_the_next_case_is_asked_all_the_same() -> None:
    with Campaign() as running:
        cases = [running.case(kind, 1) for kind in ("engine bits", "death", "engine bits")]
    assert [case.outcome.what for case in cases] == ["refused", "crash", "refused"]
    assert "exit -11" in cases[1].outcome.detail


@pytest.mark.parametrize(
    ("heard", "what"),
    (
        (Heard(2, None, "catseye: a line\n", 0), "refused"),
        (Heard(1, None, "a table\n", 0), "refused"),
        (Heard(0, "answer", "", 0), "unchanged"),
        (Heard(0, "other", "", 0), "OTHER ANSWER"),
        (Heard(None, None, "Traceback (most recent call last):\nKeyError: 1\n", 0), "traceback"),
        (Heard(2, None, "", 0), "not one line"),
        (Heard(2, None, "libpng error: bad\ncatseye: a line\n", 0), "not one line"),
        (Heard(2, None, "catseye: no (Unable to allocate 9 GiB)\n", 0), "memory"),
        (Heard(2, None, "catseye: a line\n", 11 + BOUND), "memory"),
        (Heard(2, None, "catseye: a line\n", 9 + BOUND), "refused"),
    ),
)
def test_what_is_heard_is_judged(heard: Heard, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"broken": heard, "whole": Heard(0, "answer", "", 10)}
    monkeypatch.setattr(hearing, "hear", lambda call: answers[call()])
    outcome = Judge().judged("the file", lambda: "broken", "key", lambda: "whole")  # type: ignore
    assert outcome.what == what and outcome.detail.startswith("the file")


def test_a_seed_makes_the_same_case_again() -> None:
    document = {"a": [1, {"b": "c"}], "d": 0.5}
    for seed in range(50):
        one, other = (breaking.broken_json(document, Random(seed)) for _ in range(2))
        assert one == other
    assert len({breaking.broken_json(document, Random(seed))[0] for seed in range(50)}) > 25
    assert set(seeds(1, 1000)).isdisjoint(seeds(2, 1000))


def test_a_model_file_put_together_again_is_the_same_file() -> None:
    data = load_model("digits").data
    assert breaking.model_with(data) == data


def test_the_table_counts() -> None:
    cases = [Case("a", 1, Outcome("refused", "")), Case("b", 2, Outcome("crash", ""))]
    assert table_of(cases).splitlines()[-1] == "| all | 2 | 1 | 0 | 0 | 0 | 0 | 0 | 1 |"
