"""The model file: one `.onnx` that carries its card and its golden frames, read without the onnx
package.

Knows the metadata of an ONNX file (ModelProto field 14) and where shipped models lie; nothing of
engines or frames.
The card is described in docs/model-file.md.
"""

import base64
import json
import os
from typing import Any, Dict, List, NamedTuple, Tuple

from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.golden import GoldenCase, golden_from_bytes
from catseye.runtime.model_file.packed import packed_model
from catseye.runtime.model_file.protobuf import fields
from catseye.runtime.system.files import read_bytes, sha256_hex

CARD_KEY = "catseye"
GOLDEN_KEY = "catseye.golden"
FORMAT = 1
METADATA_PROPS = 14  # field of ModelProto; each is StringStringEntryProto {1: key, 2: value}
ZOO = os.path.join(
    os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))), "models", "zoo"
)

# what every card must have, so that whoever reads it further on need not ask again
CARD_TYPES: Dict[str, type] = {
    "format": int,
    "version": str,
    "name": str,
    "task": str,
    "classes": list,
    "colours_rgb": list,
    "inputs": list,
    "outputs": list,
    "precision": str,
    "target": str,
    "opset": int,
    "metrics": dict,
    "provenance": dict,
    "settings": dict,
    "golden_sha256": str,
}


class ModelFile(NamedTuple):
    """name: file stem; data: the ONNX bytes; card: what it says of itself; golden: its golden
    frames."""

    name: str
    data: bytes
    card: Dict[str, Any]
    golden: Tuple[GoldenCase, ...]


def load_model(text: str = "") -> ModelFile:
    """Read the model named by an `.onnx` path or a zoo name; without a name, the one packed into
    this .pyz."""
    if not text:
        packed = packed_model()
        if packed is None:
            raise CatseyeError(
                "no model named", "an .onnx file or one of " + ", ".join(zoo_names())
            )
        name, data = packed
        return model_from_bytes(data, name)
    path = onnx_path(text)
    return model_from_bytes(read_bytes(path), os.path.splitext(os.path.basename(path))[0])


def onnx_path(text: str) -> str:
    """The file that `text` names: an existing path, else a zoo name."""
    if os.path.isfile(text):
        return text
    if text in zoo_names():
        return os.path.join(ZOO, text + ".onnx")
    if not zoo_names():  # a .pyz, which holds one model and no zoo
        raise CatseyeError(
            "no model %r" % text, "an .onnx file: no zoo is here", "copy it beside the program"
        )
    raise CatseyeError(
        "no model %r" % text, "an .onnx file or one of " + ", ".join(zoo_names()), "check the path"
    )


def zoo_names() -> List[str]:
    """Names of the shipped model files."""
    if not os.path.isdir(ZOO):
        return []
    return sorted(name[: -len(".onnx")] for name in os.listdir(ZOO) if name.endswith(".onnx"))


def model_from_bytes(data: bytes, name: str) -> ModelFile:
    """Parse and check the card and the golden frames of ONNX bytes."""
    metadata = _metadata(data, name)
    if CARD_KEY not in metadata:
        raise CatseyeError(
            "%s has no Catseye card" % name, "a model file", "write one with `catseye export`"
        )
    card = card_from_text(metadata[CARD_KEY], name)
    golden = _decoded_golden(metadata.get(GOLDEN_KEY, ""), name)
    if sha256_hex(golden) != card["golden_sha256"]:
        raise CatseyeError(
            "golden frames of %s that its card does not know" % name, "its own", "export it again"
        )
    return ModelFile(name, data, card, golden_from_bytes(golden))


def card_from_text(text: str, name: str) -> Dict[str, Any]:
    """The card as a dictionary, every field present and of its type."""
    try:
        card = json.loads(text)
    except ValueError as error:
        raise CatseyeError(
            "the card of %s is no JSON (%s)" % (name, error), "a Catseye card", "export it again"
        )
    if not isinstance(card, dict):
        raise CatseyeError(
            "the card of %s is a %s" % (name, type(card).__name__), "an object", "export it again"
        )
    for field, wanted in CARD_TYPES.items():
        if not isinstance(card.get(field), wanted) or isinstance(card.get(field), bool):
            found = "%s=%r" % (field, card.get(field))
            raise CatseyeError(
                "the card of %s has %s" % (name, found[:80]), wanted.__name__, "export it again"
            )
    if card["format"] != FORMAT:
        raise CatseyeError(
            "the card of %s has format %d" % (name, card["format"]), str(FORMAT), "update catseye"
        )
    return card


def _decoded_golden(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise CatseyeError("damaged golden frames in %s" % name, "base64", "export the model again")


def _metadata(data: bytes, name: str) -> Dict[str, str]:
    """The metadata_props of a ModelProto."""
    metadata = {}
    try:
        for number, _, value in fields(data):
            if number == METADATA_PROPS and isinstance(value, memoryview):
                entry = {
                    n: bytes(v).decode() for n, _, v in fields(value) if isinstance(v, memoryview)
                }
                metadata[entry.get(1, "")] = entry.get(2, "")
    except ValueError as error:
        raise CatseyeError(
            "%s is no ONNX file (%s)" % (name, error), "a model file that `catseye export` wrote"
        )
    return metadata
