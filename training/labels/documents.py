"""Text files of labels, read within bounds: JSON, XML, YAML and lines. Knows syntax alone."""

import json
import mmap
import os
import re
from typing import TYPE_CHECKING, Any

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import read_bytes
from catseye.runtime.system.json_document import Fields, Json

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_BYTES = 1 << 30  # COCO's own largest file has 450 MB
MOST_YAML = 1 << 22
FIX = "export it again"


def json_document(path: str) -> Json:
    """Whatever a JSON file holds. Raises CatseyeError for what is no JSON."""
    try:
        return json.loads(text_of(path), parse_constant=_no_constant)
    except (ValueError, RecursionError, MemoryError) as error:
        raise CatseyeError(f"{path} cannot be read ({_short(error)})", "JSON", FIX)


def json_fields(path: str, shown: str) -> Fields:
    """The object in a JSON file, whose complaints begin with `shown`. Raises CatseyeError where
    there is none."""
    document = json_document(path)
    name = os.path.splitext(os.path.basename(shown))[0]
    return Fields(document, path=name, of=shown, fix=FIX, kind=CatseyeError)


def xml_root(path: str) -> "Element":
    """The root of an XML file without entities of its own. Raises CatseyeError otherwise."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        return fromstring(bytes_of(path), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise CatseyeError(f"{path} cannot be read ({_short(error)})", "XML without a DTD", FIX)


def yaml_document(path: str) -> dict[str, Any]:
    """The mapping in a YAML file. Raises CatseyeError where there is none."""
    import yaml

    try:
        # events first: an alias within aliases would be a document without end
        text = text_of(path, MOST_YAML)
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise ValueError("it has aliases")
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CatseyeError(f"{path} cannot be read ({_short(error)})", "plain YAML", FIX)
    if not isinstance(document, dict):
        raise CatseyeError(f"{path} has no keys with values", "such as names: [road, car]", FIX)
    return document


def lines_of(path: str) -> list[str]:
    """The lines of a text file, stripped, empty ones left out."""
    return [line.strip() for line in text_of(path).splitlines() if line.strip()]


def text_of(path: str, most: int = MOST_BYTES) -> str:
    """A UTF-8 file of at most `most` bytes. Raises CatseyeError for anything else."""
    try:
        return bytes_of(path, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatseyeError(f"{path} cannot be read ({error.reason})", "UTF-8 text", FIX)


def bytes_of(path: str, most: int = MOST_BYTES) -> bytes:
    """A file of at most `most` bytes. Raises CatseyeError for anything else."""
    size = os.path.getsize(path) if os.path.exists(path) else 0
    if size > most:
        raise CatseyeError(f"{path} has {size // 1_000_000} MB", f"{most // 1_000_000} at most")
    return read_bytes(path)


def whole_number(text: str) -> int:
    """The number that plain digits say, at most nine of them; -1 for anything else."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else -1


def missing_package(name: str, error: ImportError) -> CatseyeError:
    """The error for a package that the format `name` wants and that is not here."""
    return CatseyeError(
        f"labels of {name} need a package that is not installed ({error})",
        "the extra catseye[labels]",
        "pip install 'catseye[labels]'",
    )


def mentions(path: str, *words: bytes) -> bool:
    """Whether all of these stand in the file, found without reading it in."""
    try:
        with (
            open(path, "rb") as stream,
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            return all(content.find(word) >= 0 for word in words)
    except (OSError, ValueError):  # unreadable, or empty
        return False


def _no_constant(word: str) -> None:
    raise ValueError(f"{word}, which is no JSON")


def _short(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:120]
