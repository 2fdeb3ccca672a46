"""What computes: model and engine in words, to be told beside every speed and with every result.

Knows names and numbers; neither how a model is opened nor who is told.
"""

from typing import Mapping, NamedTuple

from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.model_file.card import Card
from catseye.runtime.system.json_document import JsonObject


class ComputedBy(NamedTuple):
    """model: its name.  backend, provider, device, precision, threads, backend_version: of the
    engine (engines/base.py)."""

    model: str
    backend: str
    provider: str
    device: str
    precision: str
    threads: int
    backend_version: str = ""

    def __str__(self) -> str:
        """`road on onnxruntime, cpu (AMD EPYC, fp32)`."""
        return "%s on %s, %s (%s, %s)" % self[:5]

    def as_json(self) -> JsonObject:
        return dict(self._asdict())


class About(NamedTuple):
    """What a sink is told before the first result. sha256: of the model file, or of the engine's
    plan.  camera_models: by the name of the camera, of those that have one.  smooth_s: over how
    long results are smoothed, 0 for not at all."""

    computed_by: ComputedBy
    sha256: str
    card: Card
    camera_models: Mapping[str, CameraModel] = {}
    smooth_s: float = 0.0

    def as_json(self) -> JsonObject:
        """All but the card and the camera models."""
        return dict(self.computed_by.as_json(), sha256=self.sha256)
