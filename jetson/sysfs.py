"""Small files of the kernel, read below a root folder, so that a folder can stand for a board.

Knows how to read text and numbers without raising; not what any file means.
"""

import glob
import os
from typing import List, Optional


def text_at(root: str, path: str) -> str:
    """The text of `path` below `root`, the device tree's zero bytes as spaces; "" where it cannot
    be read."""
    try:
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as stream:
            return stream.read().replace("\0", " ").strip()
    except OSError:
        return ""


def number_at(root: str, path: str) -> Optional[int]:
    """A file that holds one whole number; None where it cannot be read or holds something else."""
    try:
        return int(text_at(root, path))
    except ValueError:
        return None


def paths_like(root: str, pattern: str) -> List[str]:
    """What matches a glob below `root`, relative to it, sorted; follows absolute links of sysfs
    only inside `root`."""
    return sorted(
        os.path.relpath(path, root) for path in glob.glob(os.path.join(glob.escape(root), pattern))
    )
