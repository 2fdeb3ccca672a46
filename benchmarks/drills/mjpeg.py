"""Motion JPEG over HTTP whose every fifth picture is torn: all whole ones may pass, as they were
sent, and no other."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np
from drill import Program, Row, Settings

PICTURES = 200
TORN_EVERY = 5
FPS = 25.0
DONE_IN_S = 240.0


def drill(settings: Settings) -> list[Row]:
    from camera_server import CameraServer, jpeg, noise, stream

    begun_s, tries = time.monotonic(), settings.tries(PICTURES)
    whole, torn = _pictures(tries, settings, jpeg, noise)
    folder, ended = settings.folder, threading.Event()
    images = folder / "set" / "images"

    def served(handler) -> None:  # type: ignore[no-untyped-def]
        stream(handler, sent_one_by_one(), fps=FPS)
        ended.set()

    def sent_one_by_one() -> Iterator[bytes]:
        while not list(images.glob("*.png")):  # the camera is there before the model
            yield whole[0]
        yield from torn
        yield from whole[:1] * 50  # so that nothing is missing by waiting

    with CameraServer() as server:
        server.routes["/video"] = served
        words = ["run", "road-nano", "--source", server.uri("/video"), "--sink", "dataset://set"]
        with Program(folder, *words, "--json") as program:
            hung = not ended.wait(DONE_IN_S)
            hung = not program.stopped() or hung
    report = {} if hung else json.loads(program.stdout.read_text())
    sent = {_hash(cv2.imdecode(np.frombuffer(data, np.uint8), 1)) for data in whole}
    passed = [_hash(cv2.imread(str(path))) for path in images.glob("*.png")]
    strange = sum(each not in sent for each in passed)
    counted = report.get("faults", {}).get("truncated", 0)
    note = "%d pictures passed; truncated: %d" % (len(passed), counted)
    lost = strange + (not passed) + (not counted)
    seconds = time.monotonic() - begun_s
    counts = (tries, lost, int(program.crashed), int(hung), 0)
    return [Row("torn motion JPEG", *counts, seconds, note)]


def _pictures(tries, settings, jpeg, noise):  # type: ignore[no-untyped-def]
    """The JPEGs, and the same with every fifth cut off somewhere."""
    whole = [jpeg(noise(seed=index)) for index in range(tries)]
    torn = list(whole)
    for index in range(TORN_EVERY - 1, tries, TORN_EVERY):
        share = settings.random.uniform(0.3, 0.95)
        torn[index] = whole[index][: int(share * len(whole[index]))]
    return whole, torn


def _hash(image: np.ndarray) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()
