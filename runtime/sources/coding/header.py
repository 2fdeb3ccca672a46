"""What an open capture of FFmpeg's tells of its stream before any picture: the codec, and the
parameters of the pictures. Knows cv2.VideoCapture; not what is done about it."""

from typing import Optional

import cv2

from catseye.runtime.sources.coding.parameters import NAMES, newest_parameters, units_of
from catseye.runtime.sources.coding.picture_parameters import PictureParameters
from catseye.runtime.sources.live.opencv_camera import fourcc_text

# of a transport stream (ISO/IEC 13818-1, table 2-34), which OpenCV 4.5 gives for its code
STREAM_TYPES = {0x1B: "h264", 0x24: "h265"}


def codec_of(capture: "cv2.VideoCapture") -> str:
    """h264 or h265, "" for all others."""
    kind = STREAM_TYPES.get(int(capture.get(cv2.CAP_PROP_FOURCC)))
    return kind or NAMES.get(fourcc_text(capture).lower(), "")


def extra_data(capture: "cv2.VideoCapture") -> bytes:
    """What the decoder is given before the first packet; b"" where this OpenCV does not hand it
    out."""
    index = getattr(cv2, "CAP_PROP_CODEC_EXTRADATA_INDEX", None)
    if index is None or not capture.get(index):
        return b""
    ok, data = capture.retrieve(None, int(capture.get(index)))
    return data.tobytes() if ok and data is not None else b""


def parameters_told(capture: "cv2.VideoCapture") -> Optional[PictureParameters]:
    """What the stream's header says of its pictures: an RTSP description, the boxes of an MP4, the
    first frame of others. None where this OpenCV (4.1) or this codec does not tell."""
    codec, data = codec_of(capture), extra_data(capture)
    return newest_parameters(codec, units_of(codec, data)) if codec and data else None
