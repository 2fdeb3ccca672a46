"""Where a .pyz starts, as its __main__.py: refuses a wrong Python and a damaged file, then runs the
command line.

Keeps to what Python 2.7 can parse and imports nothing of the package before every file is checked,
so that `python` on an old board and a broken copy are answered in one line.
"""

import hashlib
import json
import os
import sys
import zipfile

OLDEST_PYTHON = (3, 6)
MANIFEST = "manifest.json"
LONGEST_REASON = 200  # characters
# before the zip; not after it, where Python 3.6 allows nothing. The zeros stand for the SHA-256 of
# all other bytes
HEAD = b"#!/usr/bin/env python3\n# sha256 " + b"0" * 64 + b"\n"
DIGEST = slice(len(HEAD) - 65, len(HEAD) - 1)


def main():
    # type: () -> int
    """Run the packed program; returns its exit code, 2 where it must not run."""
    archive = os.path.dirname(os.path.abspath(__file__))
    if sys.version_info < OLDEST_PYTHON:
        return refuse(
            "this is Python %d.%d" % sys.version_info[:2], "3.6 or later", "run: python3 " + archive
        )
    damage = damage_of(archive)
    if damage:
        return refuse(
            "%s is damaged: %s" % (archive, damage),
            "the file as `catseye pack` wrote it",
            "copy it again",
        )
    from catseye.__main__ import main as catseye_main

    return catseye_main()


def damage_of(archive):
    # type: (str) -> str
    """What differs from what was packed, "" where every byte is as it was."""
    try:
        with open(archive, "rb") as stream:
            data = stream.read()
        if data[DIGEST] == digest_of(data):
            return ""
        with zipfile.ZipFile(archive) as packed:
            expected = json.loads(packed.read(MANIFEST).decode("utf-8"))["files"]
            if sorted(packed.namelist()) != sorted(list(expected) + [MANIFEST]):
                return "it holds other files than its manifest names"
            sums = {name: hashlib.sha256(packed.read(name)).hexdigest() for name in expected}
    # on damaged bytes zipfile fails in many ways that share no base class
    except Exception as error:
        return str(error)[:LONGEST_REASON]  # zipfile quotes what it reads
    wrong = [name for name in sorted(expected) if sums[name] != expected[name]]
    return "another SHA-256 for " + (", ".join(wrong) or "the archive around its files")


def sealed(data):
    # type: (bytes) -> bytes
    """An archive that begins with HEAD, its SHA-256 written where the zeros stand."""
    return data[: DIGEST.start] + digest_of(data) + data[DIGEST.stop :]


def digest_of(data):
    # type: (bytes) -> bytes
    """SHA-256, in hexadecimal digits, of an archive without the place where that stands."""
    rest = hashlib.sha256(data[: DIGEST.start])
    rest.update(data[DIGEST.stop :])
    return rest.hexdigest().encode("ascii")


def refuse(found, expected, mend):
    # type: (str, str, str) -> int
    """One line, in the words of every other complaint."""
    try:
        sys.stderr.write("catseye: %s; expected %s; %s\n" % (found, expected, mend))
    except (AttributeError, EnvironmentError):  # closed from the start, full, or read by nobody
        pass
    return 2


if __name__ == "__main__":
    sys.exit(main())
