"""Fixtures that several folders share. Data sets are never needed: what wants one skips where it is
missing."""

import contextlib
import functools
import gc
import logging
import os
import random
import socket
import sys
from pathlib import Path

import pytest

# the networks here are small, and threads that spin starve other tests
os.environ.setdefault("OMP_NUM_THREADS", "1")
# a container's Python is often told to keep nothing of what it compiles: then every process that a
# test starts would compile the package anew, a third of a short run
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
sys.path.append(str(Path(__file__).parent))  # curve, metas and quick_street, for several folders


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is imported and collected stays to the end: to look through it for garbage, every time
    that some is looked for, is a tenth of the collection and of many a test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_tests(tmp_path_factory):
    """A cache folder that no test shares with whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CATSEYE_CACHE", raising=False)
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def streets_drawn_once():
    """The synthetic camera's street is a pure function of its arguments, and takes a third of a
    second to lay out: the tests of a process share it."""
    from catseye.runtime.sources import synthetic

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synthetic, "Street", functools.lru_cache(8)(DrawnOnce))
        yield


class DrawnOnce:
    """A Street that keeps its last frames."""

    def __init__(self, *arguments):
        from catseye.runtime.street import Street

        street = Street(*arguments)
        self.size_wh, self._drawn = street.size_wh, functools.lru_cache(8)(street.render)

    def render(self, time_s):
        return tuple(array.copy() for array in self._drawn(time_s))


@pytest.fixture(autouse=True)
def as_loud_as_before():
    """A test that asks for quiet leaves the next one what it had."""
    log = logging.getLogger("catseye")
    level = log.level
    yield
    log.setLevel(level)


@pytest.fixture(scope="session")
def data_dir():
    """The folder that holds mnist/, camvid/ and bsds/, from CATSEYE_DATA or beside the checkout."""
    folder = Path(os.environ.get("CATSEYE_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(
            "no data sets: set CATSEYE_DATA to the folder that holds mnist/, camvid/ and bsds/"
        )
    return folder


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def other_port():
    return free_port()


def free_port():
    """A free TCP port, of those that the system does not give to connections going out (Linux: from
    32768 on)."""
    for number in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as trial, contextlib.suppress(OSError):
            trial.bind(("", number))
            return number
    pytest.fail("no free port")


@pytest.fixture(scope="session")
def small_checkpoint(tmp_path_factory):
    """A road checkpoint of a few thousand weights that answers with more than one class."""
    import torch
    from metas import meta_of

    from catseye.models.checkpoint import save_checkpoint
    from catseye.models.road import RoadConfig, RoadNet

    torch.manual_seed(5)
    network = RoadNet(
        RoadConfig(
            widths=(4, 8, 8, 8), at_quarter=(1,), at_eighth=(1,), at_sixteenth=(1, 2), decoder=4
        )
    )
    torch.nn.init.zeros_(network.classify.bias)  # no class wins everywhere by its bias
    folder = tmp_path_factory.mktemp("checkpoints") / "small"
    save_checkpoint(folder, network.eval(), meta_of("road", network, metrics={"miou": 0.1}))
    return folder


@pytest.fixture(scope="session")
def small_model(small_checkpoint, tmp_path_factory):
    """The model file of `small_checkpoint`, for frames of 70 x 50: no multiple of the network's
    stride."""
    from catseye.export.drafting import export_checkpoint
    from catseye.models.checkpoint import load_checkpoint

    path = tmp_path_factory.mktemp("models") / "small.onnx"
    export_checkpoint(load_checkpoint(small_checkpoint), str(path), "small", (70, 50))
    return path
