"""What a model has learned of a data set, by what its card says of the data that it was trained on.

Knows the words in which a training describes its data, "CamVid train val + mine train"; no files.
"""

from typing import Tuple

AND = " + "
TRAINED = ("train", "val"), ("train",), ()  # what can stand behind a name; nothing means train


def learned_splits(described: str, name: str) -> Tuple[str, ...]:
    """The splits of the set called `name` that `described` says were learned; () for another
    set."""
    for splits in TRAINED if name else ():
        if AND + " ".join((name,) + splits) + AND in AND + described + AND:
            return splits or ("train",)
    return ()
