"""Broken model files: a field of the card, the golden frames behind a mended hash, the graph.

`run`, `verify`, `eval` and `bench` are asked; the answer is what `run` records of one picture.
"""

import base64
import hashlib
import json
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np

from catseye.runtime.model_file.load import CARD_KEY, GOLDEN_KEY, ZOO
from catseye.runtime.recording.log import LogReader, digest_of
from damage import breaking
from damage.hearing import (
    OTHER,
    REFUSED,
    UNCHANGED,
    Judge,
    Outcome,
    verb,
    worse,
)

# the quick ones more often
NAMES = 4 * ("digits",) + 3 * ("gan", "autoencoder") + 2 * ("road-nano",) + ("sparse",)


class Models:
    """Whole models with their answers, and a place for broken ones."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "model.onnx"
        self.picture, self.data = folder / "picture.png", folder / "data"
        write_picture(self.picture)
        write_road_data(self.data)
        self._judge = Judge()

    def whole(self, name: str) -> bytes:
        return (Path(ZOO) / (name + ".onnx")).read_bytes()

    def card_field(self, random: Random) -> Outcome:
        """One field of the card, its JSON text, or its bytes."""
        name = random.choice(NAMES)
        data = self.whole(name)
        text = metadata_of(data, CARD_KEY)
        if random.random() < 0.8:
            card, broken = breaking.broken_json(json.loads(text), random)
        else:
            card, broken = breaking.broken_bytes(text, random)
        self.path.write_bytes(breaking.model_with(data, **{CARD_KEY: card}))
        return self._asked(name, "%s card%s" % (name, broken), random)

    def golden(self, random: Random) -> Outcome:
        """The golden frames, with the hash that the card knows mended."""
        name = random.choice(NAMES)
        data = self.whole(name)
        card = json.loads(metadata_of(data, CARD_KEY))
        golden, broken = breaking.broken_archive(
            base64.b64decode(metadata_of(data, GOLDEN_KEY)), random
        )
        card["golden_sha256"] = hashlib.sha256(golden).hexdigest()
        entries = {CARD_KEY: json.dumps(card).encode(), "catseye__golden": base64.b64encode(golden)}
        self.path.write_bytes(breaking.model_with(data, **entries))
        return self._asked(name, "%s golden frames: %s" % (name, broken), random)

    def graph(self, random: Random) -> Outcome:
        """Bits of everything but the metadata."""
        name = random.choice(NAMES)
        data = self.whole(name)
        graph = [
            field for field in breaking.top_fields(data) if field[2] != breaking.METADATA_PROPS
        ]
        # the graph itself is one field and nearly all of the file
        first, last, number, _ = random.choice(graph + 4 * [max(graph, key=lambda f: f[1] - f[0])])
        self.path.write_bytes(breaking.flipped(data, random, first, last))
        return self._compared(name, "run", "%s, field %d" % (name, number))

    def _asked(self, name: str, broken: str, random: Random) -> Outcome:
        """`run` and `verify`, which must be of one opinion; or `eval`, or `bench`."""
        command = random.choice(("run", "run", "run", "eval", "bench"))
        first = self._compared(name, command, broken)
        if command != "run":
            return first
        second = self._compared(name, "verify", broken)
        if first.what == REFUSED and second.what == UNCHANGED:
            return Outcome(OTHER, broken + ": verify is content, run refuses")
        return worse(first, second)

    def _compared(self, name: str, command: str, broken: str) -> Outcome:
        whole = Path(ZOO) / (name + ".onnx")
        return self._judge.judged(
            "%s %s" % (command, broken),
            lambda: self._call(command, self.path),
            (name, command),
            lambda: self._call(command, whole),
        )

    def _call(self, command: str, path: Path) -> tuple[int, Any]:
        if command == "run":
            return self._run(path)
        more = {
            "bench": ["--source", self.picture, "--seconds", "0.01"],
            "eval": ["--data", self.data if "road" in str(path) else "demo"],
            "verify": [],
        }
        return verb(command, path, *more[command])

    def _run(self, path: Path) -> tuple[int, Any]:
        """The exit code, and the digest of the result of each picture."""
        log = self.folder / "run.mcap"
        log.unlink(missing_ok=True)
        code, _ = verb("run", path, "--source", self.picture, "--sink", "record://%s" % log)
        return code, None if code else [digest_of(entry.arrays) for entry in LogReader(str(log))]


def metadata_of(data: bytes, name: str) -> bytes:
    """The value of a metadata entry of an ONNX file."""
    for _, _, number, body in breaking.top_fields(data):
        if number == breaking.METADATA_PROPS:
            (_, _, _, key), (_, _, _, value) = breaking.top_fields(body)
            if key.decode() == name:
                return value
    raise KeyError(name)


def write_picture(path: Path) -> None:
    """Digits on light ground, larger things behind: every task has something to say to it."""
    image = np.full((90, 160, 3), 225, np.uint8)
    cv2.rectangle(image, (100, 0), (159, 45), (90, 60, 40), -1)
    for place, digit in enumerate("274"):
        cv2.putText(image, digit, (6 + 30 * place, 60), 0, 1.4, (20, 20, 20), 4, cv2.LINE_AA)
    cv2.imwrite(str(path), image)


def write_road_data(folder: Path) -> None:
    """One annotated picture in CamVid's layout."""
    for name, content in (("val", np.full((90, 160, 3), 120)), ("valannot", np.eye(90, 160) * 3)):
        (folder / "camvid" / name).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / "camvid" / name / "0001TP_1.png"), content.astype(np.uint8))
