"""Where a .pyz starts, as its __main__.py: refuses a wrong Python and a damaged file, then runs the
command line, from code that an earlier start has compiled where there is some.

Keeps to what Python 2.7 can parse and imports nothing of the package before every file is checked,
so that `python` on an old board and a broken copy are answered in one line. Python itself keeps no
bytecode of what lies in a zip, and compiling it is a third of a start. packed_code.py makes what is
kept.
"""

import hashlib
import io
import marshal
import os
import stat
import sys
import types  # noqa: F401 (a comment names it)

OLDEST_PYTHON = (3, 6)
MANIFEST = "manifest.json"
LONGEST_REASON = 200  # characters
# before the zip; not after it, where Python 3.6 allows nothing. The zeros stand for the SHA-256 of
# all other bytes
HEAD = b"#!/usr/bin/env python3\n# sha256 " + b"0" * 64 + b"\n"
DIGEST = slice(len(HEAD) - 65, len(HEAD) - 1)
SHA256_SIZE = 32  # bytes
WRITABLE_BY_OTHERS = 0o022
PIECE = 1 << 16  # bytes that are read at once


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
    use_compiled(archive)
    from catseye.__main__ import main as catseye_main

    return catseye_main()


def use_compiled(archive):
    # type: (str) -> None
    """Have the package imported from code that is compiled: kept by an earlier start, or else now,
    for the next ones. Where nothing may be kept it is imported from the archive, as ever."""
    with open(archive, "rb") as stream:
        digest = stream.read(DIGEST.stop)[DIGEST]
    path = code_path(archive, digest)
    code = kept_code(path, digest)
    if not code:
        from catseye.packed_code import compiled_and_kept

        code = compiled_and_kept(archive, path, lambda data: code_digest(digest, data))
    if code:
        sys.meta_path.insert(0, CompiledCode(archive, code))  # type: ignore[arg-type]


def code_path(archive, digest):
    # type: (str, bytes) -> str
    """Where the code of an archive is kept for this Python: in the cache folder, as
    runtime/engines/tensorrt/cache_folder.py has it."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = os.environ.get("CATSEYE_CACHE") or os.path.join(home, "catseye")
    stem = os.path.splitext(os.path.basename(archive))[0]
    python = "%s-%d" % (sys.implementation.cache_tag, sys.flags.optimize)
    return os.path.join(folder, "%s-%s.%s.code" % (stem, digest[:16].decode("ascii"), python))


def kept_code(path, digest):
    # type: (str, bytes) -> dict[str, bytes]
    """Marshalled code by the path of its source in the archive of this digest; {} where `path` has
    none that is whole, for this archive and this Python, and that nobody but this user could have
    written."""
    try:
        # neither waits for a pipe's other end nor goes where a link leads
        descriptor = os.open(path, os.O_RDONLY + os.O_NONBLOCK + os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                return {}
            if status.st_mode & WRITABLE_BY_OTHERS:
                return {}
            data = stream.read()
    except EnvironmentError:
        return {}
    code = memoryview(data)[SHA256_SIZE:]
    return marshal.loads(code) if data[:SHA256_SIZE] == code_digest(digest, code) else {}


def code_digest(digest, code):
    # type: (bytes, bytes | memoryview) -> bytes
    """What stands before kept code: a SHA-256 of it together with the archive's and the version of
    the bytecode."""
    from importlib.util import MAGIC_NUMBER

    all_of_it = hashlib.sha256(digest + MAGIC_NUMBER)
    all_of_it.update(code)
    return all_of_it.digest()


class CompiledCode(object):
    """Finds modules of the archive in code that is compiled already, each of them once."""

    def __init__(self, archive, code):
        # type: (str, dict[str, bytes]) -> None
        """code: as kept_code tells it; what was run is taken out of it."""
        self._archive, self._code = archive, code

    def find_spec(self, name, path=None, target=None):
        # type: (str, object, object) -> object
        """As sys.meta_path asks for a module; None for what is not there."""
        from importlib.util import spec_from_file_location

        stem = name.replace(".", "/")
        folder = os.path.join(self._archive, stem)
        for source, inside in ((stem + "/__init__.py", [folder]), (stem + ".py", None)):
            if source in self._code:
                place = os.path.join(self._archive, source)
                return spec_from_file_location(
                    name,
                    place,
                    loader=self,  # type: ignore[arg-type]  # load_module is of the past
                    submodule_search_locations=inside,
                )
        return None

    def create_module(self, spec):
        # type: (object) -> None
        """As Python makes them."""

    def exec_module(self, module):
        # type: (types.ModuleType) -> None
        """Run its code."""
        source = self._inside(str(module.__file__))
        exec(marshal.loads(self._code.pop(source)), module.__dict__)

    def get_data(self, path):
        # type: (str) -> bytes
        """What a file of the archive holds, which pkgutil asks for."""
        import zipfile

        with zipfile.ZipFile(self._archive) as packed:
            return packed.read(self._inside(path))

    def get_source(self, name):
        # type: (str) -> str
        """The lines of a module, which a traceback shows."""
        return self.get_data(str(sys.modules[name].__file__)).decode("utf-8")

    def _inside(self, path):
        # type: (str) -> str
        """The name of a file in the archive."""
        return path[len(self._archive) + 1 :]


def damage_of(archive):
    # type: (str) -> str
    """What differs from what was packed, "" where every byte is as it was."""
    try:
        with open(archive, "rb") as stream:
            written, found = digests_of(stream)
        if written == found:
            return ""
        import json
        import zipfile

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
    _, found = digests_of(io.BytesIO(data))
    return data[: DIGEST.start] + found + data[DIGEST.stop :]


def digests_of(stream):
    # type: (io.BufferedIOBase) -> tuple[bytes, bytes]
    """SHA-256, in hexadecimal digits, of an archive without the place where that stands: what is
    written there, and what it is."""
    head = stream.read(DIGEST.stop)
    rest = hashlib.sha256(head[: DIGEST.start])
    for piece in iter(lambda: stream.read(PIECE), b""):
        rest.update(piece)
    return head[DIGEST], rest.hexdigest().encode("ascii")


def refuse(found, expected, fix):
    # type: (str, str, str) -> int
    """One line, in the words of every other complaint."""
    try:
        sys.stderr.write("catseye: %s; expected %s; %s\n" % (found, expected, fix))
    except (AttributeError, EnvironmentError):  # closed from the start, full, or read by nobody
        pass
    return 2


if __name__ == "__main__":
    sys.exit(main())
