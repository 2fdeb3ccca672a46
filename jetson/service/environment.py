"""The secrets of a service: out of its unit, which everybody may read, into a file of their own.

Knows words of `run` and how systemd reads an EnvironmentFile; not where it lies. systemd reads the
file as root, so that not even the service's user needs to.
"""

from typing import Dict, List, Mapping, NamedTuple, Sequence

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
    """The words of `run` with `env://NAME` for every address that holds a secret, alone or behind
    `--source=`.

    Raises CatseyeError for one that no line of a file can hold.
    """
    moved: List[str] = []
    secrets: Dict[str, str] = {}
    for word in words:
        option, mark, address = word.partition("=") if word.startswith("--") else ("", "", word)
        if masked(address) == address:
            moved.append(word)
            continue
        _check_fits_a_line(address)
        name = NAME % (len(secrets) + 1)
        secrets[name] = address
        moved.append(option + mark + SCHEME + name)
    return WordsAndSecrets(moved, secrets)


def variables_named(words: Sequence[str]) -> Dict[str, str]:
    """What the words' own `env://NAME` stand for in this environment, by NAME: the service's must
    have them too. Raises CatseyeError for a variable that is not there."""
    addresses = [word.partition("=")[2] if word.startswith("--") else word for word in words]
    named = [address for address in addresses if address.startswith(SCHEME)]
    values = {address[len(SCHEME) :]: real_address(address) for address in named}
    for value in values.values():
        _check_fits_a_line(value)
    return values


def environment_text(secrets: Mapping[str, str]) -> str:
    """The EnvironmentFile: one NAME="value" a line."""
    return "".join('%s="%s"\n' % (name, _escaped(value)) for name, value in secrets.items())


def _escaped(value: str) -> str:
    """As within a shell's double quotes, which is how systemd reads them."""
    return "".join("\\" + letter if letter in '"\\`$' else letter for letter in value)


def _check_fits_a_line(address: str) -> None:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in address):
        raise CatseyeError("a control character in %r" % masked(address), "an address on one line")
