"""`catseye export`: a checkpoint becomes a model file, checked against the network before it gets its name."""

import os
from pathlib import Path
from typing import List

from catseye.commands.parser import Parser, say, say_table, size_wh_from_text
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file import ZOO


def main(argv: List[str]) -> int:
    parser = Parser("export", "Write a checkpoint as one .onnx model file that starts at camera bytes.")
    parser.add_argument("checkpoint", help="a checkpoint folder, or a zoo name")
    parser.add_argument("-o", "--output", help="default: NAME.onnx here")
    parser.add_argument("--size", type=size_wh_from_text, metavar="WxH", help="frame size of the graph")
    args = parser.parse_args(argv)

    from catseye.export.model_file import ParityError, export_checkpoint
    from catseye.models.checkpoint import load_checkpoint

    folder = checkpoint_folder(args.checkpoint)
    path = args.output or folder.name + ".onnx"
    name = os.path.splitext(os.path.basename(path))[0]
    if not path.endswith(".onnx"):
        raise CatseyeError("output %r" % path, "a name that ends in .onnx")
    try:
        exported = export_checkpoint(load_checkpoint(folder), path, name, args.size)
    except ParityError as error:
        say("catseye: not published: %s" % error)
        return 1
    say_table([("output", "max_abs", "mean_abs", "agreement"), *(d[:4] for d in exported.differences)])
    say("%s: %d kB, onnxruntime agrees with torch" % (path, os.path.getsize(path) // 1000))
    return 0


def checkpoint_folder(text: str) -> Path:
    """The folder that `text` names: an existing one with model.pt, else a zoo name."""
    for folder in (Path(text), Path(ZOO) / text):
        if (folder / "model.pt").is_file():
            return folder
    raise CatseyeError("no checkpoint %r" % text, "a folder with model.pt or a zoo name", "make one: `catseye train`")
