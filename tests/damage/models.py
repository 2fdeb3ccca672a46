"""Broken model files: the card, the golden frames and the graph, behind digests that are right or
not.

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

from catseye.runtime.model_file.card import digest_of_card
from catseye.runtime.model_file.load import CARD_KEY, GOLDEN_KEY, ZOO
from catseye.runtime.model_file.onnx_file import METADATA_PROPS
from catseye.runtime.recording.entry import digest_of
from catseye.runtime.recording.log import LogReader
from damage import breaking
from damage.hearing import (
    OTHER,
    REFUSED,
    UNCHANGED,
    Judge,
    Outcome,
    any_answer,
    same_answer,
    verb,
    worse,
)

# the quick ones more often
NAMES = 4 * ("digits",) + 3 * ("gan", "autoencoder") + 2 * ("road-nano",) + ("sparse",)


class Files:
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
        """One field of the card, its digest recomputed."""
        name = random.choice(NAMES)
        data = self.whole(name)
        text, broken = breaking.broken_json(json.loads(metadata_of(data, CARD_KEY)), random)
        self.path.write_bytes(breaking.model_with(data, **{CARD_KEY: mended(text)}))
        return self._asked(name, "%s card%s" % (name, broken), random, meant=True)

    def card_bits(self, random: Random) -> Outcome:
        """Bytes of the metadata: card, golden frames and their names."""
        name = random.choice(NAMES)
        data = self.whole(name)
        first, last, _, _ = random.choice(
            [field for field in breaking.top_fields(data) if field[2] == METADATA_PROPS]
        )
        broken, how = breaking.broken_bytes(data[first:last], random)
        self.path.write_bytes(data[:first] + broken + data[last:])
        return self._asked(name, "%s metadata %s" % (name, how), random)

    def golden(self, random: Random) -> Outcome:
        """The golden frames, with the digests that the card has mended."""
        name = random.choice(NAMES)
        data = self.whole(name)
        card = json.loads(metadata_of(data, CARD_KEY))
        golden, broken = breaking.broken_archive(
            base64.b64decode(metadata_of(data, GOLDEN_KEY)), random
        )
        card["golden_sha256"] = hashlib.sha256(golden).hexdigest()
        entries = {CARD_KEY: mended(json.dumps(card).encode())}
        entries[GOLDEN_KEY.replace(".", "__")] = base64.b64encode(golden)
        self.path.write_bytes(breaking.model_with(data, **entries))
        return self._asked(name, "%s golden frames: %s" % (name, broken), random)

    def graph(self, random: Random) -> Outcome:
        """Bits of everything but the metadata."""
        name = random.choice(NAMES)
        data, broken = _with_broken_graph(self.whole(name), random)
        self.path.write_bytes(data)
        return self._compared(name, "run", "%s %s" % (name, broken))

    def graph_of_before(self, random: Random) -> Outcome:
        """The same in a file that has no digest, so that a backend sees it."""
        name = random.choice(NAMES)
        data = self.whole(name)
        card = json.loads(metadata_of(data, CARD_KEY))
        del card["graph_sha256"], card["card_sha256"]
        data = breaking.model_with(data, **{CARD_KEY: json.dumps(card).encode()})
        data, broken = _with_broken_graph(data, random)
        self.path.write_bytes(data)
        return self._compared(name, "run", "%s %s" % (name, broken), meant=True)

    def _asked(self, name: str, broken: str, random: Random, meant: bool = False) -> Outcome:
        """`run` and `verify`, which must be of one opinion; or `eval`, or `bench`."""
        command = random.choice(("run", "run", "run", "eval", "bench"))
        first = self._compared(name, command, broken, meant)
        if command != "run":
            return first
        second = self._compared(name, "verify", broken, meant)
        if first.what == REFUSED and second.what == UNCHANGED:
            return Outcome(OTHER, broken + ": verify is content, run refuses")
        return worse(first, second)

    def _compared(self, name: str, command: str, broken: str, meant: bool = False) -> Outcome:
        whole = Path(ZOO) / (name + ".onnx")
        return self._judge.judged(
            "%s %s" % (command, broken),
            lambda: self._call(command, name, self.path),
            (name, command),
            lambda: self._call(command, name, whole),
            any_answer if meant else same_answer,
        )

    def _call(self, command: str, name: str, path: Path) -> tuple[int, Any]:
        if command == "run":
            return self._run(path)
        more = {
            "bench": ["--source", self.picture, "--seconds", "0.01"],
            "eval": ["--data", self.data if "road" in name else "demo"],
            "verify": [],
        }
        return verb(command, path, *more[command])

    def _run(self, path: Path) -> tuple[int, Any]:
        """The exit code, and the digest of the result of each picture."""
        log = self.folder / "run.mcap"
        log.unlink(missing_ok=True)
        code, _ = verb("run", path, "--source", self.picture, "--sink", "record://%s" % log)
        return code, None if code else [digest_of(entry.arrays) for entry in LogReader(str(log))]


def mended(card: bytes) -> bytes:
    """The JSON of a card with its own digest as it should be, where it can be read at all."""
    try:
        document = json.loads(card)
        before = document["card_sha256"]
        return card.replace(before.encode(), digest_of_card(document).encode())
    except (ValueError, RecursionError, KeyError, AttributeError, TypeError):
        return card


def _with_broken_graph(data: bytes, random: Random) -> tuple[bytes, str]:
    fields = [field for field in breaking.top_fields(data) if field[2] != METADATA_PROPS]
    # the graph itself is one field and nearly all of the file
    graph = max(fields, key=lambda field: field[1] - field[0])
    first, last, number, _ = random.choice(fields + 4 * [graph])
    return breaking.flipped(data, random, first, last), "field %d" % number


def metadata_of(data: bytes, name: str) -> bytes:
    """The value of a metadata entry of an ONNX file."""
    for _, _, number, body in breaking.top_fields(data):
        if number == METADATA_PROPS:
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
