"""Broken recordings: bytes of the file, or of a frame behind a mended checksum.

`replay`, `run --source replay://` and the Python reader are asked. A frame whose checksum is wrong
must be left out, and said; those that come must be as they were recorded.
"""

import json
import re
import struct
import zlib
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np

from catseye.runtime.model_file.arrays import arrays_from_bytes
from catseye.runtime.recording import mcap
from catseye.runtime.recording.entry import ARRAYS, CAMERA, PREFIX, RESULT, digest_of
from catseye.runtime.recording.log import LogReader
from damage import breaking
from damage.hearing import OTHER, REFUSED, UNCHANGED, Heard, Judge, Outcome, told, verb
from damage.models import write_picture

NAMES = ("digits", "digits", "road-nano", "autoencoder", "gan")
FRAMES = 3
LEFT_OUT = re.compile("left out|cut short")


class Files:
    """Whole recordings, and a place for broken ones."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "log.mcap"
        self._judge = Judge()

    def bits(self, random: Random) -> Outcome:
        """Bytes of the file, checksums as they were."""
        name = random.choice(NAMES)
        data, broken = breaking.broken_bytes(self._recorded(name).read_bytes(), random)
        self.path.write_bytes(data)
        return self._asked(name, random, "%s: %s" % (name, broken))

    def mended(self, random: Random) -> Outcome:
        """Bytes of a message or of the metadata, with the checksums around them mended."""
        name = random.choice(NAMES)
        records = records_of(self._recorded(name).read_bytes())
        chunks = [at for at, (kind, _) in enumerate(records) if kind == mcap.CHUNK]
        if random.random() < 0.2:
            at = next(at for at, (kind, _) in enumerate(records) if kind == mcap.METADATA)
            payload, broken = breaking.broken_bytes(records[at][1], random)
        else:
            at = random.choice(chunks)
            payload, broken = _broken_chunk(records[at][1], random)
        records[at] = (records[at][0], payload)
        self.path.write_bytes(mcap.MAGIC + b"".join(mcap.record(*record) for record in records))
        return self._asked(name, random, "%s mended: %s" % (name, broken), meant=True)

    def _asked(self, name: str, random: Random, broken: str, meant: bool = False) -> Outcome:
        command = random.choice(("read", "read", "replay", "run"))
        whole = self._recorded(name)
        fewer = []  # where frames are left out: how many came, and whether that was said

        def same(heard: Heard, of_whole: Heard) -> bool:
            if len(heard.answer) < len(of_whole.answer):
                fewer.append((len(heard.answer), LEFT_OUT.search(heard.words)))
            return meant or all(frame in of_whole.answer for frame in heard.answer)

        outcome = self._judge.judged(
            "%s %s" % (command, broken),
            lambda: self._call(command, name, self.path),
            (command, name),
            lambda: self._call(command, name, whole),
            same,
        )
        if outcome.what == UNCHANGED and fewer:
            frames, told_of = fewer[0]
            detail = "%s: %d of %d frames" % (outcome.detail, frames, FRAMES)
            return Outcome(REFUSED if told_of else OTHER, detail)
        return outcome

    def _call(self, command: str, name: str, log: Path) -> tuple[int, list[Any]]:
        """The exit code, and a digest of each frame that came."""
        if command == "read":
            code, frames = told(lambda: [_digest(entry) for entry in LogReader(str(log))])
            return code, frames or []
        if command == "replay":
            pictures = self.folder / "differ"
            return verb("replay", log, "--models", name, "--pictures", pictures)[0], []
        out = self.folder / "again.mcap"
        out.unlink(missing_ok=True)
        code, _ = verb("run", name, "--source", "replay://%s" % log, "--sink", "record://%s" % out)
        # without a frame there is no recording
        return code, [_digest(entry) for entry in LogReader(str(out))] if out.exists() else []

    def _recorded(self, name: str) -> Path:
        """The whole recording of what this model sees."""
        log = self.folder / ("%s.mcap" % name)
        if not log.exists():
            pictures = self.folder / "pictures"
            pictures.mkdir(exist_ok=True)
            for index in range(FRAMES):
                path = pictures / ("%d.png" % index)
                write_picture(path)
                cv2.imwrite(str(path), np.roll(cv2.imread(str(path)), 7 * index, 1))
            code, _ = verb("run", name, "--source", pictures, "--sink", "record://%s" % log)
            assert code == 0
        return log


def records_of(data: bytes) -> list[tuple[int, bytes]]:
    """(kind, payload) of each record of a whole file."""
    found, at = [], len(mcap.MAGIC)
    while at + 9 <= len(data):
        kind, size = struct.unpack_from("<BQ", data, at)
        found.append((kind, data[at + 9 : at + 9 + size]))
        at += 9 + size
    return found


def _broken_chunk(payload: bytes, random: Random) -> tuple[bytes, str]:
    """One message of a chunk broken, and the chunk's checksum and sizes as they should be."""
    head, records = payload[:16], records_of(mcap.MAGIC + payload[40:])
    at = random.randrange(len(records))
    kind, message = records[at]
    channel = struct.unpack_from("<H", message)[0]
    body, broken = message[22:], "channel %d" % channel
    if channel == ARRAYS and random.random() < 0.8:
        body, how = breaking.broken_archive(body, random)
    elif channel == CAMERA and random.random() < 0.3:
        start = body.index(b"\x89PNG")
        body, how = body[:start] + breaking.with_png_size(body[start:], random), "another size"
    elif channel == RESULT and random.random() < 0.7:
        body, how = breaking.broken_json(json.loads(body), random)
    else:
        body, how = breaking.broken_bytes(body, random)
    records[at] = (kind, message[:22] + body)
    if channel == ARRAYS and random.random() < 0.5:
        records, how = _with_digest(records, body), how + ", its row's digest recomputed"
    if random.random() < 0.1:
        records, how = [records[at - 1]] * 3, "a message three times"
    inner = b"".join(mcap.record(*record) for record in records)
    sizes = struct.pack("<QIIQ", len(inner), zlib.crc32(inner), 0, len(inner))
    return head + sizes + inner, broken + " " + how


def _with_digest(records: list[tuple[int, bytes]], arrays: bytes) -> list[tuple[int, bytes]]:
    """The messages of a chunk, the row with the digest of these arrays where they can be read."""
    try:
        found = arrays_from_bytes(arrays, breaking.BOMB)
    except ValueError:
        return records
    digest = digest_of({name[len(PREFIX) :]: array for name, array in found.items()})
    mended = []
    for kind, message in records:
        if struct.unpack_from("<H", message)[0] == RESULT:
            row = dict(json.loads(message[22:]), result_sha256=digest)
            message = message[:22] + json.dumps(row).encode()
        mended.append((kind, message))
    return mended


def _digest(entry: Any) -> Any:
    frame = entry.frame
    return [
        frame.index,
        frame.name,
        frame.timestamp_ns,
        digest_of({"image": frame.image}),
        digest_of(entry.arrays),
    ]
