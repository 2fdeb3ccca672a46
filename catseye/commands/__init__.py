"""One module per verb of the command line; each has `main(argv) -> exit code`, which raises
CatseyeError for what a user can mend, and imports only what its verb needs."""

VERBS = {
    "fetch": "bring a data set from its public address, checked",
    "data": "take in labels of other tools, check a set, hand one out for correction",
    "train": "train a network on a data set",
    "eval": "measure a model on a data set",
    "adopt": "make a model file of a network that another tool exported",
    "export": "write a checkpoint as a model file",
    "build": "make a TensorRT engine of a model file, on the machine that will run it",
    "verify": "compare a model with its golden frames or with its source",
    "show": "say what a model file is",
    "calibrate": "find a camera's model: its lens by a board, its mount by a drive",
    "run": "run a model on a camera, a video or pictures",
    "bench": "measure the speed of a model",
    "latency": "measure from the light before a camera to the answer",
    "replay": "run a recording again, and compare",
    "pack": "put the runtime and a model into one file for the board",
    "cache": "list or remove the TensorRT engines that this machine keeps",
    "doctor": "say what is wrong with this machine, and the mend",
    "service": "run at every start of the board: install, status, remove",
    "demo": "do the whole job on embedded data, and show it",
    "analyze": "measure what the lecture claims",
    "completion": "make a shell complete these words",
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

LOUDNESS = ("-q", "--quiet", "-v", "--verbose")  # options of every verb, which may stand before it
