"""What must be there after a writer was killed: each answer is a list of what is not."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
from writers import FPS, LIMIT_KB

from catseye.models.checkpoint import load_checkpoint
from catseye.models.tensor_file import read_tensors
from catseye.packed_main import damage_of
from catseye.runtime.engines.tensorrt.engine_file import read_engine
from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.model_file.load import load_model
from catseye.runtime.recording.log import LogReader


def after_a_kill(kind: str, folder: Path, begun: bool) -> list[str]:
    """What is wrong with a file that is replaced again and again. begun: it was there before."""
    check = EACH_TIME.get(kind)
    if check is None:
        return []
    try:
        return check(folder) if begun else []
    except (CatseyeError, OSError) as error:
        return [str(error)]


def in_the_end(kind: str, folder: Path, kept: "list[int]") -> list[str]:
    """What is missing of what grew. kept: results that each run said it kept."""
    check = IN_THE_END.get(kind)
    return check(folder, kept) if check else after_a_kill(kind, folder, True)


def _export(folder: Path) -> list[str]:
    load_model(str(folder / "digits.onnx"))
    return []


def _checkpoint(folder: Path) -> list[str]:
    meta = load_checkpoint(folder).meta
    copy = folder / "meta.json"
    if (folder / "progress.pt").exists():
        read_tensors(folder / "progress.pt")
    wrong = copy.exists() and copy.read_text() != meta.text() + "\n"
    return ["meta.json of another checkpoint"] if wrong else []


def _pack(folder: Path) -> list[str]:
    path = folder / "digits.pyz"
    damage = damage_of(str(path)) or ("" if os.access(path, os.X_OK) else "no program")
    return [damage] if damage else []


def _engine(folder: Path) -> list[str]:
    """A pair that is half new is refused, and built again: nothing wrong is ever taken."""
    try:
        read_engine(str(folder / "digits.engine"))
    except ModelFileError:
        pass
    return []


def _mp4(folder: Path, kept: "list[int]") -> list[str]:
    """The last second of each may be gone."""
    return _missing(sum(max(0, count - round(FPS)) for count in kept), map(_frames, _files(folder)))


def _frames(path: Path) -> int:
    video, count = cv2.VideoCapture(str(path)), 0
    while video.grab():
        count += 1
    return count


def _jsonl(folder: Path, kept: "list[int]") -> list[str]:
    rows = 0
    for line in (folder / "rows").read_text().splitlines():
        try:
            rows += "index" in json.loads(line)
        except ValueError:  # cut off by a kill, and closed off by the next run
            pass
    return _missing(sum(kept), [rows])


def _record(folder: Path, kept: "list[int]") -> list[str]:
    return _missing(sum(kept), (_entries(path) for path in _files(folder)))


def _entries(path: Path) -> int:
    try:
        return sum(1 for _ in LogReader(str(path)))
    except ModelFileError:  # killed before its first frame
        return 0


def _folder(folder: Path, kept: "list[int]") -> list[str]:
    whole = sum(cv2.imread(str(path)) is not None for path in folder.rglob("*[0-9].png"))
    return _missing(sum(kept), [whole])


def _limited(folder: Path, _: "list[int]") -> list[str]:
    pictures = list(folder.rglob("*.png"))
    size = sum(path.stat().st_size for path in pictures)
    broken = [path.name for path in pictures if cv2.imread(str(path)) is None]
    return broken + (["%d bytes" % size] if size > 1000 * LIMIT_KB else [])


def _dataset(folder: Path, kept: "list[int]") -> list[str]:
    images = list(folder.glob("*/images/*.png"))
    masks = [path.parents[1] / "masks" / path.name for path in images]
    broken = [str(path) for path in images + masks if cv2.imread(str(path)) is None]
    return broken + _missing(sum(kept), [len(images)])


def _missing(kept: int, found: "Iterable[int]") -> list[str]:
    there = sum(found)
    return ["%d of %d" % (there, kept)] if there < kept else []


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


EACH_TIME: "dict[str, Callable[[Path], list[str]]]" = {
    "export": _export,
    "checkpoint": _checkpoint,
    "pack": _pack,
    "engine cache": _engine,
}
IN_THE_END: "dict[str, Callable[[Path, list[int]], list[str]]]" = {
    "mp4": _mp4,
    "jsonl": _jsonl,
    "record": _record,
    "folder": _folder,
    "limited folder": _limited,
    "dataset": _dataset,
}
