"""The secrets of a service: out of its unit, which everybody may read, into a file of their own.

Knows options of `run` and how systemd reads an EnvironmentFile; not where it lies. systemd reads
the file as root, so that not even the service's user needs to.
"""

import itertools
import re
from typing import Dict, List, Mapping, NamedTuple, Sequence, Tuple

from catseye.runtime.cameras.names import NAME as NAME_OF_CAMERA
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.masking import masked
from catseye.runtime.system.named_address import SCHEME, real_address

NAME = "CATSEYE_ADDRESS_%d"
MODE = 0o600  # of the file


class WordsAndSecrets(NamedTuple):
    """words: of `run`, fit for everybody's eyes.  secrets: what their `env://NAME` stand for, by
    NAME."""

    words: List[str]
    secrets: Dict[str, str]


def secrets_moved(words: Sequence[str]) -> WordsAndSecrets:
    """The options of `run` with `env://NAME` for every address that holds a secret, alone or behind
    `--source=`, with its camera's name or without.

    Raises CatseyeError for one that no line of a file can hold.
    """
    moved: List[str] = []
    secrets: Dict[str, str] = {}
    own = [name for name in map(_variable_in, words) if name]
    free = (name for name in map(NAME.__mod__, itertools.count(1)) if name not in own)
    for word in words:
        _check_is_text(word)
        before, address = _taken_apart(word)
        if masked(address) == address:
            moved.append(word)
            continue
        _check_fits_a_line(address)
        name = next(free)
        secrets[name] = address
        moved.append(before + SCHEME + name)
    return WordsAndSecrets(moved, secrets)


def variables_named(words: Sequence[str]) -> Dict[str, str]:
    """What the words' own `env://NAME` stand for in this environment, by NAME: the service's must
    have them too. Raises CatseyeError for a variable that is not there, or that systemd would pass
    over."""
    names = [name for name in map(_variable_in, words) if name]
    values = {name: real_address(SCHEME + name) for name in names}
    for name, value in values.items():
        if not re.match(r"[A-Za-z_][A-Za-z0-9_]*\Z", name):
            raise CatseyeError(
                "systemd takes no variable %r" % name, "letters, digits and _", "name it anew"
            )
        _check_is_text(value)
        _check_fits_a_line(value)
    return values


def _variable_in(word: str) -> str:
    """NAME of `env://NAME`, alone or behind `--source=` or a camera's name; "" for any other
    word."""
    address = _taken_apart(word)[1]
    return address[len(SCHEME) :] if address.startswith(SCHEME) else ""


def _taken_apart(word: str) -> Tuple[str, str]:
    """`--source=` and `front=`, as far as they stand there, and the address behind them."""
    found = re.match("(?:--[^=]*=)?(?:%s=(?=[A-Za-z][A-Za-z0-9+.-]*://))?" % NAME_OF_CAMERA, word)
    assert found is not None  # it matches nothing too
    return found.group(), word[found.end() :]


def environment_text(secrets: Mapping[str, str]) -> str:
    """The EnvironmentFile: one NAME="value" a line."""
    return "".join('%s="%s"\n' % (name, _escaped(value)) for name, value in secrets.items())


def _escaped(value: str) -> str:
    """As within a shell's double quotes, which is how systemd reads them."""
    return "".join("\\" + letter if letter in '"\\`$' else letter for letter in value)


def _check_is_text(word: str) -> None:
    """Raise CatseyeError for what no unit can hold."""
    try:
        word.encode("utf-8")
    except UnicodeEncodeError:
        raise CatseyeError(
            "%r is not UTF-8" % masked(word), "text, as systemd reads it", "rename it"
        ) from None


def _check_fits_a_line(address: str) -> None:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in address):
        raise CatseyeError("a control character in %r" % masked(address), "an address on one line")
