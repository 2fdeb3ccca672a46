"""The process that runs cases: reads `KIND SEED` lines, answers each with a line of JSON.

python tests/damage/worker.py FOLDER      stderr must be a file of its own, which it empties
"""

import json
import os
import signal
import sys
from pathlib import Path
from random import Random

DEATH = "death"  # a case for the test of what watches this process

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]


def main() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    from damage.kinds import Kinds

    kinds = Kinds(Path(sys.argv[1]))
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        kind, seed = line.rsplit(" ", 1)
        if kind == DEATH:
            os.kill(os.getpid(), signal.SIGSEGV)
        outcome = kinds.case(kind, Random("%s %d" % (kind, int(seed))))
        print(json.dumps(outcome), file=answers, flush=True)


if __name__ == "__main__":
    main()
