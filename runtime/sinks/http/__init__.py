"""The `http://HOST:PORT` sink: a page with the live picture, latency and a record button, and
metrics for Prometheus.

Knows how its parts go together: the address (address.py), what is seen (view.py), recordings
(recorder.py), who may come in (access_control.py) and the server (server.py). A viewer costs the
loop nothing: `write` keeps a reference, and pictures are encoded by the thread that serves whoever
asks first.
"""

from typing import Sequence

from catseye.runtime.engines.computed_by import About
from catseye.runtime.frame import Frame
from catseye.runtime.recording.entry import OF_ONE
from catseye.runtime.sinks.base import Sink, WriteReport
from catseye.runtime.sinks.http.access_control import AccessControl
from catseye.runtime.sinks.http.address import address_from_text
from catseye.runtime.sinks.http.recorder import Recorder
from catseye.runtime.sinks.http.server import Server
from catseye.runtime.sinks.http.view import View
from catseye.runtime.sinks.viewing import Viewing
from catseye.runtime.sources.faults import Notice
from catseye.runtime.tasks import Result


class HttpSink(Sink):
    """Serves from its opening to its closing. url: where the page is, with the token if there is
    one."""

    own_thread = False

    def __init__(
        self,
        rest: str,
        fps: float,
        viewing: Viewing = Viewing(),
        cameras: Sequence[str] = OF_ONE,
    ) -> None:
        """rest: what follows `http://`.  viewing: which pictures are wanted.  cameras: the names of
        those whose results come.

        Raises CatseyeError for a bad address, SinkError where nobody can listen there.
        """
        address = address_from_text(rest)
        self._views = {name: View(viewing, name) for name in cameras}
        self._recorder = Recorder(address.record, fps, cameras)
        self._server = Server(address, AccessControl(address), self._views, self._recorder)
        self.url = self._server.url

    def begin(self, about: About) -> None:
        for view in self._views.values():
            view.begin(about)
        self._recorder.begin(about)

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        self._views[frame.camera].show(frame, result, report)
        self._recorder.write(frame, result, report)

    def notice(self, notice: Notice) -> None:
        self._views[notice.camera].notice(notice)

    def close(self) -> None:
        for view in self._views.values():
            view.end()
        self._server.close()
        self._recorder.stop()
