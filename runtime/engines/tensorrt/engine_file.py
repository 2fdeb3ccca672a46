"""An engine on disk: `X.engine`, TensorRT's plan, and `X.engine.json`, all that is needed to trust
and to use it.

Knows what is written, and how every flipped, missing or foreign byte is found before TensorRT sees
any: a plan is code, and a damaged one may crash the process that loads it. Does not know where
engines are kept, nor how they are built.

    {"sha256": "...",
    "engine": {"format", "name", "plan_sha256", "key", "card", "golden", "gate", "seconds",
    "fallbacks"}}

sha256 is of the second line's value; the file must be byte for byte what this module writes of it.
It finds damage, not malice: whoever can write both files can also write a matching hash, so an
engine is trusted as far as its folder is.
"""

import base64
import json
import math
import os
from typing import Any, Dict, NamedTuple, Optional, Tuple

from catseye.runtime.engines.tensorrt.dla import Fallback
from catseye.runtime.engines.tensorrt.engine_key import EngineKey, key_from_json
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.golden import (
    Difference,
    GoldenCase,
    bytes_from_golden,
    golden_from_bytes,
)
from catseye.runtime.model_file.load import card_from_text
from catseye.runtime.system.files import read_bytes, sha256_hex, write_bytes

FORMAT = 1
SUFFIX = ".engine"
REJECTED = ".rejected" + SUFFIX
INFINITY = float("inf")  # null in the file, as NaN is: JSON has no word for either
BUILD_AGAIN = "build it again: catseye build MODEL.onnx"


class EngineFile(NamedTuple):
    """plan: TensorRT's bytes.  card: the model file's, with the engine's precision.  golden: the
    model file's.

    gate: how far it was from the golden frames.

    seconds: what the build took.  fallbacks: layers that a DLA did not take.
    """

    name: str
    plan: bytes
    key: EngineKey
    card: Dict[str, Any]
    golden: Tuple[GoldenCase, ...]
    gate: Tuple[Difference, ...]
    seconds: float
    fallbacks: Tuple[Fallback, ...]

    @property
    def passed(self) -> bool:
        """Whether its golden frames agreed."""
        return all(difference.ok for difference in self.gate)

    @property
    def dla_core(self) -> Optional[int]:
        """The DLA that it was built for, None for the GPU."""
        return None if self.key.dla_core < 0 else self.key.dla_core


def is_engine(path: str) -> bool:
    """Whether a file of this name is an engine."""
    return path.endswith(SUFFIX)


def side_file(path: str) -> str:
    """What lies beside the plan at `path`."""
    return path + ".json"


def rejected_path(path: str) -> str:
    """Where an engine that was to be `path` is kept when it fails its golden frames."""
    return (path[: -len(SUFFIX)] if is_engine(path) else path) + REJECTED


def write_engine(path: str, engine: EngineFile) -> None:
    """Write both files, each whole or not at all; the second one names the first one's hash, so no
    half is taken."""
    write_bytes(path, engine.plan)
    write_bytes(side_file(path), _side_bytes(_document(engine)))


def read_engine(path: str) -> EngineFile:
    """Read and check both files; CatseyeError on anything that is not exactly what `write_engine`
    wrote."""
    plan = read_bytes(path)
    if not os.path.isfile(side_file(path)):
        raise CatseyeError(
            "%s without %s" % (path, os.path.basename(side_file(path))),
            "both files of an engine",
            "copy both, or " + BUILD_AGAIN,
        )
    side = read_bytes(side_file(path))
    try:
        engine = _engine_from(_checked_document(side), plan)
    except (ValueError, KeyError, TypeError) as error:
        raise CatseyeError(
            "%s is damaged (%s)" % (path, error), "the engine as it was built", BUILD_AGAIN
        )
    return engine


def read_key(path: str) -> EngineKey:
    """The key of the engine at `path`, its plan unread: for lists. CatseyeError where its
    description is damaged."""
    try:
        return key_from_json(_checked_document(read_bytes(side_file(path))).get("key"))
    except ValueError as error:
        raise CatseyeError(
            "%s is damaged (%s)" % (side_file(path), error), "as it was written", BUILD_AGAIN
        )


def check_passed(engine: EngineFile, path: str) -> None:
    """Raise CatseyeError for an engine that was kept aside."""
    if not engine.passed:
        raise CatseyeError(
            "%s failed its golden frames when it was built" % path,
            "an engine that passed",
            "see %s, and build with another --precision" % side_file(path),
        )


def _document(engine: EngineFile) -> Dict[str, Any]:
    return {
        "format": FORMAT,
        "name": engine.name,
        "plan_sha256": sha256_hex(engine.plan),
        "key": engine.key.as_json(),
        "card": engine.card,
        "golden": base64.b64encode(bytes_from_golden(engine.golden)).decode("ascii"),
        "gate": [[_finite(value) for value in each] for each in engine.gate],
        "seconds": engine.seconds,
        "fallbacks": [list(fallback) for fallback in engine.fallbacks],
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _side_bytes(document: Dict[str, Any]) -> bytes:
    text = json.dumps(document, sort_keys=True)
    return ('{"sha256": "%s",\n"engine": %s}\n' % (sha256_hex(text.encode("ascii")), text)).encode(
        "ascii"
    )


def _checked_document(side: bytes) -> Dict[str, Any]:
    """The document in the bytes of a side file; ValueError where they are not what was written."""
    content = json.loads(side.decode("ascii"))
    if not isinstance(content, dict) or not isinstance(content.get("engine"), dict):
        raise ValueError("no engine is described")
    if _side_bytes(content["engine"]) != side:
        raise ValueError("its description has another SHA-256")
    if content["engine"].get("format") != FORMAT:
        raise ValueError("format %r, not %d" % (content["engine"].get("format"), FORMAT))
    document: Dict[str, Any] = content["engine"]
    return document


def _difference(
    name: str, max_abs: Optional[float], mean_abs: Optional[float], agreement: float, ok: bool
) -> Difference:
    largest, mean = (INFINITY if value is None else value for value in (max_abs, mean_abs))
    return Difference(name, largest, mean, agreement, ok)


def _engine_from(document: Dict[str, Any], plan: bytes) -> EngineFile:
    if sha256_hex(plan) != document["plan_sha256"]:
        raise ValueError("its plan of %d bytes has another SHA-256" % len(plan))
    gate = tuple(_difference(*each) for each in document["gate"])
    fallbacks = tuple(Fallback(*each) for each in document["fallbacks"])
    card = card_from_text(json.dumps(document["card"]), document["name"])
    golden = golden_from_bytes(base64.b64decode(document["golden"], validate=True))
    return EngineFile(
        document["name"],
        plan,
        key_from_json(document["key"]),
        card,
        golden,
        gate,
        document["seconds"],
        fallbacks,
    )
