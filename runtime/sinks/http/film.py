"""`/stream.mp4`: the annotated picture as H.264 in an endless MP4, for the page, players and other
programs.

Knows when its pictures are shown; not who may look, nor how a picture is drawn or encoded. Each is
a fragment that needs no other: a viewer begins with the newest, and a slow one sees fewer of them,
not later ones. Each is sent at once, so it is said to last as long as the one before it did.
"""

from typing import Iterator, Optional

from catseye.runtime.sinks.avc import beginning, picture_from_annex_b, shown
from catseye.runtime.sinks.http.stream import WAIT_S
from catseye.runtime.sinks.http.view import FILM, View

FIRST_S = 0.1  # how long the first picture is said to last
SHORTEST_S, LONGEST_S = 0.001, 1.0


class Film:
    """One viewer's. kind: the media type with the codec, known with the first piece."""

    kind = ""

    def __init__(self, view: View, viewer: str, width: Optional[int]) -> None:
        self._view, self._viewer, self._width = view, viewer, width

    def pieces(self) -> Iterator[bytes]:
        """The beginning with the first picture, then one for each that there is time for, until the
        run ends, or another encoder's pictures would no longer fit the beginning; b"" where none
        came for WAIT_S."""
        with self._view.filmed(self._width):
            number, count, begun_s, last_s, sequence = -1, 0, 0.0, 0.0, b""
            while not self._view.has_ended:
                found = self._view.picture_after(number, WAIT_S, self._viewer, FILM, self._width)
                if found is None:
                    yield b""
                    continue
                picture = picture_from_annex_b(found.coded)
                lasts_s, head = min(max(found.at_s - last_s, SHORTEST_S), LONGEST_S), b""
                if not count:
                    self.kind = 'video/mp4; codecs="%s"' % picture.codec
                    begun_s, lasts_s, head = found.at_s, FIRST_S, beginning(picture)
                    sequence = picture.sequence
                elif picture.sequence != sequence:
                    return
                number, count, last_s = found.number, count + 1, found.at_s
                yield head + shown(count, picture, found.at_s - begun_s, lasts_s)
