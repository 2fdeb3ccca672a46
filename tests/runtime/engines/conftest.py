"""Fixtures of the engine tests: the tiny model, and a machine with a GPU that is not there."""
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # the helpers beside this file; importlib mode does not add it


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "tensorrt: needs TensorRT and an NVIDIA GPU")
