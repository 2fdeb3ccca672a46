"""Pictures that GStreamer encodes one by one, each answered at once, through a pipe.

Knows OpenCV's writer and the pipe behind it; which encoder there is gstreamer.py tells.
"""

import os
import re
import select
import threading
from typing import Tuple

import cv2
import numpy as np

from catseye.runtime.coding.gstreamer import Encoder, pipe_pipeline
from catseye.runtime.errors import SinkError
from catseye.runtime.sinks.encoding import gstreamer_wh, trimmed
from catseye.runtime.system.native_stderr import silenced_native_stderr

ANSWER_S = 5.0  # an encoder that gives no picture for so long gives none
CHUNK = 1 << 16
LENGTH = re.compile(rb"(?i)content-length: *(\d+)")


class PipedEncoder:
    """Pictures of one size to Annex B, each with its parameter sets and without need of another.

    size_wh: of the pictures that it is given.
    """

    def __init__(self, encoder: Encoder, size_wh: Tuple[int, int], fps: float) -> None:
        """size_wh: about, see gstreamer_wh.  fps: pictures a second at most. Raises SinkError where
        it does not start."""
        self.size_wh, self._whole_wh, self._name = size_wh, gstreamer_wh(size_wh), encoder.element
        self._unread = b""
        self._answers, self._pipe = os.pipe()
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)
        pipeline = pipe_pipeline(self._pipe, encoder, fps, self._whole_wh)
        with silenced_native_stderr():
            self._writer = cv2.VideoWriter(pipeline, cv2.CAP_GSTREAMER, 0, fps, self._whole_wh)
        if not self._writer.isOpened():
            self.close()
            raise SinkError(
                "%s does not encode %dx%d" % ((self._name,) + self._whole_wh),
                "an encoder that does",
            )

    def encoded(self, picture: np.ndarray) -> bytes:
        """One (H, W, 3) uint8 BGR picture of that size. Raises SinkError where no answer comes."""
        self._writer.write(np.ascontiguousarray(trimmed(picture, self._whole_wh)))
        while True:
            head, is_whole, rest = self._unread.partition(b"\r\n\r\n")
            length = LENGTH.search(head) if is_whole else None
            if length is not None and len(rest) >= int(length.group(1)):
                end = int(length.group(1))
                self._unread = rest[end:]
                return rest[:end]
            if not self._poll.poll(1e3 * ANSWER_S):
                raise SinkError("%s gives no picture" % self._name, "one for each that it is given")
            self._unread += os.read(self._answers, CHUNK)

    def close(self) -> None:
        """A second call does nothing."""
        if self._pipe < 0:
            return
        # a daemon: a chip that hangs must not hold up the end of the program
        reader = threading.Thread(target=self._read_to_the_end, name="encoder's end", daemon=True)
        reader.start()  # what nobody reads would hold up the writer
        with silenced_native_stderr():
            self._writer.release()
        os.close(self._pipe)
        self._pipe = -1
        reader.join()
        os.close(self._answers)

    def _read_to_the_end(self) -> None:
        while os.read(self._answers, CHUNK):
            pass
