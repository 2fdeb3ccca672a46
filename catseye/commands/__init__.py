"""One module per verb of the command line; each has `main(argv) -> exit code`, which raises
CatseyeError for what a user can fix, and imports only what its verb needs."""

VERBS = {
    "fetch": "download a data set from its public address, checked",
    "data": "import labels of other tools, check a data set, export it for correction",
    "train": "train a network on a data set",
    "eval": "measure a model on a data set",
    "adopt": "make a model file of a network that another tool exported",
    "export": "write a checkpoint as a model file",
    "build": "make a TensorRT engine of a model file, on the machine that will run it",
    "verify": "compare a model with its golden frames or with its source",
    "show": "describe a model file",
    "calibrate": "measure a camera: its lens by a chessboard, its mounting by a drive",
    "run": "run a model on a camera, a video or pictures",
    "bench": "measure the speed of a model",
    "latency": "measure the delay from light at the camera to the model's answer",
    "replay": "run a recording again, and compare",
    "pack": "put the runtime and a model into one file for the board",
    "cache": "list or remove the TensorRT engines that this machine keeps",
    "doctor": "find what is wrong with this machine, and how to fix it",
    "service": "run as a systemd service on the board: install, status, remove",
    "demo": "train, export, verify and run on embedded data",
    "analyze": "repeat the experiments of the lecture behind this project",
    "completion": "print shell completion for these commands",
}

# the ones that a .pyz holds
BOARD_VERBS = (
    "show",
    "calibrate",
    "run",
    "build",
    "verify",
    "bench",
    "latency",
    "eval",
    "replay",
    "doctor",
    "cache",
    "service",
)

# load NumPy for sure, and do it first: far down the stack CPython 3.11 and later may allot and free
# a piece of it at every call of some of NumPy's modules, 45 ms in all
OF_NUMPY = ("run", "bench", "eval", "replay", "verify")

LOUDNESS = ("-q", "--quiet", "-v", "--verbose")  # options of every verb, which may stand before it
