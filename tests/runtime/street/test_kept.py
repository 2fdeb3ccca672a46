"""Streets that were drawn are found again, bit for bit, unless something is wrong with the file."""

import numpy as np
import pytest

from catseye.runtime.street import kept
from catseye.runtime.street.kept import Moment, kept_street

MOMENT = Moment(3, (64, 48), True, 2.0)


@pytest.fixture(autouse=True)
def drawn(tmp_path, monkeypatch):
    """The seeds that were drawn, by a street that takes no time."""
    monkeypatch.setenv("CATSEYE_CACHE", str(tmp_path / "cache"))
    seeds = []

    class Street:
        def __init__(self, seed, size_wh, kerbs):
            self.seed, self.shape = seed, (size_wh[1], size_wh[0])

        def render(self, time_s):
            seeds.append(self.seed)
            random = np.random.RandomState(self.seed)
            image = random.randint(0, 256, (*self.shape, 3)).astype(np.uint8)
            return image, random.randint(0, 11, self.shape).astype(np.uint8)

    monkeypatch.setattr(kept, "Street", Street)
    return seeds


def files(tmp_path):
    return sorted((tmp_path / "cache" / "streets").glob("*.street"))


def test_a_street_is_drawn_once(drawn):
    first, again = kept_street(MOMENT), kept_street(MOMENT)
    assert drawn == [3]
    for one, other in zip(first, again):
        assert np.array_equal(one, other) and one.dtype == other.dtype and other.flags.writeable


@pytest.mark.parametrize(
    "other",
    [
        MOMENT._replace(seed=4),
        MOMENT._replace(size_wh=(48, 64)),
        MOMENT._replace(kerbs=False),
        MOMENT._replace(time_s=3.0),
    ],
)
def test_another_moment_is_another_street(other, drawn):
    kept_street(MOMENT)
    kept_street(other)
    assert len(drawn) == 2


def test_other_code_draws_anew(drawn, monkeypatch):
    kept_street(MOMENT)
    monkeypatch.setattr(kept, "_digest_of_code", lambda: "other")
    kept_street(MOMENT)
    assert len(drawn) == 2


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-9], lambda b: b[:99] + b"?" + b[100:], lambda b: b""]
)
def test_a_damaged_file_is_drawn_again(damage, drawn, tmp_path):
    first = kept_street(MOMENT)
    [path] = files(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    assert np.array_equal(kept_street(MOMENT)[0], first[0])
    assert np.array_equal(kept_street(MOMENT)[1], first[1])
    assert drawn == [3, 3]


def test_no_more_than_so_many_are_kept(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    for seed in range(5):
        kept_street(MOMENT._replace(seed=seed))
    assert len(files(tmp_path)) == 3


def test_a_folder_that_cannot_be_made_costs_the_drawing(drawn, tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CATSEYE_CACHE", str(tmp_path / "file"))
    kept_street(MOMENT)
    kept_street(MOMENT)
    assert drawn == [3, 3] and not caplog.records
