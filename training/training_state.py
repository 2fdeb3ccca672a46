"""The training state: everything that a run changes, in the one file from which `--resume` goes on.

It is replaced at once after every epoch, and the checkpoint beside it whenever a network is better
than those before. Knows which parts a run has by name, nothing of what they compute.
"""

import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from torch import nn

from catseye.models.checkpoint import renew_meta_file, save_checkpoint
from catseye.models.meta import Meta, meta_from_json, meta_from_text
from catseye.models.tensor_file import Content, read_tensors, tensor_bytes
from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.system.files import write_bytes
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.system.staging import remove_abandoned


class Part(Protocol):
    """A network, an optimizer, a schedule, a center, ..."""

    def state_dict(self) -> Content: ...
    def load_state_dict(self, state_dict: Content) -> object: ...


class TrainingState:
    """The state of the run in `folder`: its parts, the epochs that are over and the best network.

    terms: what the run was started with; it is resumed under the same only. best: the meta data of
    the checkpoint in `folder`, None before the first.
    """

    def __init__(self, folder: Path, parts: Mapping[str, Part], terms: JsonObject) -> None:
        remove_abandoned(os.fspath(folder))
        self.path, self.parts, self.terms = folder / "progress.pt", parts, terms
        self.epoch = 0
        self.best: Meta | None = None

    def content(self) -> Content:
        """Tensors, numbers and text: what another process, or a later one, goes on from."""
        parts = {name: part.state_dict() for name, part in self.parts.items()}
        best = self.best.text() if self.best else ""
        return {**parts, "epoch": self.epoch, "best_meta": best, "terms": self.terms}

    def save(self) -> None:
        """Raises CatseyeError where there is no room; the state before it is then as it was."""
        write_bytes(os.fspath(self.path), tensor_bytes(self.content()))

    def saved(self) -> Content:
        """The content that was saved last, {} where there is none yet.

        Gives a checkpoint that lost its `meta.json` as the run was killed a new one. Raises
        ModelFileError for a damaged file.
        """
        if not self.path.exists():
            return {}
        renew_meta_file(self.path.parent)
        return read_tensors(self.path)

    def restore(self, content: Content) -> None:
        """Bring the parts to the state of `content`.

        Raises CatseyeError where that run was started with other terms, ModelFileError where the
        content is that of other parts.
        """
        started = content.get("terms")
        if started != self.terms:
            raise CatseyeError(
                f"{self.path} was started with {_what_differs(started, self.terms)}",
                f"the same terms, not {_what_differs(self.terms, started)}",
                "repeat its arguments, or start afresh without --resume",
            )
        try:
            for name, part in self.parts.items():
                part.load_state_dict(content[name])
            self.epoch = int(content["epoch"])
            self.best = _best(content["best_meta"], os.fspath(self.path))
        except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise ModelFileError(
                f"{self.path} is of another kind of run ({reason})",
                "one that this `catseye train` began",
                "start afresh without --resume",
            )

    def keep_if_best(self, network: nn.Module, meta: Meta, score: Callable[[Meta], float]) -> None:
        """Write the checkpoint of a network whose metrics score higher than those of all before.

        Raises CatseyeError where the score is no number.
        """
        if math.isnan(score(meta)):
            found = f"the network of epoch {meta.epoch} measures as no number"
            raise CatseyeError(found, "a number", "see that the validation data have labels")
        if self.best is None or score(meta) > score(self.best):
            save_checkpoint(self.path.parent, network, meta)
            self.best = meta

    def outcome(self) -> Meta:
        """The best network's meta data, once the run is over: its last epoch is always measured."""
        assert self.best is not None
        return self.best


def _best(kept: object, of: str) -> Meta | None:
    if not kept:
        return None
    # an object, not its text, in files of before
    return meta_from_json(kept, of) if isinstance(kept, dict) else meta_from_text(kept, of)


def _what_differs(terms: object, others: object) -> str:
    """The terms that others differ from, such as "epochs 500"; a data set's by what is said of
    it."""
    mine, theirs = _flat(terms), _flat(others)
    different = [name for name in sorted({*mine, *theirs}) if mine.get(name) != theirs.get(name)]
    return ", ".join(f"{name} {mine.get(name, 'not said')}" for name in different)


def _flat(terms: object) -> dict[str, object]:
    if not isinstance(terms, dict):
        return {"terms": terms}
    data = terms.get("data")
    if not isinstance(data, dict):
        return terms
    others = {name: value for name, value in terms.items() if name != "data"}
    return others | {f"data's {name}": value for name, value in data.items()}
