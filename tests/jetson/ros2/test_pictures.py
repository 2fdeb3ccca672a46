import sys
from array import array
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

import catseye
from catseye.runtime.errors import CatseyeError

sys.path.append(str(Path(catseye.__file__).resolve().parents[1] / "jetson" / "ros2"))

from catseye_ros.pictures import (
    image_from_compressed,
    image_from_message,
    message_from_image,
)  # noqa: E402

BGR = np.random.RandomState(1).randint(0, 256, (5, 7, 3)).astype(np.uint8)


def message(image: np.ndarray, encoding: str, padding: int = 0, cut: int = 0) -> SimpleNamespace:
    rows = np.pad(
        image.reshape(len(image), image[:1].size), ((0, 0), (0, padding)), constant_values=9
    )
    data = array("B", rows.tobytes()[: rows.size - cut])  # as rclpy has it
    return SimpleNamespace(
        height=image.shape[0],
        width=image.shape[1],
        encoding=encoding,
        step=rows.shape[1],
        data=data,
        header=None,
    )


@pytest.mark.parametrize("padding", [0, 3])
def test_every_encoding_becomes_bgr(padding: int) -> None:
    assert np.array_equal(image_from_message(message(BGR, "bgr8", padding)), BGR)
    assert np.array_equal(image_from_message(message(BGR[..., ::-1], "rgb8", padding)), BGR)
    grey = image_from_message(message(BGR[..., 0], "mono8", padding))
    assert grey.shape == BGR.shape and (grey == BGR[..., :1]).all()
    assert grey.flags["C_CONTIGUOUS"]


@pytest.mark.parametrize("encoding", ["bgra8", "16UC1", "yuv422", ""])
def test_other_encodings_are_named(encoding: str) -> None:
    with pytest.raises(CatseyeError, match="encoding %r" % encoding):
        image_from_message(message(BGR, encoding))


def test_data_that_are_cut_off_or_empty_are_refused() -> None:
    for bad in (
        message(BGR, "bgr8", cut=1),
        message(BGR[:0], "bgr8"),
        message(BGR[..., 0], "bgr8"),
    ):
        with pytest.raises(CatseyeError, match="an image of"):
            image_from_message(bad)


def test_compressed() -> None:
    png = array("B", cv2.imencode(".png", BGR)[1].tobytes())
    assert np.array_equal(
        image_from_compressed(SimpleNamespace(format="bgr8; png compressed bgr8", data=png)), BGR
    )
    for broken in (png[:30], array("B")):
        assert image_from_compressed(SimpleNamespace(format="png", data=broken)) is None
    with pytest.raises(CatseyeError, match="compressedDepth"):
        image_from_compressed(SimpleNamespace(format="16UC1; compressedDepth png", data=png))


@pytest.mark.parametrize(
    "image, encoding", [(BGR, "bgr8"), (np.ascontiguousarray(BGR[..., 0]), "mono8")]
)
def test_there_and_back(image: np.ndarray, encoding: str) -> None:
    made = message_from_image(SimpleNamespace, "header", image)
    assert (made.encoding, made.height, made.width, made.header) == (encoding, 5, 7, "header")
    back = image_from_message(made)
    assert np.array_equal(back if encoding == "bgr8" else back[..., 0], image)
