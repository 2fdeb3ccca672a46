"""The doctor's questions about OpenCV: which one is imported, what it can open, and which other one
it hides.

pip's OpenCV has no GStreamer and, installed on a board, hides JetPack's, which has it;
opencv-python and opencv-python-headless overwrite each other's files. Knows packages and OpenCV's
build report; no cameras, no models.
"""

import glob
import os
from typing import List, Optional, Sequence

from catseye.jetson.checks.check import Check, check_of, imported, numbers
from catseye.jetson.checks.complaints import fix_of
from catseye.jetson.jetpack import Board
from catseye.runtime.coding.gstreamer import decoder, encoders
from catseye.runtime.model_file.installing import to_install
from catseye.runtime.system.opencv_build import build_has, decodes_by_tag

OLDEST = (4, 1, 1)  # JetPack 4.6's
UNHIDE = "python3 -m pip uninstall opencv-python opencv-python-headless (JetPack's has it)"


def install_opencv(board: Optional[Board]) -> str:
    return to_install("opencv-python-headless", "python3-opencv", board is not None)


def opencv_checks(board: Optional[Board], folders: Sequence[str]) -> List[Check]:
    """All of them; `folders` is where Python looks for packages (sys.path)."""
    cv2, version = imported("cv2")
    if cv2 is None:
        fix = fix_of(version, install_opencv(board))
        return [Check("opencv", "fail", version, "a cv2 that fits this Python and NumPy", fix)]
    place = os.path.dirname(str(cv2.__file__))
    good = numbers(version) >= OLDEST
    report = cv2.getBuildInformation()
    return [
        check_of(
            "opencv", good, "%s in %s" % (version, place), "4.1.1 or later", install_opencv(board)
        ),
        gstreamer_check(report, board),
        ffmpeg_check(report, board),
        colours_check(version),
        coding_check(),
        packages_check(folders),
        shadow_check(folders),
    ]


def gstreamer_check(report: str, board: Optional[Board]) -> Check:
    """Only a board's camera needs it: elsewhere a no is all right."""
    found = build_answer(report, "GStreamer")
    return check_of(
        "gstreamer", found == "yes" or board is None, found, "yes, for csi:// cameras", UNHIDE
    )


def ffmpeg_check(report: str, board: Optional[Board]) -> Check:
    """Video files are read and written through it, where GStreamer does not."""
    found = build_answer(report, "FFMPEG")
    good = found == "yes" or build_answer(report, "GStreamer") == "yes"
    return check_of(
        "ffmpeg",
        good,
        found,
        "yes, for video files",
        install_opencv(board) + ", or read pictures from a folder",
    )


def colours_check(version: str) -> Check:
    """By which colours FFmpeg's pictures are decoded: nothing to fix, but to know."""
    found = "by the video's tag"
    if not decodes_by_tag(version):
        found = "as BT.601; videos tagged otherwise are brought to their own colours by catseye"
    return check_of("video-colours", True, found, "by the video's tag", "")


def coding_check() -> Check:
    """What decodes and encodes video: nothing to fix, but to know."""
    found = decoder()
    boards = encoders(hardware=True)
    found_words = "decoded by %s, encoded by %s" % (
        "the processor" if found is None else found.element,
        boards[0].element if boards else "the processor",
    )
    return check_of("video-coding", True, found_words, "the board's own where it has them", "")


def build_answer(report: str, library: str) -> str:
    """ "yes" or "no" from cv2.getBuildInformation()."""
    return "yes" if build_has(library, report) else "no"


def packages_check(folders: Sequence[str]) -> Check:
    """pip's OpenCV packages share the folder cv2: two of them are a mixture of both."""
    names = sorted({name for folder in folders for name in _pip_packages(folder)})
    found = ", ".join(names) or "none from pip"
    fix = "pip uninstall %s, then install one again" % " ".join(names)
    return check_of("opencv-packages", len(names) < 2, found, "one of them", fix)


def shadow_check(folders: Sequence[str]) -> Check:
    """The first cv2 on the path hides every later one."""
    places = _places_of_cv2(folders)
    found = " hides ".join(places) or "none on the path"
    return check_of(
        "opencv-shadow",
        len(places) < 2,
        found,
        "one cv2 on the path",
        "uninstall the first with its pip, if the second is the one you want",
    )


def _pip_packages(folder: str) -> List[str]:
    entries = [
        os.path.basename(path)
        for path in glob.glob(os.path.join(glob.escape(folder), "opencv_*-info"))
    ]
    return [entry.split("-")[0].replace("_", "-") for entry in entries]


def _places_of_cv2(folders: Sequence[str]) -> List[str]:
    """Folders with a cv2, each once, in the order in which Python looks."""
    places: List[str] = []
    for folder in folders:
        place = os.path.realpath(folder)
        pattern = os.path.join(glob.escape(place), "cv2*")
        names = [os.path.basename(path) for path in glob.glob(pattern)]
        if place not in places and any(name == "cv2" or name.endswith(".so") for name in names):
            places.append(place)
    return places
