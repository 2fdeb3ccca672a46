"""A writer to be killed: `python writers.py KIND FOLDER`. Every line on stdin ("go", or "once" for
a clean end) begins a process that writes again and again and says how far it is.

What takes long to import is imported once; each process is a fork that has begun nothing before.
"""

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing

from drill import ROOT

FPS = 10.0
SIZE_WH = (160, 90)
LIMIT_KB = 200

# writes once per step, and gives how many results are kept so far
Writer = Callable[[str], Iterator[int]]


def export(folder: str) -> Iterator[int]:
    from catseye.export.drafting import export_checkpoint

    checkpoint = shipped()
    for count in itertools.count(1):
        export_checkpoint(checkpoint, os.path.join(folder, "digits.onnx"), "digits", None)
        yield count


def checkpoint(folder: str) -> Iterator[int]:
    from dataclasses import replace
    from pathlib import Path

    from catseye.models.checkpoint import save_checkpoint
    from catseye.training.training_state import TrainingState

    network, meta = shipped()
    state = TrainingState(Path(folder), {"network": network}, {"task": "digits"})
    for count in itertools.count(1):
        save_checkpoint(Path(folder), network, replace(meta, epoch=count))
        state.save()
        yield count


def pack(folder: str) -> Iterator[int]:
    from catseye.export.packing import Start, write_pyz
    from catseye.packed_main import HEAD, sealed
    from catseye.runtime.model_file.load import load_model

    model = load_model("digits")
    for count in itertools.count(1):
        write_pyz(model, os.path.join(folder, "digits.pyz"), (), Start(HEAD, sealed))
        yield count


def engine(folder: str) -> Iterator[int]:
    from damage.engine_files import whole_engine

    from catseye.runtime.engines.tensorrt.engine_file import write_engine

    whole = whole_engine()
    for count in itertools.count(1):
        write_engine(os.path.join(folder, "digits.engine"), whole)
        yield count


def sink_writer(name: str) -> Writer:
    def write(folder: str) -> Iterator[int]:
        import numpy as np
        from camera_loop import report_for

        from catseye.runtime.classes import CAMVID
        from catseye.runtime.frame import Frame, now_ns
        from catseye.runtime.sinks import open_sink
        from catseye.runtime.tasks.road_mask import RoadMask

        os.chdir(folder)
        grains = np.random.RandomState(1).randint(0, 255, (SIZE_WH[1], SIZE_WH[0], 3))
        mask = np.zeros((SIZE_WH[1], SIZE_WH[0]), np.uint8)
        with closing(open_sink(name, FPS)) as sink:
            for index in itertools.count():
                frame = Frame(grains.astype(np.uint8), index, now_ns())
                result = RoadMask(mask, CAMVID)
                sink.write(frame, result, report_for(frame, result))
                yield index + 1
                time.sleep(0.002)

    return write


WRITERS: "dict[str, Writer]" = {
    "export": export,
    "checkpoint": checkpoint,
    "pack": pack,
    "engine cache": engine,
    "mp4": sink_writer("out.mp4"),
    "jsonl": sink_writer("jsonl://rows"),
    "record": sink_writer("record://log.mcap"),
    "folder": sink_writer("out/"),
    "limited folder": sink_writer("folder://out?limit=%dkB" % LIMIT_KB),
    "dataset": sink_writer("dataset://set"),
}


def shipped():  # type: ignore[no-untyped-def]  # torch is not imported for every writer
    from catseye.models.checkpoint import load_checkpoint

    return load_checkpoint(ROOT / "models" / "zoo" / "digits")


def main(kind: str, folder: str) -> None:
    if kind in ("export", "checkpoint"):
        import torch

        from catseye.export import drafting  # noqa: F401 (imported once for all)

        torch.set_num_threads(1)
    else:
        import camera_loop  # noqa: F401
        import damage.engine_files  # noqa: F401

        from catseye.export import packing  # noqa: F401
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            begun(kind, folder, line.strip() == "once")
        say("pid %d" % child)
        say("dead %d" % os.waitpid(child, 0)[1])


def begun(kind: str, folder: str, once: bool) -> None:
    """The process that is killed."""
    say("begun")
    try:
        with closing(WRITERS[kind](folder)) as steps:  # type: ignore[type-var]
            for count in steps:
                say("kept %d" % count)
                if once:
                    break
    except BaseException as error:
        sys.stderr.write("Traceback: %r\n" % error)
        sys.stderr.flush()
        os._exit(3)
    os._exit(0)


def say(word: str) -> None:
    os.write(1, (word + "\n").encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
