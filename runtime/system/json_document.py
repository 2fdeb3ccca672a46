"""JSON from outside, read field by field: every complaint names the path of the field.

Knows types, ranges, lengths and depth; not what a document is about. `Fields` hands out checked
values, so that nobody who reads on needs to ask again. Does without NumPy, as `doctor` must, which
reads a .pyz's manifest where NumPy is broken.
"""

import base64
import json
import math
import re
import struct
from typing import Dict, List, Mapping, Optional, Sequence, Tuple, Type, Union

from catseye.runtime.errors import CatseyeError, ModelFileError

Json = Union[None, bool, int, float, str, Sequence["Json"], Mapping[str, "Json"]]
JsonObject = Dict[str, Json]

DEEPEST = 16  # objects and lists within each other
LONGEST_TEXT = 4096
LARGEST_INTEGER = 1 << 53  # what every reader of JSON keeps exactly
SHOWN = 60  # characters of a wrong value
OPENING, CLOSING = "[{", "]}"
SURROGATE = re.compile("[\ud800-\udfff]|\\\\u[dD]")  # half of a character, or written as one


def json_from_text(text: str) -> Json:
    """The document in `text`.

    Raises ValueError for what is no JSON, holds NaN, infinity or half a character, repeats a name
    within an object, or has more than DEEPEST objects and lists within each other.
    """
    if _depth(text) > DEEPEST:
        raise ValueError("more than %d objects and lists within each other" % DEEPEST)
    document: Json = json.loads(
        text, parse_constant=_no_constant, object_pairs_hook=_object, parse_float=_finite
    )
    if SURROGATE.search(text):
        _check_characters(document)
    return document


def json_from_bytes(data: bytes) -> Json:
    """The same of UTF-8 bytes. Raises ValueError too where they are no UTF-8."""
    return json_from_text(data.decode("utf-8"))


