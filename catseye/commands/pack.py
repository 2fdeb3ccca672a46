"""`catseye pack`: one file for the board, with the runtime, the model and the verbs that a board
needs."""

import os
from typing import List

from catseye.commands import BOARD_VERBS, VERBS
from catseye.commands.parsing.parser import Parser, remark, say
from catseye.packed_main import HEAD, sealed
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.load import load_model

SUFFIX = ".pyz"


def main(argv: List[str]) -> int:
    parser = Parser("pack", "Put the runtime and a model into one file that runs on the board.")
    parser.add_argument("model", help=".onnx or zoo name")
    parser.add_argument(
        "-o", dest="output", metavar="FILE", help="what to write (default NAME.pyz)"
    )
    parser.add_argument(
        "--sign",
        metavar="KEY",
        help="private Ed25519 key (PEM); writes FILE.sig, for `verify --verify-key`",
    )
    args = parser.parse_args(argv)

    # packing is the workstation's work and its module is not on the board
    from catseye.export.packing import Start, write_pyz
    from catseye.export.signing import sign_file, signing_key

    key = signing_key(args.sign) if args.sign else None
    model = load_model(args.model)
    output = args.output or model.name + SUFFIX
    if not output.endswith(SUFFIX):  # a slip would write the program over the model
        raise CatseyeError("output %r" % output, "a name that ends in " + SUFFIX)
    left_out = set(VERBS) - set(BOARD_VERBS)
    manifest = write_pyz(model, output, left_out, Start(HEAD, sealed))
    megabytes, files = os.path.getsize(output) / 1e6, len(manifest.files) - 1
    say(
        "%s: %.1f MB, %s with %d files of code, sha256 %s"
        % (output, megabytes, model.name, files, manifest.code_sha256[:12])
    )
    if key is not None:
        say("signed: %s" % sign_file(output, key))
    remark(
        "copy it to the board and run there: python3 %s run --source v4l2:///dev/video0"
        % os.path.basename(output)
    )
    return 0
