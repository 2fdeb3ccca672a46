"""A small YAML, XML or JSON file as plain values, through OpenCV's FileStorage: boards have no
PyYAML, and this is also what writes OpenCV's calibrations.

Knows syntax and bounds; not what a file is about. YAML is FileStorage's: mappings, lists, numbers
and text, no anchors.
"""

import itertools
import math
import re
from typing import List

import cv2

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import Json, JsonObject
from catseye.runtime.system.native_stderr import silenced_native_stderr

LARGEST = 64 << 10  # bytes
DEEPEST, MOST = 8, 4096  # levels, and values in all
MARKS = ("---", "...")  # of where a document begins and ends
EXPECTED = "YAML, XML or JSON as ROS, OpenCV or catseye writes it"
YAML = "%YAML:1.0\n---\n"  # what OpenCV 4.1 wants in front


def document_from_file(path: str) -> JsonObject:
    """The mapping in the file. Raises CatseyeError for what cannot be read, is none, or is larger
    than any camera's."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(LARGEST + 1)  # a device has no size, and no end
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = error.strerror if isinstance(error, OSError) else error
        raise CatseyeError("cannot read %r: %s" % (path, why), "a readable file", "check the path")
    if len(data) > LARGEST:
        raise CatseyeError(
            "%s has more than %d bytes" % (path, LARGEST), "a camera's file", "name another"
        )
    return document_from_bytes(data, path)


def document_from_bytes(data: bytes, name: str) -> JsonObject:
    """The same of a file's content. Raises CatseyeError likewise."""
    found: Json = None
    try:
        text = data.decode("utf-8-sig")
        if not text.strip() or "\0" in text or len(data) > LARGEST:
            raise ValueError("no text")
        found = _parsed(text)
    except (cv2.error, SystemError, ValueError) as error:  # which OpenCV raises by turns
        raise CatseyeError("%s cannot be read%s" % (name, _place(error)), EXPECTED, "correct it")
    if not isinstance(found, dict) or not found:
        raise CatseyeError("%s has no keys with values" % name, EXPECTED, "correct it")
    return found


def _parsed(text: str) -> Json:
    start = text.lstrip()
    if not start.startswith(("{", "<?xml")):
        start = YAML + _body(start)
    with silenced_native_stderr():
        storage = cv2.FileStorage(start, cv2.FILE_STORAGE_READ + cv2.FILE_STORAGE_MEMORY)
    try:
        if not storage.isOpened():
            raise ValueError("not opened")
        return _value(storage.root(), 0, [MOST])
    finally:
        storage.release()


def _body(text: str) -> str:
    """YAML without what stands around its first document, and with the elements of a list deeper
    than its name: PyYAML and ROS write them beside it, and FileStorage does not know that."""
    lines = text.splitlines()
    at = 0
    while at < len(lines) and (lines[at].strip() in ("", *MARKS) or lines[at][0] in "%#"):
        at += 1
    lines = list(itertools.takewhile(lambda line: line.rstrip() not in MARKS, lines[at:]))
    return re.sub(r"(?m)^( *)(?=-( |$))", r"\1  ", "\n".join(lines)) + "\n"


def _value(node: "cv2.FileNode", depth: int, left: List[int]) -> Json:
    """left: [how many values may still come]. Raises ValueError beyond the bounds."""
    left[0] -= 1
    if depth > DEEPEST or left[0] < 0:
        raise ValueError("more than %d values, or %d levels" % (MOST, DEEPEST))
    if node.isMap():
        return {name: _value(node.getNode(name), depth + 1, left) for name in node.keys()}
    if node.isSeq():
        return [_value(node.at(place), depth + 1, left) for place in range(node.size())]
    if node.isString():
        return str(node.string())
    if node.isInt() or node.isReal():
        number = float(node.real())
        if not math.isfinite(number):
            raise ValueError("a number that is none")
        return int(number) if node.isInt() else number
    return None


def _place(error: Exception) -> str:
    """Where in the file OpenCV found what it did not know."""
    found = re.search(r"\((\d+)\): ([^()\n]{3,60})", str(error))
    if found is None:
        return "" if isinstance(error, (cv2.error, SystemError)) else " (%s)" % error
    return " (line %s: %s)" % found.groups()
