"""The process that holds the center: it answers whoever asks, in the order in which they ask, and
waits for nobody.

So a worker that dies is one that asks no more, and one that comes late is one that asks for the
first time.
"""

import time

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import Fields
from catseye.training.elastic.center import Center
from catseye.training.elastic.exchange import CenterLine
from catseye.training.journal import Journal

ASK_AGAIN_S = 0.05
MOST_STEPS = 1_000_000  # of a worker between two asks
FAREWELL_S = 10.0  # beyond the longest time from one ask of a worker to its next


class CenterServer:
    """Serves one center over one line until its run is over and the workers have been told."""

    def __init__(self, center: Center, line: CenterLine, journal: Journal) -> None:
        self.center, self.line, self.journal = center, line, journal
        self._bytes_before = center.bytes
        self._heard_s: dict[str, float] = {}  # when each worker that has not been told last asked
        self._longest_s = 0.0

    def serve(self) -> None:
        while not self.center.is_over():
            self._answer()
        last_s = time.monotonic() + self._longest_s + FAREWELL_S
        while self._heard_s and time.monotonic() < last_s:
            if self.line.is_waiting():
                self._answer()
            else:
                time.sleep(ASK_AGAIN_S)
        self.line.close()
        self._count_bytes()
        self.center.save()

    def _answer(self) -> None:
        """Hear one worker. Its first ask brings nothing and takes the center; the others exchange
        by the rule."""
        header, message, worker = self.line.take()
        ask = Fields(header, path="ask", of="a worker", fix="update catseye", kind=CatseyeError)
        center = self.center
        reply = center.x
        if len(message) not in (0, len(center.x) + len(center.statistics)):
            self.journal.line(f"worker {worker} has another network: {len(message)} numbers")
            self.line.drop(worker)
            return
        if not len(message):
            self.journal.line(f"worker {worker} has joined")
        elif not center.is_over():
            reply = center.heard(message)
            self._count_bytes()
            losses = ask.numbers("losses", most=MOST_STEPS)
            center.count(len(losses), losses, self.journal)
        self.line.answer(worker, center.summary()._asdict(), reply)
        self._note(worker)

    def _note(self, worker: str) -> None:
        now_s = time.monotonic()
        self._longest_s = max(self._longest_s, now_s - self._heard_s.get(worker, now_s))
        self._heard_s[worker] = now_s
        if self.center.is_over():
            del self._heard_s[worker]

    def _count_bytes(self) -> None:
        self.center.bytes = self._bytes_before + self.line.sent + self.line.received
