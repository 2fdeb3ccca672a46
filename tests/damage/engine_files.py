"""Broken TensorRT engines on disk: bytes of the plan and of its description, and fields of that
behind a mended hash. What is asked is the reading, which needs no TensorRT."""

import json
from pathlib import Path
from random import Random
from typing import Any

from catseye.runtime.engines.tensorrt.engine_file import (
    EngineFile,
    read_engine,
    read_key,
    side_file,
    write_engine,
)
from catseye.runtime.engines.tensorrt.engine_key import EngineKey
from catseye.runtime.model_file.golden import Difference
from catseye.runtime.model_file.load import load_model
from catseye.runtime.recording.entry import digest_of
from catseye.runtime.system.files import sha256_hex
from damage import breaking
from damage.hearing import Judge, Outcome, any_answer, same_answer, told


class Files:
    """One whole engine, and a place for broken ones."""

    def __init__(self, folder: Path) -> None:
        self.whole, self.path = str(folder / "whole.engine"), str(folder / "broken.engine")
        self.side = Path(side_file(self.path))
        self._judge = Judge()

    def bits(self, random: Random) -> Outcome:
        """Bytes of either file."""
        write_engine(self.path, whole_engine())
        file = random.choice((Path(self.path), self.side))
        data, broken = breaking.broken_bytes(file.read_bytes(), random)
        file.write_bytes(data)
        return self._judged("%s: %s" % (file.suffix, broken))

    def described(self, random: Random) -> Outcome:
        """One field of the description, its hash recomputed."""
        write_engine(self.path, whole_engine())
        document = json.loads(self.side.read_text())["engine"]
        text, broken = breaking.broken_json(document, random)
        try:
            # as the reader writes it again: sorted, ASCII
            text = json.dumps(json.loads(text.decode()), sort_keys=True).encode()
        except (ValueError, RecursionError):
            pass
        head = b'{"sha256": "%s",\n"engine": ' % sha256_hex(text).encode()
        self.side.write_bytes(head + text + b"}\n")
        # a field that is of the right kind is another engine, and its hash says it is meant
        return self._judged("description%s" % broken, meant=True)

    def _judged(self, broken: str, meant: bool = False) -> Outcome:
        if not Path(self.whole).exists():
            write_engine(self.whole, whole_engine())
        return self._judge.judged(
            broken,
            lambda: told(lambda: _read(self.path)),
            "",
            lambda: told(lambda: _read(self.whole)),
            any_answer if meant else same_answer,
        )


def whole_engine() -> EngineFile:
    """An engine of `digits` whose plan is as good as any that is not loaded."""
    model = load_model("digits")
    key = EngineKey("0" * 64, "10.3.0", "12.6", "8.7", "Fake GPU", "fp16", -1, "", "", 1)
    differences = (Difference("probabilities", 1e-4, 1e-5, 1.0, True),)
    plan = bytes(range(256)) * 400
    return EngineFile(
        name="digits",
        plan=plan,
        plan_sha256=sha256_hex(plan),
        key=key,
        card=model.card,
        golden=model.golden,
        differences=differences,
        seconds=1.5,
        fallbacks=(),
    )


def _read(path: str) -> Any:
    """All that is in the files, arrays as their digests."""
    engine = read_engine(path)
    golden = [(digest_of(case.inputs), digest_of(case.outputs)) for case in engine.golden]
    return engine._replace(golden=tuple(golden)), read_key(path)
