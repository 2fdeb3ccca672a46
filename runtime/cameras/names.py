"""`NAME=URI`: what a camera is called, in rows, recordings, file names and metrics.

Knows names; not what an address opens.
"""

import itertools
import os
import re
from typing import Dict, Sequence, Tuple

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.masking import masked

NAME = r"[A-Za-z][A-Za-z0-9_-]{0,31}"
EXPECTED = "a letter, then letters, digits, - and _, 32 at most"
MOST_CAMERAS = 16  # of one run


def addresses_by_name(texts: Sequence[str]) -> Dict[str, str]:
    """{name: address} in the order given. A lone camera may go without a name, ""; of several,
    those without one are camera1, camera2, ... by their place.

    Raises CatseyeError for a name that is none, or is there twice, and for too many cameras.
    """
    if len(texts) > MOST_CAMERAS:
        raise CatseyeError("%d cameras" % len(texts), "%d at most" % MOST_CAMERAS)
    pairs = [name_and_address(text) for text in texts]
    taken = [name for name, _ in pairs if name]
    for name in taken:
        if taken.count(name) > 1:
            raise CatseyeError("two cameras named %s" % name, "a name for each", "rename one")
    if len(pairs) == 1:
        return dict(pairs)
    named: Dict[str, str] = {}
    for place, (name, address) in enumerate(pairs, 1):
        own = name or _free_name(place, [*taken, *named])
        named[own] = address
    return named


def name_and_address(text: str) -> Tuple[str, str]:
    """Name, "" for none, and address of `NAME=URI` or `URI`; a file that is called so wins.

    Raises CatseyeError for a name that is none.
    """
    found = re.match(r"(?s)([^=/:?#*\[]*)=(.*)\Z", text)
    if found is None or os.path.exists(text):
        return "", text
    name, address = found.groups()
    checked_name(name)
    if not address:
        raise CatseyeError("--source %s" % masked(text), "an address behind it: NAME=URI")
    return name, address


def is_name(text: str) -> bool:
    """Whether a camera may be called so."""
    return re.match(NAME + r"\Z", text) is not None


def checked_name(name: str) -> str:
    """The name; raises CatseyeError where it is none."""
    if not is_name(name):
        raise CatseyeError(
            "a camera named %.40r" % name, EXPECTED, "for a path with a = in it: ./PATH"
        )
    return name


def _free_name(place: int, taken: Sequence[str]) -> str:
    names = ("camera%d" % number for number in itertools.count(place))
    return next(name for name in names if name not in taken)
