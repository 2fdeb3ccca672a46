"""`catseye demo`: the whole job on embedded data, by the commands that a user would type.

Trains, exports and verifies LeNet on scikit-learn's digits, drives the shipped road model down the
synthetic street, and cleans a noisy photograph with the shipped sparse coder. Writes a video,
pictures and report.json.
"""

import json
import os
import shutil
from contextlib import suppress
from typing import List, NamedTuple

import numpy as np

from catseye.commands import bench, export, run, train, verify
from catseye.commands.parsing.parser import Parser, remark, say, say_table
from catseye.opening import open_model
from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.bsds import demo_photographs
from catseye.runtime.datasets.mnist import page_of_digits, read_digits
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation import EVALUATIONS, evaluate
from catseye.runtime.evaluation.speed.measurement import Measurement, measure
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.pictures import save_png
from catseye.runtime.street import Street
from catseye.runtime.system.files import write_bytes
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import open_task

STREET_SEED = 3
STREET_MOMENT_S = 4.0  # of the picture
DRIVE_FRAMES = 200
EPOCHS = 40
BENCH_SECONDS = 3.0
COMMANDS = {"train": train.main, "export": export.main, "verify": verify.main, "run": run.main}


class Part(NamedTuple):
    """What one model did. metrics: on the demo data.  picture: where what it saw was drawn."""

    model: OpenedModel
    measurement: Measurement
    metrics: JsonObject
    picture: str
    split: str

    def as_json(self) -> JsonObject:
        return dict(
            bench.document(self.model, self.measurement),
            task=self.model.card.task,
            picture=self.picture,
            metrics=self.metrics,
            data="%s %s" % (DEMO, self.split),
        )


def main(argv: List[str]) -> int:
    parser = Parser(
        "demo", "Train, export, verify and run on embedded data; write pictures and a report."
    )
    parser.add_argument(
        "--out", default="demo", metavar="DIR", help="folder to write (default demo)"
    )
    out = parser.parse_args(argv).out
    os.makedirs(out, exist_ok=True)
    report = [_digits(out), _road(out), _sparse(out)]
    text = json.dumps([part.as_json() for part in report], indent=2) + "\n"
    write_bytes(os.path.join(out, "report.json"), text.encode())
    _say_report(out, report)
    return 0


def _digits(out: str) -> Part:
    """LeNet from nothing to a page of handwriting."""
    folder = os.path.join(out, "digits")
    if os.path.isdir(folder):
        shutil.rmtree(folder)  # an earlier demo's training
    _step("train", "digits", "--data", DEMO, "--epochs", str(EPOCHS), "--out", folder)
    _step("export", folder, "-o", folder + ".onnx")
    _step("verify", folder + ".onnx", "--against", folder, "--data", DEMO)
    digits = read_digits(DEMO, "test")
    page = page_of_digits(digits.images[:16], digits.labels[:16], (640, 360), seed=0).image
    return _report(folder + ".onnx", page, folder + ".png", "test")


def _road(out: str) -> Part:
    """The shipped road model down the synthetic street."""
    source, video = "synthetic://road?seed=%d" % STREET_SEED, os.path.join(out, "road.mp4")
    with suppress(FileNotFoundError):
        os.unlink(video)  # an earlier demo's, which `run` would keep
    _step("run", "road", "--source", source, "--frames", str(DRIVE_FRAMES), "--sink", video)
    street, _ = Street(STREET_SEED).render(STREET_MOMENT_S)
    return _report("road", street, os.path.join(out, "road.png"), "val")


def _sparse(out: str) -> Part:
    """The shipped sparse coder on a photograph: original, noisy and denoised go to its own
    folder."""
    photograph = demo_photographs()[0]
    return _report(
        "sparse", photograph, os.path.join(out, "sparse.png"), "val", os.path.join(out, "denoised")
    )


def _report(model: str, image: np.ndarray, picture: str, split: str, pictures: str = "") -> Part:
    """Draw what `model` sees in `image`; its metric on the demo data and its latency on that
    picture."""
    opened = open_model(model)
    task, frame = open_task(opened.card), Frame(image, 0, now_ns())
    with opened.engine as engine:
        inputs, kept = task.prepare(frame)
        save_png(picture, task.parse(engine.infer(inputs), kept).drawn_on(image))
        metrics = evaluate(engine, opened.card, DEMO, split, pictures or None)
        speed = measure(task, engine, [frame], BENCH_SECONDS)
    return Part(opened, speed, metrics, picture, split)


def _step(*arguments: str) -> None:
    """Run one command in plain sight; the demo ends with the first that does not succeed."""
    remark("\n$ catseye " + " ".join(arguments))
    code = COMMANDS[arguments[0]](list(arguments[1:]))
    if code != 0:
        raise CatseyeError(
            "`catseye %s` ended with %d" % (" ".join(arguments), code), "0", "see the lines above"
        )


def _say_report(out: str, report: List[Part]) -> None:
    rows = []
    for part in report:
        task, latency_ms = part.model.card.task, part.measurement.latency_ms
        name = EVALUATIONS[task].headline
        latency = latency_ms["p50"], latency_ms["p95"]
        rows.append((task, part.model.engine.backend, name, part.metrics[name], *latency))
    say("")
    say_table(("task", "backend", "metric", "value", "p50 ms", "p95 ms"), rows)
    say(
        "\nLook at %s: road.mp4, road.png, digits.png, sparse.png, denoised/, report.json"
        % os.path.join(out, "")
    )
