"""What the benchmark of several cameras calls fair."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def cameras():
    path = Path(__file__).parents[2] / "benchmarks" / "cameras.py"
    spec = importlib.util.spec_from_file_location("benchmark_cameras", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmark_cameras"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["benchmark_cameras"]


@pytest.mark.parametrize(
    "offered, capacity, fair",
    (
        ((60, 60, 2, 0), 30, (14, 14, 2, 0)),
        ((10, 10), 30, (10, 10)),
        ((40, 10, 30), 45, (17.5, 10, 17.5)),
        ((5,), 3, (3,)),
    ),
)
def test_a_fair_share_is_what_is_offered_or_an_equal_part_of_the_rest(
    cameras, offered, capacity, fair
):
    found = cameras.fair_shares(dict(enumerate(offered)), capacity)
    assert tuple(found[at] for at in range(len(offered))) == fair


def test_memory_of_a_process_that_is_gone_is_none(cameras):
    assert cameras.memory_mb(1 << 22) == (0.0, 0.0)
    assert 1 < cameras.memory_mb(os.getpid())[1] < 10**5
