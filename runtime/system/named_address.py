"""`env://NAME`: the address that an environment variable holds. A command line is seen by every
user of the machine, an environment by its owner alone."""

import os

from catseye.runtime.errors import CatseyeError

SCHEME = "env://"


def real_address(uri: str) -> str:
    """What `env://NAME` stands for, as it is there; any other address as it was given.

    Raises CatseyeError where no variable of that name holds an address.
    """
    if not uri.startswith(SCHEME):
        return uri
    name = uri[len(SCHEME) :]
    address = os.environ.get(name, "")
    if not address or address.startswith(SCHEME):
        raise CatseyeError(
            "%s: the environment has no address of that name" % uri,
            "a variable that holds one",
            "such as: export CAMERA=rtsp://..., then env://CAMERA",
        )
    return address
