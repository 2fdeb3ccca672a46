"""`dataset://DIR`: frames and their masks as a folder that `train --data DIR` reads (docs/data.md).

The masks are the model's own: a first draft for whoever corrects them, or what a small network
learns of a large one.
"""

import json
import os

from catseye.runtime.classes import VOID, ClassTable
from catseye.runtime.datasets.annotated_folder import FILE
from catseye.runtime.errors import SinkError
from catseye.runtime.frame import Frame
from catseye.runtime.pictures import png_bytes
from catseye.runtime.sinks.base import Sink, WriteReport
from catseye.runtime.sinks.output_paths import check_space, fresh_folder
from catseye.runtime.system.files import write_bytes
from catseye.runtime.system.staging import remove_abandoned
from catseye.runtime.tasks import Result


class DatasetSink(Sink):
    """images/NAME.png as the camera gave it and masks/NAME.png in class ids; NAME as in the folder
    sink.

    A result without a mask leaves its picture alone, which serves as calibration or for a sparse
    encoder. Masks may have been corrected since an earlier run: a folder that is not empty is left
    alone. path: the folder that is written.
    """

    def __init__(self, path: str) -> None:
        """Raises SinkError where neither `path` nor one beside it can become an empty folder that
        takes files, or another run is in it."""
        self.path, self._held = fresh_folder(path, _is_empty)

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        name = frame.file_stem + ".png"
        mask = getattr(result, "mask", None)
        if mask is None:
            self._save(self._place("images", name), png_bytes(frame.image))
            return
        # whatever has a mask has them
        self._say_classes(result.classes)  # type: ignore[attr-defined]
        self._save(self._place("masks", name), png_bytes(mask))
        try:
            self._save(self._place("images", name), png_bytes(frame.image))
        except SinkError:
            os.unlink(self._place("masks", name))  # no use without its picture
            raise

    def close(self) -> None:
        held, self._held = self._held, -1
        if held >= 0:
            os.close(held)

    def _say_classes(self, table: ClassTable) -> None:
        path = os.path.join(self.path, FILE)
        if not os.path.exists(path):
            self._save(path, bytes_from_classes(table))

    def _place(self, part: str, name: str) -> str:
        return os.path.join(self.path, part, name)

    def _save(self, path: str, data: bytes) -> None:
        check_space(self.path, len(data))
        write_bytes(path, data)


def bytes_from_classes(table: ClassTable) -> bytes:
    """The classes.json of masks that hold class ids."""
    classes = [
        {"name": name, "id": class_id, "colour": list(colour)}
        for class_id, (name, colour) in enumerate(zip(table.names, table.colours_rgb))
    ]
    content = {"classes": classes, "void": VOID, "road": table.as_json()["road"]}
    return (json.dumps(content, indent=1) + "\n").encode("utf-8")


def _is_empty(folder: str) -> bool:
    for part in ("images", "masks"):
        remove_abandoned(os.path.join(folder, part))
    return not os.listdir(folder)
