"""What the imported OpenCV can do: built with what, by its own report, since videoio lists plug-ins
that may not be there; since which version; and which names it takes."""

import functools
import re
from typing import Type

from catseye.runtime.errors import CatseyeError

TAGS_HEEDED_FROM = (4, 13)


def build_has(library: str, report: str) -> bool:
    """Whether the report of cv2.getBuildInformation() says `  GStreamer:   YES (1.16.2)`."""
    return re.search(r"^\s*%s:\s+YES" % re.escape(library), report, re.MULTILINE) is not None


@functools.lru_cache(maxsize=None)
def opencv_has(library: str) -> bool:
    """`library`: FFMPEG or GStreamer, as the report spells them."""
    import cv2  # here, because the doctor reads reports where OpenCV may not even be imported

    return build_has(library, cv2.getBuildInformation())


@functools.lru_cache(maxsize=None)  # asked for every frame
def decodes_by_tag(version: str) -> bool:
    """Whether an OpenCV of this version heeds the colour matrix that a video's tag says: `4.12.0`
    takes all for BT.601 (tried: 4.5.5, 4.6, 4.8, 4.12 against 4.13, 4.14, 5.0)."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2]) >= TAGS_HEEDED_FROM


def check_opencv_takes(name: str, kind: Type[CatseyeError]) -> None:
    """Raise `kind` for a file name or an address that is not UTF-8: no OpenCV survives one."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise kind(
            "%r is not UTF-8" % name,
            "a name that OpenCV takes",
            "rename it, or percent-encode the address",
        ) from None
