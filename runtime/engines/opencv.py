"""The engine that runs a model file with OpenCV's own network module: slower, but there wherever
OpenCV is.

Knows cv2.dnn from 4.5.4 to 5.0. Knows nothing of frames. cv2.dnn tells neither shapes nor types, so
both come from the graph; it takes uint8 as it is, and 4.x answers float32 where the graph says
uint8 (`Engine.infer` casts back).
"""

from typing import Any, cast

import cv2
import numpy as np

from catseye.runtime.engines.base import Engine
from catseye.runtime.engines.cpu import cpu_name
from catseye.runtime.errors import BackendError
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.native_stderr import silenced_native_stderr


class BareMat(np.ndarray):
    """What cv2.Mat is where it comes along: an array all of whose axes are its own."""

    wrap_channels = False

    def __new__(cls, array: np.ndarray) -> "BareMat":
        return array.view(cls)


Mat: Any = getattr(cv2, "Mat", BareMat)
if Mat is BareMat:  # Debian's and Ubuntu's OpenCV is one library, without the Python beside it
    cast(Any, cv2)._registerMatType(BareMat)


class OpenCVEngine(Engine):
    """A model file opened by cv2.dnn, on the CPU."""

    backend = "opencv"
    version = cv2.__version__

    def __init__(self, model: ModelFile, threads: int = 0) -> None:
        """Open a model file.

        threads: 0 = OpenCV's choice; a number holds for the whole process, for OpenCV keeps one
        pool.
        Raises BackendError on a model that this OpenCV refuses, and on every INT8 one.
        """
        self.inputs, self.outputs, self.precision = model.border
        if self.precision == "int8":
            raise _refused_int8(model.name)
        self.device = cpu_name()
        if threads:
            cv2.setNumThreads(threads)
        self.threads = cv2.getNumThreads()
        self._net = read_net(model.data, model.name)

    def _run(self, arrays: Arrays) -> Arrays:
        names = [spec.name for spec in self.outputs]
        try:
            for spec in self.inputs:
                # 4.x takes the last of a bare array's three axes for colour channels
                array = np.ascontiguousarray(arrays[spec.name], spec.dtype)
                self._net.setInput(Mat(array), spec.name)
            answers = self._net.forward(names)
        except cv2.error as error:
            raise BackendError(
                "OpenCV %s cannot run the model (%s)" % (cv2.__version__, error),
                fix="use --backend onnxruntime",
            ) from error
        return dict(zip(names, answers))

    def close(self) -> None:
        super().close()
        vars(self).pop("_net", None)


def _refused_int8(name: str) -> BackendError:
    """4.10 to 4.14 answer all rows of a batch but the first wrongly behind a layer with a bias,
    another way each time, and without an error; up to 4.6 it refuses the graph; 5.0 opens a
    residual block and fails at its first run (findings/opencv-int8-bias.sh)."""
    return BackendError(
        "%s is int8, which OpenCV answers wrongly or refuses" % name,
        "fp32, or fp16 from OpenCV 4.7 on",
        "use --backend onnxruntime",
    )


def read_net(model: bytes, name: str) -> "cv2.dnn.Net":
    """A cv2.dnn network from the bytes of an ONNX file. Raises BackendError where OpenCV refuses
    it."""
    try:
        with silenced_native_stderr():
            return cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    except cv2.error as error:
        raise BackendError(
            "OpenCV %s cannot open %s (%s)" % (cv2.__version__, name, error),
            "OpenCV 4.5.4 or later (fp16: 4.7) and a model of catseye export",
            "use --backend onnxruntime",
        ) from error
