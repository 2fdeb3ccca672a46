"""TensorRT's timing cache between builds: what it measured of its kernels, so that the next build
is shorter.

Knows the file and how a damaged one is told. Knows nothing of what is in it. To lose it costs time
and nothing else, so every trouble with it is a line in the log.
"""

import logging
import os

from catseye.runtime.engines.tensorrt.cache_folder import cache_folder, made_cache_folder
from catseye.runtime.engines.tensorrt.engine_key import Machine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import read_bytes, sha256_hex, write_bytes

HASH_BYTES = 64

log = logging.getLogger("catseye")


def timings_path(machine: Machine) -> str:
    """One file for each machine: times of another would choose the wrong kernels."""
    return os.path.join(
        cache_folder(), "kernels-%s.timing" % sha256_hex("\n".join(machine).encode("utf-8"))[:12]
    )


def load_timings(machine: Machine) -> bytes:
    """What an earlier build left, b"" where there is nothing, or nothing whole."""
    path = timings_path(machine)
    if not os.path.isfile(path):
        return b""
    try:
        content = read_bytes(path)
    except CatseyeError as error:
        log.info("%s", error)
        return b""
    if content[:HASH_BYTES] != sha256_hex(content[HASH_BYTES:]).encode("ascii"):
        log.info("%s is damaged and not used", path)
        return b""
    return content[HASH_BYTES:]


def save_timings(machine: Machine, timings: bytes) -> None:
    """Keep them for the next build."""
    try:
        made_cache_folder()
        write_bytes(timings_path(machine), sha256_hex(timings).encode("ascii") + timings)
    except (CatseyeError, OSError) as error:
        log.info("kernel timings are not kept (%s)", error)
