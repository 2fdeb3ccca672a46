"""The card: what a model file says of itself, parsed and checked once, to the last field.

Knows the JSON of docs/model-file.md and its ranges; what a task's own numbers mean is for the task
(`settings`). Whoever has a Card need not ask again.
"""

import abc
import json
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.model_file.tensors import (
    DTYPES,
    LARGEST_SIDE,
    MOST_AXES,
    MOST_ELEMENTS,
    TensorSpec,
    described,
)
from catseye.runtime.system.files import sha256_hex
from catseye.runtime.system.json_document import Fields, Json, JsonObject

FORMAT = 1
PRECISIONS = ("fp32", "fp16", "int8")
TARGETS = ("any", "jp4", "jp5", "jp6", "jp7")
NEWEST_OPSET = 64
MOST_CLASSES = 254  # ids of a uint8 mask, without the void
MOST_LABELS = 4096  # of a classifier, which gives a row of probabilities
MOST_TENSORS = 32
MOST_NAMED = 1 << 16  # layers, ranges
MOST_STEPS = 1 << 10  # of a channel's factor, eighths of an octave
NAME = 200  # characters of a name
HEX_DIGITS = 64
EXPORT_AGAIN = "copy it again, or export it again"

Colour = Tuple[int, int, int]


class Settings(abc.ABC):
    """The numbers that a task needs beyond shapes, as its card keeps them; what they mean stands
    with each task, in a NamedTuple of its own."""

    @abc.abstractmethod
    def as_json(self) -> JsonObject:
        """Plain JSON types, as `card.settings` has them."""


class NoSettings(Settings):
    """Of a task that needs none, and of a card before its task has read them."""

    def as_json(self) -> JsonObject:
        return {}


class Provenance(NamedTuple):
    """How the checkpoint was made. data, config: as the checkpoint has them, for people.

    epoch: the one that was kept, of `epochs`. commit: of the checkout that trained. start: the
    weights that it began with, "" for random ones.
    """

    data: JsonObject
    seed: int
    epoch: int
    epochs: int
    optimizer: str
    commit: str
    config: JsonObject
    start: str = ""

    @property
    def data_name(self) -> str:
        """What the data set is called, with the splits that were learned; "" where nobody said."""
        name = self.data.get("name")
        return name if isinstance(name, str) else ""


class CalibratedRanges(NamedTuple):
    """frames: where they came from and how many.  ranges: the method taken.

    amax: largest magnitude of every float tensor of the float graph, by name.  channels: by name of
    a tensor, n for each of its channels, which the graph multiplies by 2^(n / 8) against the
    network that it was made from (its weights make up for it).
    """

    frames: str
    ranges: str
    amax: Dict[str, float]
    channels: Dict[str, Tuple[int, ...]] = {}


class Card(NamedTuple):
    """Every field of the card; docs/model-file.md says what each means.

    colours_rgb: one for each class, or none.  metrics: rates 0-1 as the checkpoint has them, for
    people.  golden_sha256, graph_sha256: 64 hexadecimal digits, "" for the second in a file made
    before it was written.  float_layers: nodes that stayed FP32.
    """

    version: str
    name: str
    task: str
    classes: Tuple[str, ...]
    colours_rgb: Tuple[Colour, ...]
    inputs: Tuple[TensorSpec, ...]
    outputs: Tuple[TensorSpec, ...]
    precision: str
    target: str
    opset: int
    metrics: JsonObject
    provenance: Provenance
    settings: Settings = NoSettings()
    golden_sha256: str = ""
    graph_sha256: str = ""
    float_layers: Tuple[str, ...] = ()
    calibration: Optional[CalibratedRanges] = None

    def as_json(self) -> JsonObject:
        """The card in plain JSON types, with the digest of itself where it has one of the graph."""
        document: JsonObject = dict(self._asdict())
        document.update(
            format=FORMAT,
            classes=list(self.classes),
            colours_rgb=[list(colour) for colour in self.colours_rgb],
            inputs=[_json_from_tensor(spec) for spec in self.inputs],
            outputs=[_json_from_tensor(spec) for spec in self.outputs],
            provenance=dict(self.provenance._asdict()),
            settings=self.settings.as_json(),
            float_layers=list(self.float_layers),
            calibration=None if self.calibration is None else dict(self.calibration._asdict()),
        )
        for name in ("graph_sha256", "float_layers", "calibration"):
            if not document[name]:
                del document[name]
        if self.graph_sha256:
            document["card_sha256"] = digest_of_card(document)
        return document


def card_from_json(document: Json, name: str) -> Tuple[Card, Fields]:
    """The card in a JSON document, all but its settings, which come as fields for the task to read.

    name: of the file, for errors. Raises ModelFileError that names the field's path, such as
    `card.outputs[0].shape[2]`.
    """
    fields = Fields(document, path="card", of=name, fix=EXPORT_AGAIN)
    if fields.integer("format", 0, 1 << 16) != FORMAT:
        raise ModelFileError(
            "card.format of %s is %d" % (name, fields.integer("format", 0, 1 << 16)),
            str(FORMAT),
            "update catseye",
        )
    labels = fields.text("task", most=NAME) == "classification"
    most = MOST_LABELS if labels else MOST_CLASSES
    classes = fields.texts("classes", most=most, longest=NAME)
    colours = _colours(fields, most)
    if colours and len(colours) != len(classes):
        raise fields.wrong(
            ".colours_rgb (its length)", len(colours), "%d, a colour for each class" % len(classes)
        )
    card = Card(
        version=fields.text("version", most=NAME),
        name=fields.text("name", most=NAME),
        task=fields.text("task", most=NAME),
        classes=classes,
        colours_rgb=colours,
        inputs=_tensors(fields, "inputs"),
        outputs=_tensors(fields, "outputs"),
        precision=fields.text("precision", among=PRECISIONS),
        target=fields.text("target", among=TARGETS),
        opset=fields.integer("opset", 1, NEWEST_OPSET),
        metrics=fields.free("metrics"),
        provenance=_provenance(fields.object("provenance")),
        golden_sha256=_digest(fields, "golden_sha256"),
        graph_sha256=_digest(fields, "graph_sha256") if fields.has("graph_sha256") else "",
        float_layers=_float_layers(fields),
        calibration=_calibration(fields),
    )
    return card, fields.object("settings")


