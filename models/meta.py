"""What a checkpoint says of itself: its task, its network's configuration and how it was made.

Knows the fields and their types, and reads them from text of any origin; nothing of weights.
"""

import json
import math
from dataclasses import asdict, dataclass, field, replace

from catseye.runtime.errors import ModelFileError
from catseye.runtime.system.json_document import Fields, Json, JsonObject, json_from_text
from catseye.runtime.version import VERSION

FORMAT = 2  # 1: without the file's SHA-256
LONGEST = 1 << 20  # characters
OPTIONAL = ("start", "elastic", "batch", "rate")  # left out where there is nothing to say
EARLIEST_SEED = -(1 << 53)
FIX = "train it again"


@dataclass(frozen=True, kw_only=True)
class Meta:
    """The meta data of a checkpoint.

    config: the fields of the network's configuration.  metrics: by the validation data.  data:
    where the examples came from, as the recipe describes it.  epoch: of these weights, 1 to
    `epochs`.  commit: of the checkout that trained, with "+" if it was changed since.  start: the
    checkpoint or package of the first weights, "" for random ones.  elastic: the terms of an
    elastic training.  batch, rate: examples to a batch and the learning rate, 0 for the recipe's
    own.  version: of the catseye that wrote it.
    """

    format: int = FORMAT
    version: str = VERSION
    task: str
    config: JsonObject
    metrics: JsonObject
    data: JsonObject
    seed: int
    epoch: int
    epochs: int
    optimizer: str
    commit: str
    start: str = ""
    elastic: JsonObject = field(default_factory=dict)
    batch: int = 0
    rate: float = 0.0

    def number(self, metric: str) -> float:
        """The metric of that name. Raises KeyError where there is none, TypeError where it is no
        number."""
        value = self.metrics[metric]
        if not isinstance(value, (int, float)):
            raise TypeError(f"{metric} is {value!r}")
        return value

    def with_metric(self, name: str, value: float) -> "Meta":
        """The same with one metric more, or another value of it."""
        return replace(self, metrics=dict(self.metrics, **{name: value}))

    def as_json(self) -> JsonObject:
        """The fields in their order; a number that JSON has not, such as NaN, is null."""
        return {
            name: _finite(value)
            for name, value in asdict(self).items()
            if value or name not in OPTIONAL
        }

    def text(self) -> str:
        """The fields as JSON."""
        return json.dumps(self.as_json(), indent=2)


def meta_from_text(text: object, of: str) -> Meta:
    """The meta data of the file `of`. Raises ModelFileError with the field's name where they are
    none."""
    if not isinstance(text, str) or len(text) > LONGEST:
        return meta_from_json(None, of)
    try:
        document = json_from_text(text)
    except ValueError as error:
        raise ModelFileError(f"meta of {of} is no JSON ({error})", "meta data", FIX)
    return meta_from_json(document, of)


def meta_from_json(document: Json, of: str) -> Meta:
    """The same of a document. Raises ModelFileError too."""
    fields = Fields(document, path="meta", of=of, fix=FIX)
    return Meta(
        format=fields.integer("format", 1),
        version=fields.text("version"),
        task=fields.text("task"),
        config=fields.free("config"),
        metrics=fields.free("metrics"),
        data=fields.free("data"),
        seed=fields.integer("seed", EARLIEST_SEED),
        epoch=fields.integer("epoch", 0),
        epochs=fields.integer("epochs", 0),
        optimizer=fields.text("optimizer"),
        commit=fields.text("commit"),
        start=fields.text("start") if fields.has("start") else "",
        elastic=fields.free("elastic") if fields.has("elastic") else {},
        batch=fields.integer("batch", 1) if fields.has("batch") else 0,
        rate=fields.number("rate", 0) if fields.has("rate") else 0.0,
    )


def _finite(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
