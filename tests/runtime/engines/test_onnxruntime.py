"""What onnxruntime does to the process and the machine around it, seen in a process of its own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import onnx
import onnxruntime
import pytest
from cards import bare_model
from tiny_model import FRAME, tiny_onnx

from catseye.export.precision.activations import activations
from catseye.export.precision.onnx_graph import answers, demand_loads
from catseye.runtime.engines import open_engine
from catseye.runtime.engines.overflow import overflowing_nodes

PACKAGE = Path(__file__).parents[3]
CODE = ("runtime", "jetson", "export", "training", "models", "catseye/commands")
PROBE = """
import os, sys
import numpy as np
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
sys.path[:0] = %r
from cards import bare_model
from tiny_model import FRAME, tiny_onnx
from catseye.runtime.engines import open_engine
before = set(os.listdir("/proc/self/task"))
with open_engine(bare_model(tiny_onnx()), "onnxruntime", threads=2) as engine:
    engine.infer({"frame": FRAME})
    workers = [int(task) for task in set(os.listdir("/proc/self/task")) - before]
    ours = os.sched_getaffinity(0)
    assert workers and all(os.sched_getaffinity(each) == ours for each in workers)
assert np.float32(1e-40) * np.float32(0.5) > 0
"""


@pytest.fixture
def threads_of(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of threads that each session is opened with, as they are opened."""
    asked, session = [], onnxruntime.InferenceSession

    def opened(graph: bytes, options: Any, **more: Any) -> Any:
        asked.append(options.intra_op_num_threads)
        return session(graph, options, **more)

    monkeypatch.setattr(onnxruntime, "InferenceSession", opened)
    return asked


def test_threads_are_always_a_number(threads_of: list[int]) -> None:
    """With 0 it pins its workers to cores, those outside `taskset` too."""
    file, graph = bare_model(tiny_onnx()), onnx.load_from_string(tiny_onnx())
    frames = [{"frame": FRAME}]
    with open_engine(file, "onnxruntime"):
        pass
    answers(graph, frames)
    list(activations(graph, frames))
    demand_loads(graph)
    overflowing_nodes(file, frames)
    assert len(threads_of) == 5 and min(threads_of) > 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_workers_stay_within_taskset_and_small_numbers_stay_numbers() -> None:
    """Denormals as zero would be asked of a process's first session only, and change NumPy too."""
    folders = [str(PACKAGE / "tests"), str(PACKAGE)]
    answer = subprocess.run([sys.executable, "-c", PROBE % folders], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr


def test_nobody_opens_a_session_but_the_engine_and_nobody_asks_for_denormals_as_zero() -> None:
    texts = {
        path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8")
        for folder in CODE
        for path in (PACKAGE / folder).rglob("*.py")
    }
    assert len(texts) > 200
    opening = [name for name, text in texts.items() if "InferenceSession(" in text]
    assert opening == ["runtime/engines/onnxruntime.py"]
    assert not [name for name, text in texts.items() if "denormal_as_zero" in text]
