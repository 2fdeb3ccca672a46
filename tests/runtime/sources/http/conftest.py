"""Makes the twin beside this file importable; pytest's importlib mode does not."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from camera_server import CameraServer  # noqa: E402 (after the path)


@pytest.fixture
def server():
    with CameraServer() as server:
        yield server
