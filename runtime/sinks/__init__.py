"""Sinks: where results go. `open_sink` is the door; docs/uri-grammar.md has the grammar.

Knows which address stands for which sink and that all are open before the first frame; not what any
of them writes.
"""

import logging
import os
import re
from contextlib import ExitStack, contextmanager
from typing import Dict, Iterator, List, Sequence, Tuple

from catseye.runtime.account import Facts
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.background import BackgroundSink
from catseye.runtime.sinks.base import EndRun, Sink, SinkStatistics, WriteReport
from catseye.runtime.sinks.viewing import refuse_viewing, viewing_from_address
from catseye.runtime.sources import Source
from catseye.runtime.system.masking import masked
from catseye.runtime.system.named_address import real_address
from catseye.runtime.tasks import Result

__all__ = [
    "EndRun",
    "Facts",
    "NullSink",
    "Sink",
    "SinkStatistics",
    "WriteReport",
    "check_sink",
    "closed_after",
    "open_sink",
    "open_sinks",
    "sink_statistics",
]

log = logging.getLogger("catseye")

EXPECTED = (
    "an .mp4 file, a folder, folder://PATH?limit=500MB, jsonl://FILE, jsonl://- (standard output), "
    "http://HOST:PORT, udp://HOST:PORT, can://CHANNEL, record://LOG, dataset://DIR, display://, "
    "null:// or env://NAME of such"
)
SCHEME = r"([A-Za-z][A-Za-z0-9+.-]*)://"
SCHEMES = ("jsonl", "folder", "record", "dataset", "http", "udp", "can", "display", "null")


class NullSink(Sink):
    """Takes everything, keeps nothing: for measuring."""

    own_thread = False

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        pass


def open_sink(
    uri: str, fps: float, keeps_time: bool = False, cameras: Sequence[str] = ("",)
) -> Sink:
    """Open a sink for use in a `with` block. What follows `://` is taken literally.

    fps, keeps_time: pace of the source, and whether its time stamps are a capture's, which a video
    needs.  cameras: the names of those whose results will come. Raises CatseyeError for an address
    nobody knows, SinkError where nothing can be written there. A run loads only the sinks that it
    has.
    """
    uri = real_address(uri)
    _check_is_text(uri)
    uri, viewing = viewing_from_address(uri)
    scheme = re.match(SCHEME, uri)
    if scheme is None and uri.lower().endswith(".mp4"):
        from catseye.runtime.sinks.video import VideoSink

        return VideoSink(uri, fps, keeps_time, viewing)
    if scheme is None or scheme.group(1) not in ("http", "display"):
        refuse_viewing(masked(uri), viewing)
    if scheme is None:
        return _open_path(uri)
    rest = uri[scheme.end() :]
    if scheme.group(1) == "jsonl" and rest:
        from catseye.runtime.sinks.jsonl import JsonLinesSink, JsonOutputSink

        return JsonOutputSink() if rest == "-" else JsonLinesSink(rest)
    if scheme.group(1) == "folder":
        from catseye.runtime.sinks.folder import open_limited_folder

        return open_limited_folder(rest)
    if scheme.group(1) == "record" and rest:
        from catseye.runtime.sinks.record import RecordSink, log_address

        return RecordSink(log_address(rest), fps, cameras)
    if scheme.group(1) == "dataset" and rest:
        from catseye.runtime.sinks.dataset import DatasetSink

        return DatasetSink(rest)
    if scheme.group(1) == "http":
        from catseye.runtime.sinks.http import HttpSink

        return HttpSink(rest, fps, viewing, cameras)
    if scheme.group(1) == "udp":
        from catseye.runtime.sinks.controller.udp import UdpSink

        return UdpSink(rest, cameras)
    if scheme.group(1) == "can":
        from catseye.runtime.sinks.controller.canbus import CanSink

        return CanSink(rest, cameras)
    if uri == "display://":
        from catseye.runtime.sinks.display import DisplaySink

        return DisplaySink(viewing, cameras)
    if uri == "null://":
        return NullSink()
    raise CatseyeError("unknown sink %r" % masked(uri), EXPECTED)


def check_sink(uri: str) -> None:
    """Raise CatseyeError for an address of a kind that nobody knows, or where no page may be;
    nothing is opened."""
    uri = real_address(uri)
    scheme = re.match(SCHEME, uri)
    if scheme is not None and scheme.group(1) not in SCHEMES:
        raise CatseyeError("unknown sink %r" % masked(uri), EXPECTED)
    uri, _ = viewing_from_address(uri)
    if scheme is not None and scheme.group(1) == "http":
        from catseye.runtime.sinks.http.address import address_from_text

        address_from_text(uri[scheme.end() :])
    if scheme is not None and scheme.group(1) == "udp":
        from catseye.runtime.sinks.controller.udp import address_from_text as udp_address

        udp_address(uri[scheme.end() :])
    if scheme is not None and scheme.group(1) == "can":
        from catseye.runtime.sinks.controller.canbus import address_from_text as can_address

        can_address(uri[scheme.end() :])


