"""The kinds of damage, what share of a campaign each gets, and where its cases are made."""

import importlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from damage.hearing import Outcome


class Kind(NamedTuple):
    """share: of a thousand tries.  module, method: of its class Files, which makes a case from a
    random generator."""

    share: int
    module: str
    method: str


KINDS = {
    "card field": Kind(270, "models", "card_field"),
    "card and golden bits": Kind(80, "models", "card_bits"),
    "golden frames": Kind(80, "models", "golden"),
    "graph bits": Kind(100, "models", "graph"),
    "graph bits, no digest": Kind(60, "models", "graph_of_before"),
    "model.pt bits": Kind(90, "checkpoints", "bits"),
    "model.pt's content": Kind(50, "checkpoints", "content"),
    "progress.pt bits": Kind(40, "checkpoints", "training_state"),
    "engine bits": Kind(30, "engine_files", "bits"),
    "engine's description": Kind(50, "engine_files", "described"),
    "recording bits": Kind(60, "recordings", "bits"),
    "recording, mended": Kind(60, "recordings", "mended"),
    ".pyz bits": Kind(30, "programs", "bits"),
}


class Kinds:
    """What makes cases, with a folder for their files; a module is imported when it is wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Any] = {}

    def case(self, kind: str, random: Random) -> Outcome:
        """What one case of this kind came to."""
        _, module, method = KINDS[kind]
        if module not in self._files:
            made = importlib.import_module("damage." + module)
            self._files[module] = made.Files(self._folder)
        make: Callable[[Random], Outcome] = getattr(self._files[module], method)
        return make(random)
