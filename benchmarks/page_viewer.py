"""What one viewer of the web page costs, and how late the picture is on the screen: single pictures
(the page as it opens), /stream.mjpg, and the page's video, in one Chromium and turn by turn.

A 1080p street with the masks of the model goes to the sink ten times a second, in this process; its
processor time is counted less that of a turn without a viewer, and divided by the pictures that the
browser saw. Each frame holds the millisecond in which it was made as a row of light and dark
blocks; the browser reads them from what it shows, whenever it draws. `of the network` is such a
viewer beside a camera of thirty frames a second: what ten of its pictures take over what thirty
frames take the model, one thread, measured between the turns. Ratios are medians over the rounds.

    .venv/bin/python benchmarks/page_viewer.py [--model road-nano] [--rounds 3] [--seconds 8]
                                               [--size 1920x1080] [--json]
"""

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from catseye.opening import open_model
from catseye.runtime.clock.moment import now
from catseye.runtime.frame import Frame
from catseye.runtime.sinks import open_sink
from catseye.runtime.sinks.base import Sink, WriteReport
from catseye.runtime.street import Street
from catseye.runtime.tasks import Result, open_task

ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "tests" / "runtime"), str(ROOT / "tests" / "runtime" / "sinks" / "http")]
from browser import Browser  # noqa: E402
from camera_loop import report_for  # noqa: E402

PICTURES_PER_S, CAMERA_FPS = 10, 30
FRAMES = 8  # of the street, to and fro
WINDOW_WH = (1280, 860)
BITS = 14  # milliseconds, each bit a light and a dark block
# where they stand, as shares of the picture: away from legend, line and corridor
LEFT, TOP, WIDE, HIGH = 0.5, 0.3, 0.5, 0.04
SETTLING_S = 3.0  # of a browser that has just opened a page
OPENED = "typeof number === 'number' && number > 3 && numbers"
LOADED = "document.images.length && document.images[0].naturalWidth"
WAYS = {
    "nobody": ("about:blank", "true", ""),
    "pictures": ("", OPENED, "canvas"),
    "mjpg": ("stream.mjpg", LOADED, "document.images[0]"),
    "video": ("", OPENED, "film"),
}
BYTES = {"pictures": "frame?width=960", "mjpg": "stream.mjpg", "video": "stream.mp4?width=960"}
LOOK = """
ages = []; seen = new Set();
small = Object.assign(document.createElement('canvas'), {width: %d * 8, height: 8});
context = small.getContext('2d', {willReadFrequently: true});
(function look() {
  requestAnimationFrame(look);
  const shown = %s;
  const wide = shown.videoWidth || shown.naturalWidth || shown.width;
  const high = shown.videoHeight || shown.naturalHeight || shown.height;
  if (!wide) return;
  const band = [wide * %g, high * %g, wide * %g, high * %g];
  context.drawImage(shown, ...band, 0, 0, small.width, small.height);
  const row = context.getImageData(0, 4, small.width, 1).data, green = x => row[4 * x + 1];
  let made = 0;
  for (let bit = 0; bit < %d; bit++)
    if (green(16 * bit + 4) > green(16 * bit + 12)) made += 1 << bit;
  if (seen.has(made)) return;
  seen.add(made);
  ages.push((Date.now() - made) & %d);
})()
"""


class Seen(NamedTuple):
    """cpu_ms: of one picture above a turn without a viewer.  of_network: see above.  age_ms: of the
    pictures when they were first drawn.  share: of the pictures that were shown at all."""

    cpu_ms: float
    of_network: float
    age_ms: list[float]
    share: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="road-nano")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each turn")
    parser.add_argument("--size", default="1920x1080", metavar="WxH")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    size_wh = tuple(int(number) for number in args.size.split("x"))
    work, shots = answered(args.model, size_wh)
    taken: dict[str, list[Seen]] = {way: [] for way in WAYS if way != "nobody"}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(args.rounds):
            network_ms = 1e3 * statistics.median(cpu_s(work) for _ in range(15))
            spent = {}
            for way in list(WAYS)[:: -1 if turn % 2 else 1]:
                profile = Path(folder, "%s-%d" % (way, turn))
                spent[way] = watched(way, shots, args.seconds, profile)
            idle_s = spent.pop("nobody")[0]
            for way, (busy_s, ages) in spent.items():
                cpu_ms = 1e3 * (busy_s - idle_s) / len(ages)
                share = len(ages) / (PICTURES_PER_S * args.seconds)
                ratio = cpu_ms * PICTURES_PER_S / (network_ms * CAMERA_FPS)
                taken[way].append(Seen(cpu_ms, ratio, ages, share))
    report = {way: summed_up(rounds) for way, rounds in taken.items()}
    for way, size in sizes(shots).items():
        report[way]["kB"] = size
    print(json.dumps(report, indent=2) if args.json else "\n".join(map(words, report.items())))


