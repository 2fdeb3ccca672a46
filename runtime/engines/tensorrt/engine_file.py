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
from typing import NamedTuple, Optional, Tuple

from catseye.runtime.engines.base import PLAN_SUFFIX
from catseye.runtime.engines.tensorrt.dla import Fallback
from catseye.runtime.engines.tensorrt.engine_key import EngineKey, key_from_fields
from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.card import MOST_NAMED, MOST_TENSORS, Card, card_from_json
from catseye.runtime.model_file.golden import (
    Difference,
    GoldenCase,
    bytes_from_golden,
    golden_from_bytes,
)
from catseye.runtime.system.files import read_bytes, sha256_hex, write_bytes
from catseye.runtime.system.json_document import Fields, JsonObject, json_from_bytes
from catseye.runtime.tasks import checked_card

FORMAT = 2  # 1 had the gate and the fallbacks as bare lists
LONGEST_NAME, MOST_GOLDEN = 200, 1 << 24
SUFFIX = PLAN_SUFFIX
REJECTED = ".rejected" + SUFFIX
INFINITY = float("inf")  # null in the file, as NaN is: JSON has no word for either
BUILD_AGAIN = "build it again: catseye build MODEL.onnx"


class EngineFile(NamedTuple):
    """plan: TensorRT's bytes, plan_sha256 of them.  card: the model file's, with the engine's
    precision.  golden: the model file's.  differences: from the golden frames, output by output.
    seconds: what the build took.  fallbacks: layers that a DLA did not take.
    """

    name: str
    plan: bytes
    plan_sha256: str
    key: EngineKey
    card: Card
    golden: Tuple[GoldenCase, ...]
    differences: Tuple[Difference, ...]
    seconds: float
    fallbacks: Tuple[Fallback, ...]

    @property
    def passed(self) -> bool:
        """Whether its golden frames agreed."""
        return all(difference.ok for difference in self.differences)

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
    """Read and check both files. Raises ModelFileError on anything that is not exactly what
    `write_engine` wrote."""
    plan = read_bytes(path, ModelFileError)
    if not os.path.isfile(side_file(path)):
        raise ModelFileError(
            "%s without %s" % (path, os.path.basename(side_file(path))),
            "both files of an engine",
            "copy both, or " + BUILD_AGAIN,
        )
    return _engine_from(
        _checked_document(read_bytes(side_file(path), ModelFileError), path), plan, path
    )


def read_key(path: str) -> EngineKey:
    """The key of the engine at `path`, its plan unread: for lists. Raises ModelFileError where its
    description is damaged."""
    return key_from_fields(
        _checked_document(read_bytes(side_file(path), ModelFileError), path).object("key")
    )


def check_passed(engine: EngineFile, path: str) -> None:
    """Raise ModelFileError for an engine that was kept aside."""
    if not engine.passed:
        raise ModelFileError(
            "%s failed its golden frames when it was built" % path,
            "an engine that passed",
            "see %s, and build with another --precision" % side_file(path),
        )


def _document(engine: EngineFile) -> JsonObject:
    return {
        "format": FORMAT,
        "name": engine.name,
        "plan_sha256": engine.plan_sha256,
        "key": engine.key.as_json(),
        "card": engine.card.as_json(),
        "golden": base64.b64encode(bytes_from_golden(engine.golden)).decode("ascii"),
        "gate": [_json_from_difference(difference) for difference in engine.differences],
        "seconds": engine.seconds,
        "fallbacks": [dict(fallback._asdict()) for fallback in engine.fallbacks],
    }


def _json_from_difference(difference: Difference) -> JsonObject:
    document = difference.as_json()
    for name, value in difference._asdict().items():
        if isinstance(value, float) and not math.isfinite(value):
            document[name] = None
    return document


def _side_bytes(document: JsonObject) -> bytes:
    text = json.dumps(document, sort_keys=True)
    return ('{"sha256": "%s",\n"engine": %s}\n' % (sha256_hex(text.encode("ascii")), text)).encode(
        "ascii"
    )


def _checked_document(side: bytes, path: str) -> Fields:
    """The document in the bytes of a side file; ModelFileError where they are not what was
    written."""
    try:
        content = json_from_bytes(side)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, str(error))
    outer = Fields(content, path="description", of=side_file(path), fix=BUILD_AGAIN)
    engine = outer.free("engine")
    if _side_bytes(engine) != side:
        raise _damaged(path, "its description has another SHA-256")
    fields = Fields(engine, path="engine", of=side_file(path), fix=BUILD_AGAIN)
    fields.integer("format", FORMAT, FORMAT)
    return fields


def _engine_from(fields: Fields, plan: bytes, path: str) -> EngineFile:
    name = fields.text("name", most=LONGEST_NAME)
    digest = sha256_hex(plan)
    if digest != fields.text("plan_sha256"):
        raise _damaged(path, "its plan of %d bytes has another SHA-256" % len(plan))
    card = checked_card(*card_from_json(fields.free("card"), name), name)
    try:
        packed = base64.b64decode(fields.text("golden", most=MOST_GOLDEN), validate=True)
    except ValueError as error:
        raise _damaged(path, str(error))
    return EngineFile(
        name=name,
        plan=plan,
        plan_sha256=digest,
        key=key_from_fields(fields.object("key")),
        card=card,
        golden=golden_from_bytes(packed, card.inputs, card.outputs, name),
        differences=tuple(map(_difference, fields.objects("gate", least=0, most=MOST_TENSORS))),
        seconds=fields.number("seconds", 0.0),
        fallbacks=tuple(map(_fallback, fields.objects("fallbacks", least=0, most=MOST_NAMED))),
    )


def _difference(fields: Fields) -> Difference:
    return Difference(
        name=fields.text("name"),
        max_abs=fields.number("max_abs") if fields.has("max_abs") else INFINITY,
        mean_abs=fields.number("mean_abs") if fields.has("mean_abs") else INFINITY,
        agreement=fields.number("agreement", 0.0, 1.0),
        ok=fields.flag("ok"),
        is_float=fields.has("is_float") and fields.flag("is_float"),
        magnitude=fields.number("magnitude") if fields.has("magnitude") else 0.0,
    )


def _fallback(fields: Fields) -> Fallback:
    return Fallback(fields.text("layer"), fields.text("kind"), fields.text("reason"))


def _damaged(path: str, reason: str) -> ModelFileError:
    return ModelFileError(
        "%s is damaged (%s)" % (path, reason), "the engine as it was built", BUILD_AGAIN
    )
