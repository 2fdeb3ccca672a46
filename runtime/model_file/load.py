"""The model file: one `.onnx` that carries its card and its golden frames, read without the onnx
package, and checked before anybody uses it.

Knows what stands under which key of the metadata and where shipped models lie; nothing of engines
or frames. docs/model-file.md describes the file.
"""

import base64
import logging
import os
import shlex
from typing import List, NamedTuple, Sequence, Set

import numpy as np

from catseye.runtime.errors import CatseyeError, ModelFileError, nearest
from catseye.runtime.model_file.border import Border, read_border
from catseye.runtime.model_file.card import (
    EXPORT_AGAIN,
    Card,
    card_from_json,
    check_digest_of_card,
)
from catseye.runtime.model_file.golden import GoldenCase, PackedGolden
from catseye.runtime.model_file.onnx_file import OnnxFile, read_onnx_file
from catseye.runtime.model_file.packed import PYZ, manifest, model_in, packed_model
from catseye.runtime.model_file.tensors import TensorSpec, described
from catseye.runtime.system.files import read_bytes, sha256_hex
from catseye.runtime.system.json_document import Json, json_from_text
from catseye.runtime.tasks import checked_card

CARD_KEY = "catseye"
GOLDEN_KEY = "catseye.golden"
LONGEST_CARD = 1 << 22  # bytes; the longest shipped one has 111,204
TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
ZOO = os.path.join(TREE, "models", "zoo")
WEIGHTS, META = "model.pt", "meta.json"  # the files of a checkpoint
OF_TORCH = (".pt", ".pth", ".pt2", ".ts", ".torchscript")
ZIP = b"PK\x03\x04"  # what torch.save, torch.jit.save and torch.export.save write

log = logging.getLogger("catseye")
_told: Set[str] = set()  # files without a digest that have been told of


class ModelFile(NamedTuple):
    """name: file stem.  data: the ONNX bytes.  card: what it says of itself.  golden: its golden
    frames, looked into when they are asked for.  border: of its graph, which for `jp4` has wider
    types than the card.  sha256: of data.
    """

    name: str
    data: bytes
    card: Card
    golden: Sequence[GoldenCase]
    border: Border
    sha256: str


def load_model(text: str = "") -> ModelFile:
    """Read the model named by the path of an `.onnx` or of a .pyz that holds it, or a zoo name;
    without a name, and by its own, the one packed into this .pyz. Raises ModelFileError where it is
    missing or damaged, CatseyeError where none is named."""
    if not text or _is_packed(text):
        found = packed_model()
        if found is None:
            raise CatseyeError(
                "no model named", "an .onnx file or one of " + ", ".join(zoo_names())
            )
        return _checked_model(*found)
    if text.endswith(PYZ) and os.path.isfile(text):
        return _checked_model(*model_in(text))
    path = onnx_path(text)
    log.debug("model %s is read from %s", text, path)
    data = read_bytes(path, ModelFileError)
    if path.endswith(OF_TORCH) and data.startswith(ZIP):
        raise _of_another_tool("%s is a file of torch" % path, path)
    name = os.path.splitext(os.path.basename(path))[0]
    return _checked_model(name, data, sha256_hex(data), path)


def _is_packed(text: str) -> bool:
    """Whether it is the name of the model in this .pyz, and of no file."""
    packed = manifest()
    return packed is not None and text == packed.model_name and not os.path.isfile(text)


def onnx_path(text: str) -> str:
    """The file that `text` names: an existing path, else a zoo name. Raises ModelFileError where it
    is neither, and for a checkpoint, which is no file."""
    checkpoint = checkpoint_at(text)
    if checkpoint not in ("", text):
        raise ModelFileError(
            "%s is a file of a checkpoint" % text,
            "the checkpoint, which is named by its folder",
            "name %s" % checkpoint,
        )
    if os.path.isfile(text):
        return text
    if text in zoo_names():
        return os.path.join(ZOO, text + ".onnx")
    if checkpoint:
        raise ModelFileError(
            "%s is a checkpoint" % text,
            "a model file",
            "make one on the workstation: catseye export %s -o mine.onnx" % shlex.quote(text),
        )
    packed = manifest()
    if packed:  # a .pyz, which holds one model and no zoo
        here = "an .onnx file or the packed " + packed.model_name
        raise ModelFileError("no model %r" % text, here, "copy it beside the program")
    names = zoo_names()
    fix = nearest(text, names) or "check the path"
    raise ModelFileError("no model %r" % text, "an .onnx file or one of " + ", ".join(names), fix)


