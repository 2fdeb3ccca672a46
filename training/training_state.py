"""The file from which `--resume` goes on: everything that a run changes, replaced at once after
each epoch."""

import os
from pathlib import Path
from typing import Any

import torch

from catseye.models.checkpoint import load_tensors
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import written_beside


def save_progress(path: Path, parts: dict[str, Any], terms: dict[str, Any], **facts: Any) -> None:
    """Write the state of `parts` (networks, optimizers, ...), the terms of the run and its facts
    (epoch, ...)."""
    state = {name: part.state_dict() for name, part in parts.items()}
    with written_beside(os.fspath(path)) as temporary:
        torch.save({**state, **facts, "terms": terms}, temporary)


def load_progress(path: Path) -> dict[str, Any]:
    """What `save_progress` wrote; {} where there is nothing yet."""
    return load_tensors(path) if path.exists() else {}


def restore(
    path: Path, state: dict[str, Any], parts: dict[str, Any], terms: dict[str, Any]
) -> None:
    """Bring `parts` back to the state that `path` held; refused if that run was started with other
    terms."""
    if state.get("terms") != terms:
        raise CatseyeError(
            f"{path} was started with {state.get('terms')}",
            f"the same terms, not {terms}",
            "repeat its arguments, or start afresh without --resume",
        )
    for name, part in parts.items():
        part.load_state_dict(state[name])
