"""What the imported OpenCV was built with, read from its own report: videoio lists plug-ins that
may not be there."""

import functools
import re


def build_has(library: str, report: str) -> bool:
    """Whether the report of cv2.getBuildInformation() says `  GStreamer:   YES (1.16.2)`."""
    return re.search(r"^\s*%s:\s+YES" % re.escape(library), report, re.MULTILINE) is not None


@functools.lru_cache(maxsize=None)
def opencv_has(library: str) -> bool:
    """`library`: FFMPEG or GStreamer, as the report spells them."""
    import cv2  # here, because the doctor reads reports where OpenCV may not even be imported

    return build_has(library, cv2.getBuildInformation())
