"""The kinds of damage, and what share of a campaign each gets."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from damage.checkpoints import Checkpoints
from damage.engine_files import EngineFiles
from damage.hearing import Outcome
from damage.models import Models
from damage.programs import Programs
from damage.recordings import Recordings

SHARES = {  # per thousand
    "card field": 300,
    "golden frames": 100,
    "graph bits": 150,
    "model.pt bits": 100,
    "model.pt's content": 50,
    "progress.pt bits": 50,
    "engine bits": 30,
    "engine's description": 50,
    "recording bits": 70,
    "recording, mended": 70,
    ".pyz bits": 30,
}


def cases_of(folder: Path) -> dict[str, Callable[[Random], Outcome]]:
    """What makes a case of each kind from a random generator; files go to `folder`."""
    models, checkpoints = Models(folder), Checkpoints(folder)
    engines, recordings, programs = EngineFiles(folder), Recordings(folder), Programs(folder)
    return {
        "card field": models.card_field,
        "golden frames": models.golden,
        "graph bits": models.graph,
        "model.pt bits": checkpoints.bits,
        "model.pt's content": checkpoints.content,
        "progress.pt bits": checkpoints.training_state,
        "engine bits": engines.bits,
        "engine's description": engines.described,
        "recording bits": recordings.bits,
        "recording, mended": recordings.mended,
        ".pyz bits": programs.bits,
    }
