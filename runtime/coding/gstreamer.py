"""What GStreamer offers here for coded video, hardware first: names of elements as data, and the
pipelines around them.

A board's decoder and encoder work in memory of their own (NVMM), which its converter alone reaches;
in software other names stand in the same places. Knows names and text; OpenCV opens what they say.
"""

import ctypes
import functools
from typing import NamedTuple, Optional, Sequence, Tuple

from catseye.runtime.system.opencv_build import opencv_has

LIBRARY = "libgstreamer-1.0.so.0"  # the one that OpenCV has loaded, where it has


class Decoder(NamedTuple):
    """element: of the codecs in `after`, which are its parsers.  convert: to BGRx in the
    processor's memory."""

    element: str
    convert: str


class Encoder(NamedTuple):
    """element: of H.264, with its properties.  convert: from BGRx to what it takes.  hardware:
    whether it leaves the processor alone.  alone: properties by which every picture stands by
    itself, where it does not without."""

    element: str
    properties: str
    convert: str
    hardware: bool = False
    alone: str = ""


# JetPack 4.2 and later; before, and in 4.x beside it, OpenMAX
DECODERS: Tuple[Decoder, ...] = (
    Decoder("nvv4l2decoder", "nvvidconv"),
    Decoder("omxh264dec", "nvvidconv"),
)
TO_NVMM = "nvvidconv ! video/x-raw(memory:NVMM),format=NV12"
ENCODERS: Tuple[Encoder, ...] = (
    Encoder(
        "nvv4l2h264enc",
        "bitrate={bits} insert-sps-pps=true maxperf-enable=true",
        TO_NVMM,
        True,
        "iframeinterval=1 idrinterval=1",
    ),
    Encoder("omxh264enc", "bitrate={bits}", TO_NVMM, True, "iframeinterval=1"),
    # every picture by itself, as h264.py has it
    Encoder(
        "x264enc",
        "speed-preset=ultrafast tune=zerolatency key-int-max=1 pass=quant quantizer=26 threads=1",
        "videoconvert ! video/x-raw,format=I420",
    ),
    Encoder("openh264enc", "bitrate={bits} gop-size=1", "videoconvert"),
)
BITS_PER_PIXEL = 0.12  # of an encoder that is told a rate
BITS_ALONE = 0.3  # the same where every picture stands by itself


def decoder() -> Optional[Decoder]:
    """The first that is here; None where none is, or this OpenCV has no GStreamer."""
    found = _present([(each.element, each.convert) for each in DECODERS])
    return None if found is None else DECODERS[found]


def encoders(hardware: bool) -> Tuple[Encoder, ...]:
    """All that are here. Some are and do not work: the Orin Nano has no encoder, and its element
    all the same."""
    wanted = [each for each in ENCODERS if each.hardware == hardware]
    return tuple(
        each for each in wanted if _present([(each.element, each.convert.split()[0])]) is not None
    )


def file_pipeline(path: str, decoder: Decoder) -> str:
    """gst-launch text that gives every frame of a film."""
    return "filesrc location=%s ! parsebin ! %s ! appsink sync=false max-buffers=1" % (
        quoted(path),
        decoded_to_bgrx(decoder),
    )


def decoded_to_bgrx(decoder: Decoder) -> str:
    return "%s ! %s ! video/x-raw,format=BGRx" % decoder


def mp4_pipeline(path: str, encoder: Encoder, fps: float, size_wh: Tuple[int, int]) -> str:
    """gst-launch text that takes pictures and writes a whole MP4."""
    bits = round(BITS_PER_PIXEL * size_wh[0] * size_wh[1] * max(1.0, fps))
    return (
        "appsrc ! videoconvert ! video/x-raw,format=BGRx ! %s ! %s %s ! h264parse ! mp4mux"
        " ! filesink location=%s"
        % (
            encoder.convert,
            encoder.element,
            encoder.properties.format(bits=bits),
            quoted(path),
        )
    )


def pipe_pipeline(descriptor: int, encoder: Encoder, fps: float, size_wh: Tuple[int, int]) -> str:
    """gst-launch text that takes pictures and writes each by itself, with its parameter sets, into
    a pipe: Annex B behind a head that tells its length."""
    bits = round(BITS_ALONE * size_wh[0] * size_wh[1] * fps)
    properties = "%s %s" % (encoder.properties.format(bits=bits), encoder.alone)
    return (
        "appsrc ! videoconvert ! video/x-raw,format=BGRx ! %s ! %s %s"
        " ! h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au"
        " ! multipartmux ! fdsink sync=false fd=%d"
        % (encoder.convert, encoder.element, properties.strip(), descriptor)
    )


def quoted(text: str) -> str:
    """So that none can add elements of its own."""
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def _present(wanted: Sequence[Tuple[str, str]]) -> Optional[int]:
    """The place of the first whose elements are all here."""
    if not opencv_has("GStreamer"):
        return None
    return next((at for at, each in enumerate(wanted) if all(map(has_element, each))), None)


@functools.lru_cache(maxsize=None)
def has_element(name: str) -> bool:
    """Whether GStreamer knows an element of this name."""
    library = _library()
    return library is not None and bool(library.gst_element_factory_find(name.encode()))


@functools.lru_cache(maxsize=None)
def _library() -> Optional[ctypes.CDLL]:
    """GStreamer, begun; None where it is not installed."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    library.gst_init_check.argtypes = [ctypes.c_void_p] * 3
    library.gst_element_factory_find.argtypes = [ctypes.c_char_p]
    library.gst_element_factory_find.restype = ctypes.c_void_p
    return library if library.gst_init_check(None, None, None) else None