def check_digest_of_card(document: Json, name: str) -> None:
    """Raise ModelFileError where a card is not the one that was written. One without a digest of
    the graph was made before cards had digests, or by hand, and is not asked for its own."""
    if not isinstance(document, dict) or not document.get("graph_sha256"):
        return
    if document.get("card_sha256", "") not in ("", digest_of_card(document)):
        raise ModelFileError(
            "the card of %s has been changed since it was written" % name,
            "the SHA-256 that stands in it",
            EXPORT_AGAIN,
        )


def digest_of_card(document: JsonObject) -> str:
    """SHA-256 of a card without that very field, however its JSON was spaced and ordered."""
    rest = {name: value for name, value in document.items() if name != "card_sha256"}
    return sha256_hex(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode("ascii"))


def spec_error(spec: TensorSpec, side: str, expected: str, name: str) -> CatseyeError:
    """The error for a tensor of the card that its task cannot use. side: inputs or outputs."""
    found = "%s %s" % (spec.dtype.name, list(spec.shape))
    return ModelFileError(
        "card.%s: %r of %s is %s" % (side, spec.name, name, found), expected, EXPORT_AGAIN
    )


def check_outputs(card: Card, wanted: Sequence[TensorSpec], name: str) -> None:
    """Raise ModelFileError where the outputs of the card of file `name` are not these."""
    by_name = {spec.name: spec for spec in card.outputs}
    for spec in wanted:
        if by_name.get(spec.name) != spec:
            found = by_name.get(spec.name, card.outputs[0])
            raise spec_error(found, "outputs", described(spec), name)


def _tensors(fields: Fields, side: str) -> Tuple[TensorSpec, ...]:
    specs: List[TensorSpec] = []
    for tensor in fields.objects(side, least=1, most=MOST_TENSORS):
        shape = tensor.integers("shape", (1, MOST_AXES), 1, LARGEST_SIDE)
        dtype = np.dtype(tensor.text("dtype", among=DTYPES))
        spec = TensorSpec(tensor.text("name", most=NAME), shape, dtype)
        if spec.elements > MOST_ELEMENTS:
            raise tensor.wrong(".shape", list(shape), "at most %d elements" % MOST_ELEMENTS)
        if any(spec.name == other.name for other in specs):
            raise tensor.wrong(".name", spec.name, "a name of its own for each tensor")
        specs.append(spec)
    return tuple(specs)


def _json_from_tensor(spec: TensorSpec) -> JsonObject:
    return {"name": spec.name, "shape": list(spec.shape), "dtype": spec.dtype.name}


def _colours(fields: Fields, most: int) -> Tuple[Colour, ...]:
    colours: List[Colour] = []
    for one in fields.lists("colours_rgb", most=most):
        red, green, blue = one.integers("", (3, 3), 0, 255)
        colours.append((red, green, blue))
    return tuple(colours)


def _provenance(fields: Fields) -> Provenance:
    """What is missing is empty: a file that somebody else wrote may not know."""
    return Provenance(
        data=fields.free("data") if fields.has("data") else {},
        seed=fields.integer("seed", -(1 << 53)) if fields.has("seed") else 0,
        epoch=fields.integer("epoch", 0) if fields.has("epoch") else 0,
        epochs=fields.integer("epochs", 0) if fields.has("epochs") else 0,
        optimizer=fields.text("optimizer", most=NAME) if fields.has("optimizer") else "",
        commit=fields.text("commit", most=NAME) if fields.has("commit") else "",
        config=fields.free("config") if fields.has("config") else {},
        start=fields.text("start", most=NAME) if fields.has("start") else "",
    )


def _digest(fields: Fields, name: str) -> str:
    digest = fields.text(name, most=HEX_DIGITS)
    if len(digest) != HEX_DIGITS or set(digest) - set("0123456789abcdef"):
        raise fields.wrong("." + name, digest, "%d hexadecimal digits" % HEX_DIGITS)
    return digest


def _float_layers(fields: Fields) -> Tuple[str, ...]:
    if not fields.has("float_layers"):
        return ()
    return fields.texts("float_layers", most=MOST_NAMED)


def _calibration(fields: Fields) -> Optional[CalibratedRanges]:
    if not fields.has("calibration"):
        return None
    inner = fields.object("calibration")
    return CalibratedRanges(
        frames=inner.text("frames"),
        ranges=inner.text("ranges", most=NAME),
        amax=inner.numbers_by_name("amax", most=MOST_NAMED, least=0.0),
        channels=_channels(inner) if inner.has("channels") else {},
    )


def _channels(fields: Fields) -> Dict[str, Tuple[int, ...]]:
    return fields.integers_by_name(
        "channels",
        most=MOST_NAMED,
        count=(1, LARGEST_SIDE),
        least=-MOST_STEPS,
        highest=MOST_STEPS,
    )
