"""Makes the twins beside this file importable; pytest's importlib mode does not."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent))


@pytest.fixture
def rolling_street(monkeypatch):
    """`synthetic://road` that keeps its pace on the busiest machine: one picture of the street,
    rolled a column further each time."""
    from catseye.runtime.sources import synthetic

    picture = synthetic.Street(0, (160, 90)).render(0.0)[0]

    class RollingStreet:
        def __init__(self, seed, size_wh):
            assert size_wh == (160, 90)  # smaller ones are noisy

        def render(self, time_s):
            return np.roll(picture, int(round(time_s * 100)), axis=1), None

    monkeypatch.setattr(synthetic, "Street", RollingStreet)
