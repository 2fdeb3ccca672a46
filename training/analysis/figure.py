"""What the figures of all studies share: drawn without a screen, in one look, whole on disk or not
there."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import LogLocator, NullFormatter

from catseye.runtime.system.files import written_beside

matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402  # after the choice of what draws

PANEL_INCHES = 4.0
DECADES = 2.3  # of an axis that has room for three marks in each


@contextmanager
def figure(
    path: str | os.PathLike[str], columns: int = 1, rows: int = 1, height: float = 3.2
) -> Iterator[list[Axes]]:
    """Yield `rows * columns` axes, row by row; save them as a PNG when the block ends well.

    height: inches of one row.
    """
    with pyplot.rc_context(
        {
            "font.size": 9,
            "axes.grid": True,
            "grid.alpha": 0.3,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    ):
        drawn, axes = pyplot.subplots(
            rows,
            columns,
            figsize=(PANEL_INCHES * columns, height * rows),
            squeeze=False,
            layout="constrained",
        )
        try:
            yield list(axes.ravel())
            for axis in axes.ravel():
                _mark(axis.xaxis)
                _mark(axis.yaxis)
            with written_beside(os.fspath(path)) as temporary:
                # of itself it would take another format, or another name, by the path's end
                drawn.savefig(temporary, dpi=110, format="png")
        finally:
            pyplot.close(drawn)


def _mark(axis: Axis) -> None:
    """One style of marks on logarithmic axes: 1, 2, 5, 10, 20, ... where they have room, else
    powers of ten."""
    if axis.get_scale() != "log":
        return
    low, high = axis.get_view_interval()
    axis.set_minor_formatter(NullFormatter())
    if low > 0 and math.log10(high / low) < DECADES:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter("{x:g}")


def show_tiles(axis: Axes, tiles: np.ndarray, columns: int, title: str = "") -> None:
    """(N, H, W) grey or (N, H, W, 3) RGB pictures as a grid, each scaled to its own range."""
    own = tuple(range(1, tiles.ndim))
    low, high = tiles.min(own, keepdims=True), tiles.max(own, keepdims=True)
    scaled = (tiles - low) / np.maximum(high - low, 1e-12)
    rows = -(-len(tiles) // columns)
    blank = np.ones((rows * columns - len(tiles), *tiles.shape[1:]))
    framed = np.pad(
        np.concatenate([scaled, blank]),
        ((0, 0), (1, 0), (1, 0), *[(0, 0)] * (tiles.ndim - 3)),
        constant_values=1.0,
    )
    _, height, width, *colour = framed.shape
    sheet = framed.reshape(rows, columns, height, width, *colour).swapaxes(1, 2)
    sheet = sheet.reshape(rows * height, columns * width, *colour)
    axis.imshow(sheet, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axis.set_title(title)
    axis.set_axis_off()
