"""H.264 by PyAV, every picture by itself: a coded picture needs no other one.

That takes three fifths of the processor time of pictures that build on the one before, in about the
bytes of MPEG-4 part 2 (docs/benchmarks.md); none is lost with another, and each can be jumped to.
Knows x264's settings and FFmpeg's decoder; not what is recorded, streamed or filmed.
"""

import fractions
from typing import Any, Dict, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.installing import to_install

H264 = "libx264"
QUALITY = 52  # of 100: CRF 24
WORST_CRF = 51
# pictures a second that a decoder is told to be ready for: without any, x264 declares level 6.1 at
# 1080p, and NVIDIA names 5.1 as its decoders' highest (DRIVE OS 6.0.3, supported media formats)
TOLD_FPS = 30
BT601, VIDEO_RANGE = 6, 1  # what cv2.cvtColor makes of BGR (H.273)
# an intra block of 256 pixels takes seven bits at least
MOST_PIXELS_PER_BYTE = 1024
BAND = 256  # rows that are converted at once; even

Av = Any  # the module of PyAV, which few machines have


def h264_encoder() -> Optional[Av]:
    """PyAV where it is installed and has an H.264 encoder, else None."""
    try:
        import av
    except ImportError:
        return None
    return av if H264 in av.codecs_available else None


def demanded_h264() -> Av:
    """The same; raises CatseyeError where there is none."""
    av = h264_encoder()
    if av is None:
        raise CatseyeError(
            "no PyAV with H.264 here", "it for H.264", to_install("av") + ", or use codec=jpeg"
        )
    return av


def x264_options(quality: int = QUALITY) -> Dict[str, str]:
    """For the encoder. quality: 1 to 100, evenly down from its coarsest rate factor to none."""
    return {
        "preset": "ultrafast",
        "tune": "zerolatency",  # no picture waits for others
        "crf": str(round(WORST_CRF * (100 - quality) / 100.0)),
        "x264-params": "keyint=1:scenecut=0",
    }


class Planes:
    """A picture as the encoder takes it, in memory that is filled again and again.

    frame: PyAV's, which holds that memory: the encoder has read it when `encode` returns.
    """

    def __init__(self, av: Av, size_wh: Tuple[int, int], time_base: fractions.Fraction) -> None:
        """size_wh: even."""
        width, height = size_wh
        self._width, self._height = size_wh
        self._band = np.empty((min(BAND, height) * 3 // 2, width), np.uint8)
        # not from_numpy_buffer, which drops two rows of a height that four does not divide
        # (findings/pyav-buffer-height.sh)
        self.frame = av.VideoFrame(width, height, "yuv420p")
        self.frame.time_base = time_base
        self.frame.colorspace, self.frame.color_range = BT601, VIDEO_RANGE
        self._luma, *self._chroma = (
            np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[
                : plane.height, : plane.width
            ]
            for plane in self.frame.planes
        )

    def fill(self, picture: np.ndarray) -> None:
        """With a (H, W, 3) uint8 BGR picture of that size; by bands, which stay in the core's
        cache and need no second copy of the whole."""
        for top in range(0, self._height, BAND):
            lines = picture[top : top + BAND]
            count, half = len(lines), len(lines) // 2
            packed = self._band[: count * 3 // 2]
            cv2.cvtColor(np.ascontiguousarray(lines), cv2.COLOR_BGR2YUV_I420, dst=packed)
            self._luma[top : top + count] = packed[:count]
            for plane, part in zip(self._chroma, packed[count:].reshape(2, half, -1)):
                plane[top // 2 : top // 2 + half] = part


def set_up(context: Any, size_wh: Tuple[int, int], time_base: fractions.Fraction) -> None:
    """An encoder's context for such pictures."""
    context.width, context.height = size_wh
    context.pix_fmt, context.time_base = "yuv420p", time_base
    context.thread_count = 1  # its caller has a thread of its own, the network the others
    context.colorspace = context.color_primaries = context.color_trc = BT601
    context.color_range = VIDEO_RANGE


class H264Encoder:
    """Pictures of one size to Annex B, each with its parameter sets."""

    def __init__(self, size_wh: Tuple[int, int], quality: int = QUALITY) -> None:
        """size_wh: of the pictures; an odd side gets its last row or column twice. Raises
        CatseyeError without PyAV."""
        av = demanded_h264()
        self.size_wh = size_wh
        even_wh = _even(size_wh)
        time_base = fractions.Fraction(1, 1000)
        self._context = av.CodecContext.create(H264, "w")
        self._context.options = x264_options(quality)
        self._context.framerate = fractions.Fraction(TOLD_FPS)
        set_up(self._context, even_wh, time_base)
        self._planes, self._done = Planes(av, even_wh, time_base), 0
        self._rest = tuple(side % 2 for side in size_wh)

    def encoded(self, picture: np.ndarray) -> bytes:
        """One (H, W, 3) uint8 BGR picture of that size."""
        if any(self._rest):
            right, below = self._rest
            picture = cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE)
        self._planes.fill(picture)
        self._planes.frame.pts = self._done
        self._done += 1
        return b"".join(bytes(packet) for packet in self._context.encode(self._planes.frame))


class H264Decoder:
    """The inverse, picture by picture."""

    def __init__(self) -> None:
        """Raises CatseyeError without PyAV."""
        self._av = demanded_h264()
        self._context = self._av.CodecContext.create("h264", "r")
        self._context.options = {"err_detect": "explode"}
        self._context.thread_count = 1

    def decoded(self, data: bytes, size_wh: Tuple[int, int]) -> np.ndarray:
        """(H, W, 3) uint8 BGR of this size. Raises ValueError for what is no such picture, before
        more is allocated than its bytes can be."""
        _check(data, size_wh)
        try:
            frames = self._context.decode(self._av.Packet(data)) + self._context.decode(None)
            self._context.flush_buffers()
            planes = [frame.to_ndarray(format="yuv420p") for frame in frames]
        except self._av.error.FFmpegError as error:
            self._context.flush_buffers()
            raise ValueError("a damaged picture (%s)" % error) from error
        if len(planes) != 1:
            raise ValueError("%d pictures of H.264 for one" % len(planes))
        picture = cv2.cvtColor(planes[0], cv2.COLOR_YUV2BGR_I420)
        return np.ascontiguousarray(picture[: size_wh[1], : size_wh[0]])


def _check(data: bytes, size_wh: Tuple[int, int]) -> None:
    """Whether the parameters are of this size, made even, and the bytes may hold it."""
    # its package opens recordings, whose pictures are coded here
    from catseye.runtime.sources.coding.parameters import newest_parameters, units_of

    found = newest_parameters("h264", units_of("h264", data))
    even_wh = _even(size_wh)
    if found is None or tuple(found.size_wh) != even_wh:
        raise ValueError("H.264 of %s for %dx%d" % ((found and found.size_wh,) + size_wh))
    if even_wh[0] * even_wh[1] > MOST_PIXELS_PER_BYTE * len(data):
        raise ValueError("H.264 of %dx%d in %d bytes" % (even_wh + (len(data),)))


def _even(size_wh: Tuple[int, int]) -> Tuple[int, int]:
    """Each side, or the next one."""
    width, height = size_wh
    return width + width % 2, height + height % 2
