"""`dataset://DIR`: frames and their masks as a folder that `train --data DIR` reads (docs/data.md).

The masks are the model's own: a first draft for whoever corrects them, or what a small network
learns of a large one.
"""

import json
import os

import numpy as np

from catseye.runtime.classes import VOID, ClassTable
from catseye.runtime.datasets.annotated_folder import FILE
from catseye.runtime.errors import SinkError
from catseye.runtime.frame import Frame
from catseye.runtime.pictures import save_png
from catseye.runtime.sinks.base import Sink, WriteReport
from catseye.runtime.sinks.output_paths import check_writable, make_folder, write_error
from catseye.runtime.system.files import write_bytes
from catseye.runtime.tasks import Result


class DatasetSink(Sink):
    """images/NAME.png as the camera gave it and masks/NAME.png in class ids; NAME as in the folder
    sink.

    A result without a mask leaves its picture alone, which serves as calibration or for a sparse
    encoder.
    """

    def __init__(self, path: str) -> None:
        """Raises SinkError unless `path` is, or can become, an empty folder that takes files."""
        self.path = path
        make_folder(path)
        check_writable(path)
        if os.listdir(path):
            raise SinkError(
                "%s is not empty" % path,
                "a new folder: masks may have been corrected there",
                "choose another",
            )

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        name = frame.file_stem + ".png"
        mask = getattr(result, "mask", None)
        if mask is not None:
            # whatever has a mask has them
            self._say_classes(result.classes)  # type: ignore[attr-defined]
            self._save("masks", name, mask)
        self._save("images", name, frame.image)

    def _say_classes(self, table: ClassTable) -> None:
        path = os.path.join(self.path, FILE)
        if not os.path.exists(path):
            write_bytes(path, bytes_from_classes(table))

    def _save(self, part: str, name: str, picture: np.ndarray) -> None:
        folder = os.path.join(self.path, part)
        try:
            os.makedirs(folder, exist_ok=True)
            save_png(os.path.join(folder, name), picture)
        except OSError as error:
            raise write_error(folder, error) from error


def bytes_from_classes(table: ClassTable) -> bytes:
    """The classes.json of masks that hold class ids."""
    classes = [
        {"name": name, "id": class_id, "colour": list(colour)}
        for class_id, (name, colour) in enumerate(zip(table.names, table.colours_rgb))
    ]
    content = {"classes": classes, "void": VOID, "road": table.as_json()["road"]}
    return (json.dumps(content, indent=1) + "\n").encode("utf-8")