@contextmanager
def open_sinks(
    uris: Sequence[str],
    cameras: Dict[str, Source],
    hard_log: str = "",
    around_s: float = 0.0,
    model: str = "",
) -> Iterator[List[Sink]]:
    """All sinks, open before the first frame and closed in the end, each whatever happens to the
    others.

    cameras: open sources by name; of several each has a video of its own, OUT-NAME.mp4, and all
    else they share.
    hard_log: where the frames worth a second look are recorded, "" = nowhere.  around_s: with all
    others from so long before each to so long after it.
    model: the file whose results will come, "" = none.

    Those that may take long are behind a thread of their own: what they cannot take in time is
    skipped where all cameras are live, waited for otherwise. Raises what `open_sink` raises, and
    CatseyeError for a sink that is named twice or would overwrite a source or the model.
    """
    uris = [real_address(uri) for uri in uris]
    for uri in uris:
        if uris.count(uri) > 1 and uri != "null://":
            raise CatseyeError("--sink %s twice" % uri, "each sink once", "leave one out")
    with ExitStack() as stack:
        sinks = []
        for uri in uris:
            for own, served in _served_by(uri, cameras):
                sinks.append(_opened_beside(own, served, cameras, stack))
        if hard_log:
            sinks.append(stack.enter_context(_open_hard_log(hard_log, around_s, uris, cameras)))
        _check_each_has_its_own(sinks)
        if model and os.path.realpath(model) in (os.path.realpath(sink.path) for sink in sinks):
            raise CatseyeError(
                "a sink would overwrite the model %s" % model, "another place", "choose one"
            )
        yield sinks


def _check_each_has_its_own(sinks: Sequence[Sink]) -> None:
    """Two that write to one place, by other options, take each other's files for their own."""
    paths = [os.path.realpath(sink.path) for sink in sinks if sink.path]
    for path in paths:
        if paths.count(path) > 1:
            raise CatseyeError("two sinks write to %s" % path, "a place for each", "rename one")


def _served_by(uri: str, cameras: Dict[str, Source]) -> List[Tuple[str, List[str]]]:
    """The sinks that an address means, each with the names of the cameras that it serves."""
    path = viewing_from_address(uri)[0]
    if len(cameras) == 1 or re.match(SCHEME, uri) or not path.lower().endswith(".mp4"):
        return [(uri, list(cameras))]
    stem, rest = path[: -len(".mp4")], uri[len(path) - len(".mp4") :]
    return [("%s-%s%s" % (stem, name, rest), [name]) for name in cameras]


def _opened_beside(
    uri: str, served: List[str], cameras: Dict[str, Source], stack: ExitStack
) -> Sink:
    """A sink of the cameras it serves, behind a thread where it wants one; closed by `stack`."""
    first = cameras[served[0]]
    sink = stack.enter_context(open_sink(uri, first.fps, first.keeps_time, served))
    log.debug("sink %s: %s", masked(uri), type(sink).__name__)
    if any(source.overwritten_by(path) for source in cameras.values() for path in sink.touches):
        raise CatseyeError(
            "the sink %s would overwrite its source" % uri, "another place", "choose one"
        )
    if sink.own_thread:
        newest_wins = all(cameras[name].live for name in served)
        sink = stack.enter_context(BackgroundSink(sink, uri, newest_wins, served))
    return sink


@contextmanager
def closed_after(sinks: Sequence[Sink]) -> Iterator[None]:
    """Close the sinks when the block ends, each whatever happens to the others."""
    with ExitStack() as stack:
        for sink in sinks:
            stack.callback(sink.close)
        yield


def sink_statistics(sinks: Sequence[Sink]) -> List[SinkStatistics]:
    """What each sink behind a thread took, and each that speaks at a rate sent; the others take
    everything."""
    return [told for told in (sink.statistics() for sink in sinks) if told is not None]


def _check_is_text(uri: str) -> None:
    try:
        is_text = b"\0" not in os.fsencode(uri)
    except UnicodeEncodeError:  # half of a surrogate pair
        is_text = False
    if not is_text:
        raise CatseyeError("sink %r" % uri, "a name that a file can have")


def _open_hard_log(
    text: str, around_s: float, uris: Sequence[str], cameras: Dict[str, Source]
) -> Sink:
    from catseye.runtime.sinks.hard import HardFramesSink
    from catseye.runtime.sinks.record import log_address

    address, sources = log_address(text), list(cameras.values())
    path = address.path
    if "record://" + text in uris or any(source.overwritten_by(path) for source in sources):
        raise CatseyeError(
            "--keep-hard %s is also a sink or the source" % path, "another place", "choose one"
        )
    live = all(source.live for source in sources)
    return HardFramesSink(address, sources[0].fps, live, list(cameras), around_s)


def _open_path(path: str) -> Sink:
    is_folder = os.path.isdir(path) or path.endswith("/") or not os.path.splitext(path)[1]
    if not path or not is_folder:
        raise CatseyeError("unknown sink %r" % masked(path), EXPECTED, "for a folder end it with /")
    from catseye.runtime.sinks.folder import FolderSink

    return FolderSink(path)