def answered(
    model: str, size_wh: Any
) -> tuple[Callable[[], object], list[tuple[np.ndarray, Result]]]:
    """What the network does for one frame, and pictures with its answers."""
    opened = open_model(model, "onnxruntime", threads=1)
    task = open_task(opened.card)
    street = Street(3, (1280, 720))
    images = [cv2.resize(street.render(at / 10)[0], size_wh) for at in range(FRAMES)]
    frames = [Frame(image, at, 0, "") for at, image in enumerate(images)]

    def answer(frame: Frame) -> Result:
        inputs, kept = task.prepare(frame)
        return task.parse(opened.engine.infer(inputs), kept)

    shots = [(frame.image, answer(frame)) for frame in frames]
    return lambda: answer(frames[0]), shots + shots[-2:0:-1]


def cpu_s(job: Callable[[], object]) -> float:
    begun_s = time.process_time()
    job()
    return time.process_time() - begun_s


def watched(
    way: str, shots: list[tuple[np.ndarray, Result]], seconds: float, profile: Path
) -> tuple[float, list[float]]:
    """Processor time of this process while a browser looks for so long, and the ages it saw."""
    address, ready, shown = WAYS[way]
    with going(shots) as sink, Browser(profile, profile, WINDOW_WH) as browser:
        # an endless picture is never loaded to its end, so that is not waited for
        browser.call("Page.navigate", url=sink.url + address if shown else address)
        browser.until(ready)
        if shown == "film":
            browser.click("#video")
            browser.until("film.currentTime > 0.5")
        time.sleep(SETTLING_S)
        if shown:
            browser.value(LOOK % (2 * BITS, shown, LEFT, TOP, WIDE, HIGH, BITS, (1 << BITS) - 1))
        begun_s = time.process_time()
        time.sleep(seconds)
        busy_s = time.process_time() - begun_s
        return busy_s, browser.value("ages") if shown else []


@contextmanager
def going(shots: list[tuple[np.ndarray, Result]]) -> Iterator[Any]:
    """A page that is shown a frame ten times a second."""
    ended = threading.Event()
    with open_sink("http://127.0.0.1:0", CAMERA_FPS) as sink:
        thread = threading.Thread(target=show_all, args=(sink, shots, ended))
        thread.start()
        try:
            yield sink
        finally:
            ended.set()
            thread.join()


def show_all(sink: Sink, shots: list[tuple[np.ndarray, Result]], ended: threading.Event) -> None:
    index, begun_s = 0, time.monotonic()
    while not ended.wait(max(0.0, begun_s + index / PICTURES_PER_S - time.monotonic())):
        image, result = shots[index % len(shots)]
        taken = now()
        frame = Frame(
            marked(image, taken.wall_ns // 10**6), index, taken.wall_ns, "", taken.monotonic_ns
        )
        report: WriteReport = report_for(frame, result)
        sink.write(frame, result, report)
        index += 1


def marked(image: np.ndarray, ms: int) -> np.ndarray:
    """A copy of a (H, W, 3) uint8 BGR picture with the time on it."""
    image = image.copy()
    height, width = image.shape[:2]
    band = image[round(TOP * height) : round((TOP + HIGH) * height), round(LEFT * width) :]
    for block, part in enumerate(np.array_split(band, 2 * BITS, axis=1)):
        part[:] = 235 if (ms >> block // 2 & 1) != block % 2 else 20
    return image


def sizes(shots: list[tuple[np.ndarray, Result]]) -> dict[str, float]:
    """10^3 bytes of a picture, by way."""
    found = {}
    with going(shots) as sink:
        for way, path in BYTES.items():
            with urllib.request.urlopen(sink.url + path) as answer:
                if way == "pictures":
                    found[way] = len(answer.read()) / 1e3
                    continue
                begun_s, length = time.monotonic(), 0
                while time.monotonic() - begun_s < 3:
                    length += len(answer.read1(1 << 16))
                found[way] = length / (3e3 * PICTURES_PER_S)
    return found


def summed_up(rounds: list[Seen]) -> dict[str, float]:
    ages = [age for each in rounds for age in each.age_ms]
    p50, p95 = np.percentile(ages, (50, 95))
    medians = {
        name: statistics.median(getattr(each, name) for each in rounds)
        for name in ("cpu_ms", "of_network", "share")
    }
    ratios = [each.of_network for each in rounds]
    return dict(medians, least=min(ratios), most=max(ratios), age_p50_ms=p50, age_p95_ms=p95)


def words(row: tuple[str, dict[str, float]]) -> str:
    way, found = row
    return (
        "%-9s CPU %5.1f ms a picture, %.3f of the network (%.3f to %.3f), %5.1f kB; on the screen"
        " after %.0f ms (p95 %.0f), %.0f %% of the pictures"
        % (
            way,
            *(found[name] for name in ("cpu_ms", "of_network", "least", "most", "kB")),
            *(found[name] for name in ("age_p50_ms", "age_p95_ms")),
            100 * found["share"],
        )
    )


if __name__ == "__main__":
    main()
