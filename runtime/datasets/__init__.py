"""Data sets, read with NumPy and OpenCV only: one reader for training, evaluation and the board.

Each module knows one official layout (see its docstring) and hands out plain arrays; none knows
networks or tensors. `--data DIR` names the folder that holds `mnist/`, `camvid/` and `bsds/`, or is
a road data set itself (`road.py` tells which); `demo` is data that needs no download.
"""

import os
from typing import Optional

from catseye.runtime.errors import CatseyeError

DEMO = "demo"


def data_folder(data: Optional[str]) -> str:
    """The folder named by `--data`, else by CATSEYE_DATA; "demo" passes through.

    Raises CatseyeError where neither names a folder.
    """
    data = data or os.environ.get("CATSEYE_DATA", "")
    if not data:
        raise CatseyeError(
            "no data folder given", "--data DIR or CATSEYE_DATA", "--data demo needs no download"
        )
    if data != DEMO and os.path.isfile(data):
        raise CatseyeError("%s is a file" % data, "the folder of a data set", "see docs/data.md")
    if data != DEMO and not os.path.isdir(data):
        raise CatseyeError(
            "no folder %r" % data,
            "one that holds mnist/, camvid/ or bsds/",
            "--data demo needs none",
        )
    return data


def subfolder(data: str, name: str) -> str:
    """`data`/`name`; raises CatseyeError where there is no such folder."""
    if data == DEMO:
        raise CatseyeError(
            "--data demo has nothing for this task", "a folder of yours", "see docs/data.md"
        )
    path = os.path.join(data, name)
    if not os.path.isdir(path):
        raise CatseyeError(
            "no %s/ in %s" % (name, data),
            "the official layout",
            "see docs/data.md, or use --data demo",
        )
    return path


def data_set_name(data: str, name: str) -> str:
    """`name` where `data` holds a folder of that name, DEMO for the embedded data, else ""."""
    if data == DEMO:
        return DEMO
    return name if os.path.isdir(os.path.join(data, name)) else ""
