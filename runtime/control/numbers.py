"""The numbers of a row by name: `age_ms`, `health.score`, `result.free[16]`.

Knows JSON; not what a task finds. A shorter name means the one number whose name ends in it, and
lies least deep.
"""

import re
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import Json, JsonObject

Number = Optional[float]  # None: not known for this row
MOST_OF_A_LIST = 64
NO_NUMBERS = ("schema", "camera")
IN_METRES = re.compile(r"_(m|rad|deg)\Z|_at_\d")
MOST_TOLD = 12  # names in a complaint


def numbers_of(row: JsonObject) -> Dict[str, Number]:
    """Truth values are 1 and 0; what is null is not known; of a list its length, and each element;
    texts are left out."""
    told = {key: value for key, value in row.items() if key not in NO_NUMBERS}
    return dict(_numbers("", told))


def _numbers(name: str, value: Json) -> Iterator[Tuple[str, Number]]:
    if value is None or isinstance(value, (bool, int, float)):
        yield name, None if value is None else float(value)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _numbers("%s.%s" % (name, key) if name else str(key), each)
    elif isinstance(value, list):
        yield name, float(len(value))
        if not value:  # a list none the less
            yield name + "[0]", None
        for place, each in enumerate(value[:MOST_OF_A_LIST]):
            yield from _numbers("%s[%d]" % (name, place), each)


def full_name(name: str, known: Sequence[str], whose: str = "this run") -> str:
    """The name of the number that is meant. whose: rows they are, for errors. Raises CatseyeError
    for none, or one of several."""
    if name in known:
        return name
    of_a_list, bracket, rest = name.partition("[")
    if bracket:
        return _name_of_list(of_a_list, name, known, whose) + bracket + rest
    meant = [each for each in known if each.endswith("." + name)]
    least = min([each.count(".") for each in meant], default=0)
    meant = [each for each in meant if each.count(".") == least]
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise CatseyeError(
            "--when: %r may be %s" % (name, " or ".join(meant[:MOST_TOLD])), "one of them"
        )
    raise CatseyeError(
        "--when: no number %r in the rows of %s" % (name, whose),
        "one such as " + ", ".join(_told(name, known)),
        "for distances name the camera's model (--camera)"
        if IN_METRES.search(name) and not any(map(IN_METRES.search, known))
        else "",
    )


def _name_of_list(short: str, element: str, known: Sequence[str], whose: str) -> str:
    """The full name of the list with this element, which may be longer in the next row."""
    first = "[0]"
    names = set(each[: each.index(first)] for each in known if first in each)
    if any(int(place) >= MOST_OF_A_LIST for place in re.findall(r"\[(\d+)\]", element)):
        raise CatseyeError("--when: %r" % element, "an element from 0 to %d" % (MOST_OF_A_LIST - 1))
    if full_name(short, known, whose) not in names and not any(
        name.endswith("." + short) for name in names
    ):
        raise CatseyeError(
            "--when: %r, and %r is one number" % (element, short), "its name alone, or of a list"
        )
    return full_name(short, sorted(names))


def _told(name: str, known: Sequence[str]) -> List[str]:
    """The names that are most like it, and then others; no elements of lists."""
    whole = [each for each in known if "[" not in each]
    deepest_first = sorted(whole, key=lambda each: -each.count("."))
    short = {each.rpartition(".")[2]: each for each in deepest_first}
    import difflib  # a run without a mistake need not load it

    near = [short[each] for each in difflib.get_close_matches(name, list(short), 4, 0.5)]
    return list(dict.fromkeys(near + whole))[:MOST_TOLD]
