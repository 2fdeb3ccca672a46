"""One line of the doctor's report: what was found, what was expected, what fixes it. Knows nothing
of any machine."""

import importlib
import re
from types import ModuleType
from typing import Dict, NamedTuple, Optional, Tuple


class Check(NamedTuple):
    """status: "ok"; "warn", something to fix that `run` can live with; "fail", something that
    stops `run`."""

    name: str
    status: str
    found: str
    expected: str = ""
    fix: str = ""

    def as_json(self) -> Dict[str, str]:
        return dict(self._asdict())


def check_of(
    name: str, good: bool, found: str, expected: str, fix: str, otherwise: str = "warn"
) -> Check:
    """ok where `good`; else `otherwise`, with what fixes it."""
    return (
        Check(name, "ok", found, expected) if good else Check(name, otherwise, found, expected, fix)
    )


def imported(package: str) -> Tuple[Optional[ModuleType], str]:
    """The package and its version, or None and why it cannot be imported."""
    try:
        module = importlib.import_module(package)
        return module, str(getattr(module, "__version__", "of unknown version"))
    # a library built for another NumPy or CUDA fails in ways that share no base class
    except Exception as error:
        return None, " ".join(("not importable: %s" % error).split())


def numbers(version: str) -> Tuple[int, ...]:
    """The leading numbers of a version: "4.5.4-dev" -> (4, 5, 4)."""
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in match.group().split(".")) if match else ()