def checkpoint_at(path: str) -> str:
    """The folder of the checkpoint that `path` is, or is a file of; "" where it is none."""
    if os.path.isfile(os.path.join(path, WEIGHTS)):
        return path
    folder, name = os.path.split(path)
    both = all(os.path.isfile(os.path.join(folder, each)) for each in (WEIGHTS, META))
    return (folder or ".") if both and name in (WEIGHTS, META) else ""


def _of_another_tool(found: str, path: str) -> ModelFileError:
    fix = "make one on the workstation: catseye adopt %s -o mine.onnx" % shlex.quote(path)
    return ModelFileError(found, "a model file", fix)


def zoo_names() -> List[str]:
    """Names of the shipped model files."""
    if not os.path.isdir(ZOO):
        return []
    return sorted(name[: -len(".onnx")] for name in os.listdir(ZOO) if name.endswith(".onnx"))


def model_from_bytes(data: bytes, name: str) -> ModelFile:
    """Parse and check all that ONNX bytes carry: card, graph and golden frames.

    Raises ModelFileError where anything is missing, damaged or does not fit the rest; a file
    without a digest of its graph is taken, and told of once.
    """
    return _checked_model(name, data, sha256_hex(data))


def _checked_model(name: str, data: bytes, sha256: str, path: str = "") -> ModelFile:
    """path: of the file, where there is one."""
    file = read_onnx_file(data, name)
    card = _card(file, name, path)
    _check_graph(file, card, name)
    border = read_border(file, name)
    _check_border(card, border, name)
    log.debug("model %s: task %s, %d bytes, sha256 %s", name, card.task, len(data), sha256)
    return ModelFile(
        name=name,
        data=data,
        card=card,
        golden=_golden(file, card, name),
        border=border,
        sha256=sha256,
    )


def _card(file: OnnxFile, name: str, path: str) -> Card:
    if CARD_KEY not in file.metadata:
        if file.graphs:
            raise _of_another_tool("%s has no Catseye card" % name, path or name + ".onnx")
        raise ModelFileError(
            "%s has neither a graph nor a card" % name, "a model file", EXPORT_AGAIN
        )
    document = _document(file.metadata[CARD_KEY], name)
    card = checked_card(*card_from_json(document, name), name)
    check_digest_of_card(document, name)
    return card


def _check_graph(file: OnnxFile, card: Card, name: str) -> None:
    """Raise ModelFileError where the graph is not the one that the card was written for."""
    if card.graph_sha256:
        if file.graph_sha256() != card.graph_sha256:
            raise ModelFileError(
                "the graph of %s is damaged" % name, "the SHA-256 that its card has", EXPORT_AGAIN
            )
    elif name not in _told:
        _told.add(name)
        log.info(
            "%s was made before model files had a digest: damage to its graph would not show", name
        )


def _golden(file: OnnxFile, card: Card, name: str) -> Sequence[GoldenCase]:
    try:
        packed = base64.b64decode(file.metadata.get(GOLDEN_KEY, b""), validate=True)
    except ValueError:
        raise ModelFileError("damaged golden frames in %s" % name, "base64", EXPORT_AGAIN)
    if sha256_hex(packed) != card.golden_sha256:
        raise ModelFileError(
            "golden frames of %s that its card does not know" % name, "its own", EXPORT_AGAIN
        )
    return PackedGolden(packed, card.inputs, card.outputs, name) if packed else ()


def _document(text: memoryview, name: str) -> Json:
    try:
        if len(text) > LONGEST_CARD:
            raise ValueError("%d bytes" % len(text))
        return json_from_text(str(text, "utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelFileError(
            "the card of %s cannot be read (%s)" % (name, error), "a Catseye card", EXPORT_AGAIN
        )


def _check_border(card: Card, border: Border, name: str) -> None:
    """Raise ModelFileError where the graph begins or ends with something else than the card says;
    its types may be wider."""
    sides = (("inputs", card.inputs, border.inputs), ("outputs", card.outputs, border.outputs))
    for side, declared, found in sides:
        by_name = {spec.name: spec for spec in found}
        for spec in declared:
            other = by_name.get(spec.name)
            if other is None or not _fits(spec, other):
                raise ModelFileError(
                    "card.%s of %s has %s" % (side, name, described(spec)),
                    _words(found) + ", as the graph has",
                    EXPORT_AGAIN,
                )
        if side == "inputs" and len(declared) != len(found):
            raise ModelFileError(
                "card.inputs of %s has %d" % (name, len(declared)), _words(found), EXPORT_AGAIN
            )


def _fits(declared: TensorSpec, found: TensorSpec) -> bool:
    return declared.shape == found.shape and np.can_cast(declared.dtype, found.dtype, "safe")


def _words(specs: Sequence[TensorSpec]) -> str:
    return ", ".join(described(spec) for spec in specs)
