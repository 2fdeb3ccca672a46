"""Opening what MODEL may name on the command line: what runtime/engines/opened.py opens, or a
checkpoint folder."""

import os
from typing import Optional, Tuple

from catseye.runtime.engines import check_threads
from catseye.runtime.engines.opened import OpenedModel, open_file
from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.model_file.load import WEIGHTS
from catseye.runtime.system.files import read_bytes, sha256_hex


def open_model(
    text: str,
    backend: str = "auto",
    provider: str = "",
    *,
    threads: int = 0,
    size_wh: Optional[Tuple[int, int]] = None,
    spin: bool = False,
) -> OpenedModel:
    """Open a model file with a backend, an engine with TensorRT, or a checkpoint with torch, for
    frames of `size_wh`.

    threads, spin: as open_engine takes them; torch does not spin. Raises ModelFileError for a
    folder that is no checkpoint, CatseyeError for what else cannot be read or run here.
    """
    if text and os.path.isdir(text):
        if not os.path.isfile(os.path.join(text, WEIGHTS)):  # told before torch is loaded
            raise ModelFileError(
                "%s is a folder without model.pt" % text,
                "a checkpoint folder or a model file",
                "check the path",
            )
        for option, chosen in (("backend", backend), ("provider", provider)):
            if chosen not in ("", "auto"):
                raise CatseyeError(
                    "--%s %s with a checkpoint" % (option, chosen),
                    "a model file",
                    "export it first",
                )
        check_threads(threads)
        return _open_checkpoint(text, size_wh, threads)
    return open_file(text, backend, provider, threads=threads, spin=spin)


def _open_checkpoint(folder: str, size_wh: Optional[Tuple[int, int]], threads: int) -> OpenedModel:
    # torch is wanted for checkpoints only, and is not on the board
    try:
        from catseye.export.source import open_source_network
    except ImportError as error:
        raise CatseyeError(
            "%s is a folder, and checkpoints cannot be opened here (%s)" % (folder, error),
            "a model file",
            "export it on a machine with torch",
        )

    card, engine = open_source_network(folder, size_wh, threads)
    data = read_bytes(os.path.join(folder, WEIGHTS), ModelFileError)
    return OpenedModel(folder, card, engine, (), sha256_hex(data))