class Fields:
    """One JSON object whose fields are asked for by name and type.

    Every method raises an error of `kind` where the field is missing, of another type or out of
    range; what it says begins with the field's path, such as `card.outputs[0].shape[2]`.
    """

    def __init__(
        self,
        document: Json,
        *,
        path: str,
        of: str,
        fix: str,
        kind: Type[CatseyeError] = ModelFileError,
    ) -> None:
        """path: of the object, for errors.  of: the file it stands in.  fix: what to do about
        it."""
        self.path, self._of, self._fix, self._kind = path, of, fix, kind
        if not isinstance(document, dict):
            raise self.wrong("", document, "an object")
        self._document: JsonObject = document

    def wrong(self, name: str, found: Json, expected: str) -> CatseyeError:
        """The error for a field: `name` with its dot or index, "" for the object itself."""
        said = json.dumps(found, default=str)
        said = said if len(said) <= SHOWN else said[:SHOWN] + "..."
        where = self.path + name
        return self._kind("%s of %s is %s" % (where, self._of, said), expected, self._fix)

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._document.get(name) is not None

    def text(self, name: str, *, most: int = LONGEST_TEXT, among: Sequence[str] = ()) -> str:
        """A string of at most `most` characters, one of `among` where that is given."""
        return self._text("." + name, self._value(name), most, among)

    def integer(self, name: str, least: int, most: int = LARGEST_INTEGER) -> int:
        """A whole number from `least` to `most`."""
        return self._integer("." + name, self._value(name), least, most)

    def number(self, name: str, least: float = -math.inf, most: float = math.inf) -> float:
        """A finite number from `least` to `most`."""
        return self._number("." + name, self._value(name), least, most)

    def flag(self, name: str) -> bool:
        """true or false."""
        value = self._value(name)
        if not isinstance(value, bool):
            raise self.wrong("." + name, value, "true or false")
        return value

    def texts(self, name: str, *, most: int, longest: int = LONGEST_TEXT) -> Tuple[str, ...]:
        """A list of at most `most` strings."""
        return tuple(
            self._text(place, value, longest, ()) for place, value in self._items(name, 0, most)
        )

    def integers(self, name: str, count: Tuple[int, int], least: int, most: int) -> Tuple[int, ...]:
        """A list of count[0] to count[1] whole numbers from `least` to `most`."""
        return tuple(
            self._integer(place, value, least, most)
            for place, value in self._items(name, count[0], count[1])
        )

    def numbers(self, name: str, *, most: int) -> Tuple[float, ...]:
        """A list of at most `most` finite numbers."""
        return tuple(
            self._number(place, value, -math.inf, math.inf)
            for place, value in self._items(name, 0, most)
        )

    def numbers_by_name(self, name: str, *, most: int, least: float) -> Dict[str, float]:
        """An object of at most `most` finite numbers."""
        return {
            key: self._number(".%s.%s" % (name, key), value, least, math.inf)
            for key, value in self._at_most(name, most).items()
        }

    def integers_by_name(
        self, name: str, *, most: int, count: Tuple[int, int], least: int, highest: int
    ) -> Dict[str, Tuple[int, ...]]:
        """An object of at most `most` lists such as `integers` takes."""
        inner, keys = self.object(name), list(self._at_most(name, most))
        return {key: inner.integers(key, count, least, highest) for key in keys}

    def texts_by_name(self, name: str, *, most: int) -> Dict[str, str]:
        """An object of at most `most` strings."""
        return {
            key: self._text(".%s.%s" % (name, key), value, LONGEST_TEXT, ())
            for key, value in self._at_most(name, most).items()
        }

    def object(self, name: str) -> "Fields":
        """An object."""
        return self._inner("." + name, self._value(name))

    def objects(self, name: str, *, least: int, most: int) -> List["Fields"]:
        """A list of `least` to `most` objects."""
        return [self._inner(place, value) for place, value in self._items(name, least, most)]

    def lists(self, name: str, *, most: int) -> List["Fields"]:
        """A list of lists: each as an object whose one field "" is that list."""
        return [self._inner(place, {"": value}) for place, value in self._items(name, 0, most)]

    def float32(self, name: str, count: int) -> bytes:
        """`count` finite numbers as base64 of little-endian float32; their bytes."""
        text = self.text(name, most=6 * count + 4)
        try:
            data = base64.b64decode(text, validate=True)
        except ValueError:
            raise self.wrong("." + name, text, "base64")
        if len(data) != 4 * count or not _are_finite(data):
            raise self.wrong("." + name, text, "base64 of %d finite float32" % count)
        return data

    def free(self, name: str) -> JsonObject:
        """An object that nobody here looks into: whoever shows it takes it as it is."""
        value = self._value(name)
        if not isinstance(value, dict):
            raise self.wrong("." + name, value, "an object")
        return value

    def raw(self, name: str) -> Json:
        """The value as it is, None where the field is missing: whoever takes it checks it."""
        return self._document.get(name)

    def _at_most(self, name: str, most: int) -> JsonObject:
        values = self.free(name)
        if len(values) > most:
            raise self.wrong("." + name, len(values), "at most %d entries" % most)
        return values

    def _value(self, name: str) -> Json:
        if name not in self._document:
            raise self._kind("%s of %s has no %r" % (self.path, self._of, name), "it", self._fix)
        return self._document[name]

    def _items(self, name: str, least: int, most: int) -> List[Tuple[str, Json]]:
        value, place = self._value(name), "." + name if name else ""
        if not isinstance(value, list) or not least <= len(value) <= most:
            wanted = "%d" % least if least == most else "%d to %d" % (least, most)
            found = len(value) if isinstance(value, list) else value
            said = " (its length)" if isinstance(value, list) else ""
            raise self.wrong(place + said, found, "a list of %s" % wanted)
        return [("%s[%d]" % (place, index), one) for index, one in enumerate(value)]

    def _inner(self, place: str, value: Json) -> "Fields":
        return Fields(value, path=self.path + place, of=self._of, fix=self._fix, kind=self._kind)

    def _text(self, place: str, value: Json, most: int, among: Sequence[str]) -> str:
        if not isinstance(value, str) or len(value) > most:
            raise self.wrong(place, value, "text of at most %d characters" % most)
        if among and value not in among:
            raise self.wrong(place, value, "one of " + ", ".join(among))
        return value

    def _integer(self, place: str, value: Json, least: int, most: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            wanted = "a whole number from %d to %d" % (least, most)
            raise self.wrong(place, value, "%d" % least if least == most else wanted)
        return value

    def _number(self, place: str, value: Json, least: float, most: float) -> float:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise self.wrong(place, value, "a number")
        least, most = max(least, -LARGEST_INTEGER), min(most, LARGEST_INTEGER)
        if not least <= value <= most:
            raise self.wrong(place, value, "a number from %g to %g" % (least, most))
        return float(value)


def optional_text(fields: Fields, name: str, most: int) -> Optional[str]:
    """The text of a field that may be missing or null."""
    return fields.text(name, most=most) if fields.has(name) else None


def _are_finite(data: bytes) -> bool:
    """Whether all of these little-endian float32 are; `data` a multiple of four bytes."""
    return all(math.isfinite(number) for (number,) in struct.iter_unpack("<f", data))


def _depth(text: str) -> int:
    """How many objects and lists of a JSON text are within each other at most."""
    deepest = depth = 0
    # without what is escaped, every second piece between quotation marks is a string
    for outside in text.replace("\\\\", "").replace('\\"', "").split('"')[::2]:
        for letter in outside:
            depth += (letter in OPENING) - (letter in CLOSING)
            deepest = max(deepest, depth)
    return deepest


def _no_constant(word: str) -> Json:
    raise ValueError("%s, which is no JSON" % word)


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError("a number beyond all bounds")
    return value


def _check_characters(document: Json) -> None:
    """Raise ValueError where a surrogate stands alone: nobody can write it, and OpenCV dies of
    it."""
    try:
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("half a character")


def _object(pairs: List[Tuple[str, Json]]) -> JsonObject:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("an object with a name twice")
    return document
