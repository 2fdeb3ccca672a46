"""What the page shows: the newest result, encoded once however many look, and the run's numbers.

Knows results and their pictures; nothing of HTTP. The loop only leaves a reference here; whoever
looks pays.
"""

import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Deque, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

import cv2
import numpy as np

from catseye.runtime.account import Facts
from catseye.runtime.clock.waits import Condition
from catseye.runtime.control.state import BLIND, NO_PICTURE, State, state_of_age
from catseye.runtime.draw import enlarged, shrunk
from catseye.runtime.engines.computed_by import About
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.base import WriteReport
from catseye.runtime.sinks.viewing import Viewing
from catseye.runtime.sources.faults import Notice
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import Result
from catseye.runtime.timing import percentiles

if TYPE_CHECKING:
    from catseye.runtime.sinks.http.encoders import Encoders

QUALITY = 85  # of the JPEG, 0-100
LARGEST_WH = (1280, 1 << 16)  # pixels; wider frames are shrunk for the page unless it is asked for
WIDTH_STEP = 320  # for who says how wide a picture is shown: a few sizes, so that many share one
LAYERS = MASK, DOUBT, ABOVE = "mask", "doubt", "above"  # that the page may ask for
BLOCK = 16  # side of a JPEG block with halved colours: the two pictures must not share one
WINDOW_S = 10.0  # of latency and frame rate
HISTORY = 120  # points of the chart, one per second
# who asked for a picture within this time is a viewer; one waits up to five seconds for it
LOOKS_S = 6.0
IN_SHORT = (
    "camera",
    "frames",
    "fps",
    "latency_ms",
    "age_ms",
    "skipped",
    "stale",
    "is_stale",
    "quiet_s",
    "notice",
    "fault",
)
# instead of a layer: the annotated picture alone, as JPEG or as H.264
STREAM, FILM = "stream", "film"
MOST_LOOKERS = 256  # that are told apart; their names are their own invention


class Shown(NamedTuple):
    """The newest result. number: counts results from 1.  at_s: when it came, time.monotonic."""

    number: int
    frame: Frame
    result: Result
    report: WriteReport
    at_s: float

    @property
    def facts(self) -> Facts:
        return self.report.facts


class Encoded(NamedTuple):
    """coded: JPEG of the camera's picture, `size_wh`, padded to whole blocks and one more below,
    and under it the layer, of the same view; of STREAM the annotated picture alone, of FILM that as
    H.264 (Annex B).  layer: its width, height and top in that JPEG, zeros where there is none.
    timestamp_ns: of the frame.  at_s: when its result came, time.monotonic."""

    number: int
    coded: bytes
    size_wh: Tuple[int, int]
    layer: Tuple[int, int, int]
    timestamp_ns: int
    at_s: float


class Numbers(NamedTuple):
    """One camera of the run in numbers. newest: the newest result, None before the first.

    camera: its name, "" for a lone one without.  model: what computes.  notice: None while there
    is a camera.  faults: of the camera so far, by kind.  quiet_s: since the newest result.
    latency_ms, fps: of the last ten seconds.  history: p50, p95, p99 of each of the last seconds.
    stale: of the whole run.  age_sum_ms, aged: the ages of the whole run, and how many.
    """

    model: JsonObject
    notice: Optional[Notice]
    faults: Dict[str, int]
    quiet_s: float
    latency_ms: Dict[str, float]
    fps: float
    history: List[List[float]]
    stale: int
    age_sum_ms: float
    aged: int
    newest: Optional[Shown]
    camera: str = ""

    @property
    def frames(self) -> int:
        """Results so far."""
        return self.newest.number if self.newest else 0

    def as_json(self) -> JsonObject:
        """Everything the page says in words and lines."""
        numbers: JsonObject = dict(
            self._asdict(),
            frames=self.frames,
            notice=self.notice.words if self.notice else "",
            fault=self.notice.fault if self.notice else "",
        )
        del numbers["newest"]
        numbers.update(state=self.state.word, why=self.state.why)
        return numbers if self.newest is None else dict(numbers, **_json_of(self.newest))

    @property
    def state(self) -> State:
        """Now: the newest result grows old while no other comes."""
        if self.notice is not None:
            return State(BLIND, self.notice.words)
        if self.newest is None:
            return NO_PICTURE
        facts = self.newest.facts
        return state_of_age(facts.age_ms + self.quiet_s * 1e3, facts.budget_ms, facts.trust)

    def in_short(self) -> JsonObject:
        """What the page says of one among several cameras."""
        told = self.as_json()
        health = told.get("health")
        verdict = health["verdict"] if isinstance(health, dict) else ""
        return dict({name: told.get(name) for name in IN_SHORT}, health=verdict)


