"""What goes in and out of a model: named arrays, and what is promised of them.

Knows names, shapes and types; neither files nor engines.
"""

from typing import Dict, NamedTuple, Tuple

import numpy as np

Arrays = Dict[str, np.ndarray]

MOST_AXES = 8
LARGEST_SIDE = 1 << 16
MOST_ELEMENTS = 1 << 28  # of one tensor; a 4K frame has 2.5e7
DTYPES = (
    "uint8",
    "int8",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "uint64",
    "int64",
    "float16",
    "float32",
    "float64",
    "bool",
)


class TensorSpec(NamedTuple):
    """One input or output: its name in the graph, its static shape, its NumPy dtype."""

    name: str
    shape: Tuple[int, ...]
    dtype: np.dtype

    @property
    def elements(self) -> int:
        """How many numbers it has; Python's integers do not overflow."""
        count = 1
        for side in self.shape:
            count *= side
        return count

    @property
    def nbytes(self) -> int:
        """How many bytes its numbers take."""
        return self.elements * self.dtype.itemsize


def described(spec: TensorSpec) -> str:
    """`mask uint8 (1, 360, 640)`: how a tensor is named in an error."""
    return "%s %s %s" % (spec.name, np.dtype(spec.dtype).name, tuple(spec.shape))
