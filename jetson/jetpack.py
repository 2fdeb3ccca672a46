"""Which board is this, which JetPack is on it, and what came with that JetPack: a table, and three
files to ask.

Knows /etc/nv_tegra_release and the device tree. Knows nothing of packages that somebody installed
later (doctor.py compares). Every function takes the root of the file system, so that a folder can
stand for a board.
"""

import re
from typing import NamedTuple, Optional, Tuple

from catseye.jetson.sysfs import text_at

RELEASE_FILE = "etc/nv_tegra_release"
MODEL_FILE = "proc/device-tree/model"
COMPATIBLE_FILE = "proc/device-tree/compatible"
RELEASE_LINE = re.compile(r"#\s*R(\d+)\s*\(release\),\s*REVISION:\s*(\d+)(?:\.(\d+))?")


class JetPack(NamedTuple):
    """One line of NVIDIA's releases.

    l4t: the first Jetson Linux that it came with.  opset: highest ONNX opset.  numpy: Ubuntu's
    python3-numpy of that release, against which JetPack's OpenCV and TensorRT were built.
    """

    name: str
    l4t: Tuple[int, int]
    boards: Tuple[str, ...]
    python: str
    cuda: str
    tensorrt: str
    opset: int
    numpy: str


class Board(NamedTuple):
    """family: a name of JetPack.boards, "" if unknown; l4t and jetpack: None where they cannot be
    told."""

    name: str
    family: str
    l4t: Optional[Tuple[int, int, int]]
    jetpack: Optional[JetPack]

    @property
    def l4t_text(self) -> str:
        """ "32.7.1", or "unknown"."""
        return ".".join(str(number) for number in self.l4t) if self.l4t else "unknown"


JETPACKS = (
    JetPack("4.6", (32, 6), ("TX1", "Nano", "TX2", "Xavier"), "3.6", "10.2", "8.2", 13, "1.13"),
    JetPack("5.1", (35, 2), ("Xavier", "Orin"), "3.8", "11.4", "8.5", 17, "1.17"),
    JetPack("6.0", (36, 3), ("Orin",), "3.10", "12.2", "8.6", 17, "1.21"),
    JetPack("6.1-6.2", (36, 4), ("Orin",), "3.10", "12.6", "10.3", 20, "1.21"),
    JetPack("7.0-7.1", (38, 2), ("Thor",), "3.12", "13.0", "10.13", 22, "1.26"),
    JetPack("7.2", (39, 2), ("Thor", "Orin"), "3.12", "13.2", "10.16", 24, "1.26"),
)

# the word in the board's name, else the chip in its device tree: a TX2 calls itself "quill", a
# Xavier "Jetson-AGX"
FAMILIES = (
    ("Thor", "tegra264"),
    ("Orin", "tegra234"),
    ("Xavier", "tegra194"),
    ("TX2", "tegra186"),
    ("Nano", ""),
    ("TX1", "tegra210"),
)


def read_board(root: str = "/") -> Optional[Board]:
    """The board whose file system is at `root`; None where that is not a Jetson."""
    name, compatible, l4t = (
        text_at(root, MODEL_FILE),
        text_at(root, COMPATIBLE_FILE),
        l4t_release(root),
    )
    if l4t is None and "nvidia,tegra" not in compatible and "jetson" not in name.lower():
        return None
    return Board(
        name or "unnamed Jetson", family_of(name, compatible), l4t, jetpack_of(l4t) if l4t else None
    )


def l4t_release(root: str = "/") -> Optional[Tuple[int, int, int]]:
    """Jetson Linux's release: "# R32 (release), REVISION: 7.1, ..." -> (32, 7, 1); None where there
    is no such line."""
    match = RELEASE_LINE.search(text_at(root, RELEASE_FILE))
    return (
        None
        if match is None
        else (int(match.group(1)), int(match.group(2)), int(match.group(3) or 0))
    )


def jetpack_of(l4t: Tuple[int, int, int]) -> Optional[JetPack]:
    """The JetPack of a Jetson Linux release; None for one that the table does not have."""
    fitting = [
        jetpack for jetpack in JETPACKS if jetpack.l4t[0] == l4t[0] and jetpack.l4t <= l4t[:2]
    ]
    return fitting[-1] if fitting else None


def newest_jetpack_for(family: str) -> Optional[JetPack]:
    """What to flash on a board of this family; None for a family that the table does not have."""
    fitting = [jetpack for jetpack in JETPACKS if family in jetpack.boards]
    return fitting[-1] if fitting else None


def family_of(name: str, compatible: str) -> str:
    """The family by the board's own name, else by its chip; "Orin Nano" is an Orin."""
    for family, _ in FAMILIES:
        if family.lower() in name.lower():
            return family
    return next((family for family, chip in FAMILIES if chip and chip in compatible), "")