class View:
    """What is seen of one camera. Shared by the loop, which shows, and the server's threads, which
    look."""

    def __init__(self, viewing: Viewing = Viewing(), camera: str = "") -> None:
        """viewing: which pictures are wanted; none are larger than LARGEST_WH unless it says so.
        camera: its name."""
        self._camera = camera
        self._viewing = viewing if viewing.size_wh else viewing._replace(size_wh=LARGEST_WH)
        self._changed = Condition()
        # of each layer and width, before which it is not encoded again
        self._next_picture_s: Dict[Tuple[str, int], float] = {}
        self._encoding = threading.Lock()
        self._encoders: Optional["Encoders"] = None  # until somebody sees a film
        self._model: JsonObject = {}
        self._newest: Optional[Shown] = None
        self._encoded: Dict[Tuple[str, int], Encoded] = {}  # by layer and width
        self._ended = False
        self._notice: Optional[Notice] = None
        self._faults: Dict[str, int] = {}
        self._begun_s = time.monotonic()
        self._ages: Deque[Tuple[float, float]] = deque()  # (when, age in ms) of the newest WINDOW_S
        self._history: Deque[List[float]] = deque(maxlen=HISTORY)  # [p50, p95, p99] in ms
        self._next_point_s = 0.0
        self._stale, self._age_sum_ms, self._aged = 0, 0.0, 0
        self._lookers: Dict[str, float] = {}

    def begin(self, about: About) -> None:
        self._model = about.as_json()

    def show(self, frame: Frame, result: Result, report: WriteReport) -> None:
        """Leave the newest result for whoever looks; quick."""
        now_s, facts = time.monotonic(), report.facts
        with self._changed:
            number = 1 if self._newest is None else self._newest.number + 1
            self._newest = Shown(number, frame, result, report, now_s)
            self._notice, self._faults = None, facts.faults
            self._stale += facts.stale
            self._age_sum_ms, self._aged = self._age_sum_ms + facts.age_ms, self._aged + 1
            self._ages.append((now_s, facts.age_ms))
            self._forget(now_s)
            if now_s >= self._next_point_s:
                self._history.append([round(value, 2) for value in self._latency().values()])
                self._next_point_s = now_s + 1.0
            self._changed.notify_all()

    def notice(self, notice: Notice) -> None:
        """There is no camera; holds until the next result."""
        with self._changed:
            self._notice, self._faults = notice, notice.faults or self._faults

    def end(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def has_ended(self) -> bool:
        return self._ended

    def picture_after(
        self,
        number: int,
        wait_s: float,
        viewer: str,
        layer: str = MASK,
        width: Optional[int] = None,
    ) -> Optional[Encoded]:
        """The newest picture as soon as it is another than `number`; None where none comes within
        `wait_s`. layer: one of LAYERS, where the result has it, or STREAM or FILM: one
        annotated picture.  width: how many pixels wide it is shown; a picture that is somewhat
        wider comes, where there are such, and never a wider one than without."""
        until_s = time.monotonic() + wait_s
        viewing, key = self._viewing_of(layer, width)
        with self._changed:
            if len(self._lookers) < MOST_LOOKERS or viewer in self._lookers:
                self._lookers[viewer] = time.monotonic()
            while not self._ended and (self._newest is None or self._newest.number == number):
                left_s = until_s - time.monotonic()
                if left_s <= 0:
                    return None
                self._changed.wait(left_s)
            while not self._ended:
                # asked again after each wait: the picture of the others is for all who have not
                # seen it, until there may be another
                known = self._encoded.get(key)
                left_s = self._next_picture_s.get(key, 0.0) - time.monotonic()
                if left_s <= 0:
                    break
                if known is not None and known.number > number:
                    return known
                self._changed.wait(left_s)
            shown = self._newest
        return None if shown is None or self._ended else self._encode(shown, key, viewing)

    @contextmanager
    def filmed(self, width: Optional[int]) -> Iterator[None]:
        """Around who asks for pictures of FILM at this width, so that their encoder is kept."""
        # which most runs never load
        from catseye.runtime.sinks.http.encoders import Encoders

        with self._encoding:
            self._encoders = self._encoders or Encoders()
        with self._encoders.one_for(self._viewing_of(FILM, width)[1][1]):
            yield

    def lookers(self) -> Set[str]:
        """Who has asked for a picture within the last seconds."""
        with self._changed:
            now_s = time.monotonic()
            self._lookers = {
                viewer: at_s for viewer, at_s in self._lookers.items() if at_s > now_s - LOOKS_S
            }
            return set(self._lookers)

    def numbers(self) -> Numbers:
        """What there is to say of the run now."""
        with self._changed:
            newest, now_s = self._newest, time.monotonic()
            self._forget(now_s)
            return Numbers(
                model=self._model,
                notice=self._notice,
                faults=self._faults,
                quiet_s=round(now_s - (newest.at_s if newest else self._begun_s), 2),
                latency_ms=self._latency(),
                fps=self._fps(),
                history=list(self._history),
                stale=self._stale,
                age_sum_ms=self._age_sum_ms,
                aged=self._aged,
                newest=newest,
                camera=self._camera,
            )

    def _viewing_of(self, layer: str, width: Optional[int]) -> Tuple[Viewing, Tuple[str, int]]:
        """What is encoded for who asks this, and the key that such pictures share."""
        viewing = narrowed(self._viewing, width)
        return viewing, (layer, viewing.size_wh[0] if viewing.size_wh else 0)

    def _encode(self, shown: Shown, key: Tuple[str, int], viewing: Viewing) -> Encoded:
        with self._encoding:  # who comes second finds it done
            done = self._encoded.get(key)
            if done is None or done.number < shown.number:
                if viewing.fps is not None:
                    self._next_picture_s[key] = time.monotonic() + 1 / viewing.fps
                if key[0] in (STREAM, FILM):
                    done = self._annotated(shown, key, viewing)
                else:
                    done = encoded(shown, key[0], viewing)
                self._encoded[key] = done
            return done

    def _annotated(self, shown: Shown, key: Tuple[str, int], viewing: Viewing) -> Encoded:
        """The overlay with its line, as an .mp4 has it."""
        picture = shown.report.lined_for(viewing).picture
        if key[0] == STREAM:
            coded = jpeg(picture)
        else:
            assert self._encoders is not None, "who sees a film is inside `filmed`"
            coded = self._encoders.encoded(key[1], picture)
        return _encoded(shown, coded, picture)

    def _forget(self, now_s: float) -> None:
        while self._ages and self._ages[0][0] < now_s - WINDOW_S:
            self._ages.popleft()

    def _latency(self) -> Dict[str, float]:
        return percentiles([age_ms for _, age_ms in self._ages])

    def _fps(self) -> float:
        if len(self._ages) < 2:
            return 0.0
        return round((len(self._ages) - 1) / max(self._ages[-1][0] - self._ages[0][0], 1e-3), 2)


def narrowed(viewing: Viewing, width: Optional[int]) -> Viewing:
    """The same for pictures that are shown `width` pixels wide, or a little more; None: as they
    are."""
    if width is None or viewing.size_wh is None:
        return viewing
    steps = max(1, -(-width // WIDTH_STEP))
    return viewing._replace(
        size_wh=(min(viewing.size_wh[0], steps * WIDTH_STEP), viewing.size_wh[1])
    )


def encoded(shown: Shown, layer: str, viewing: Viewing) -> Encoded:
    """Camera and layer in one JPEG, so that they belong to one frame and the page blends them at
    any opacity. layer: one of LAYERS; the mask's where the result has no such."""
    image, result = shown.frame.image, shown.result
    size_wh = viewing.fitted_wh(image)
    camera = _fitted(image, size_wh)
    plans = result.from_above(camera) if layer == ABOVE else None
    if plans is not None:
        camera, over = plans
    else:
        over = _layer_of(shown, layer, size_wh)
    middle = _in_blocks(len(camera)) + BLOCK // 2
    top = middle + BLOCK // 2
    both = np.zeros((top + _in_blocks(len(over)), size_wh[0], 3), np.uint8)
    for picture, begin, room in ((camera, 0, both[:middle]), (over, top - middle, both[middle:])):
        height, width = picture.shape[:2]
        end = begin + height
        room[begin:end, :width] = picture
        # nothing else around it for the JPEG's halved colours to take in
        room[begin:end, width : width + BLOCK] = picture[:, -1:]
        room[:begin], room[end:] = room[begin], room[end - 1]
    return _encoded(shown, jpeg(both), camera, (over.shape[1], over.shape[0], top))


def layer_wh_of(size_wh: Tuple[int, int]) -> Tuple[int, int]:
    """Two thirds of the camera's picture, in blocks: a layer is seen through, and a mask has no
    more pixels. It saves a sixth of what a viewer costs."""
    width, height = size_wh
    wide = min(width, _in_blocks(max(1, width * 2 // 3)))
    return wide, max(1, round(height * wide / width))


def _layer_of(shown: Shown, layer: str, size_wh: Tuple[int, int]) -> np.ndarray:
    """For a camera's picture of that width and height; as large as that where the result draws on
    the frame, for it may write there."""
    result, layer_wh = shown.result, layer_wh_of(size_wh)
    over = result.doubt_layer() if layer == DOUBT else None
    if over is None:
        over = result.layer(layer_wh)
    if over is None:
        return _fitted(result.drawn_on(shown.frame.image), size_wh)
    return _fitted(over, layer_wh)


def _in_blocks(pixels: int) -> int:
    return pixels + -pixels % BLOCK


def jpeg(picture: np.ndarray) -> bytes:
    """A (H, W, 3) uint8 BGR picture."""
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def _encoded(
    shown: Shown, coded: bytes, picture: np.ndarray, layer: Tuple[int, int, int] = (0, 0, 0)
) -> Encoded:
    """picture: what the viewer sees without the layer."""
    size_wh = picture.shape[1], picture.shape[0]
    return Encoded(shown.number, coded, size_wh, layer, shown.frame.timestamp_ns, shown.at_s)


def _fitted(picture: np.ndarray, size_wh: Tuple[int, int]) -> np.ndarray:
    if picture.shape[1] > size_wh[0]:
        return shrunk(picture, size_wh)
    return enlarged(picture, size_wh)


def _json_of(shown: Shown) -> JsonObject:
    facts, result, found = shown.facts, shown.result, shown.report.found
    shares = found.get("shares")
    shares = shares if isinstance(shares, dict) else {}
    legend = [
        {"name": name, "rgb": list(rgb), "share": shares.get(name)} for name, rgb in result.legend
    ]
    return {
        "index": shown.frame.index,
        "source": facts.source,
        "task": result.task,
        "age_ms": round(facts.age_ms, 2),
        "alarms": facts.alarms,
        "alarm_counts": facts.alarm_counts,
        "failing": facts.failing,
        "clock": facts.clock,
        "is_stale": facts.stale,
        "skipped": facts.skipped_in_all,
        "health": facts.health.as_json() if facts.health else None,
        "stages_ms": facts.stages_ms,
        "power": facts.power.as_json(),
        "opacity": result.opacity,
        "legend": legend,
        "result": found,
    }
