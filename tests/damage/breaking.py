"""Bytes, JSON, arrays and the card of a model file, broken by a random generator.

Knows formats as far as it must to reach their inside past a checksum; not who reads them.
"""

import io
import json
import struct
import zipfile
import zlib
from random import Random
from typing import Any

import numpy as np

from catseye.runtime.model_file.onnx_file import METADATA_PROPS

DEEP = 50_000  # lists within each other
LONG = 300_000  # characters of a very long string
BOMB = 256 << 20  # bytes of zeros, which deflate to a thousandth
WORDS = ("", "3", "x" * LONG, "\ud800", "\0", "../../x", "int8", "road", "float64", "NaN", "%s%n")
NUMBERS = (0, -1, 1, 2, 7, 10**9, 10**30, -(10**18), 0.5, 1e308)
TYPES = ("u1", "i1", "i8", "f4", "f8", "c8", "U3", "S2", "?", "M8[s]")
STRANGE = (float("nan"), float("inf"), -float("inf"), None, True, False)


def flipped(data: bytes, random: Random, first: int = 0, last: int | None = None) -> bytes:
    """1 to 64 bits of the bytes from `first` to `last` turned over; few more often than many."""
    broken = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 8, 64))):
        broken[random.randrange(first, len(data) if last is None else last)] ^= (
            1 << random.randrange(8)
        )
    return bytes(broken)


def broken_bytes(data: bytes, random: Random) -> tuple[bytes, str]:
    """Bits flipped, or cut short, or a stretch overwritten, left out or repeated; and which it
    was."""
    at = random.randrange(len(data))
    end = min(len(data), at + random.choice((1, 4, 8, 100, 5000)))
    how = random.choice(("flipped", "flipped", "flipped", "cut", "zeros", "ones", "out", "twice"))
    if how == "flipped":
        return flipped(data, random), how
    parts = {
        "cut": data[:at],
        "zeros": data[:at] + bytes(end - at) + data[end:],
        "ones": data[:at] + b"\xff" * (end - at) + data[end:],
        "out": data[:at] + data[end:],
        "twice": data[:end] + data[at:],
    }
    return parts[how], "%s at %d to %d of %d" % (how, at, end, len(data))


def broken_json(document: Any, random: Random) -> tuple[bytes, str]:
    """JSON of `document` with one field broken, at any depth; and its path with what became of
    it."""
    copied = json.loads(json.dumps(document))
    path, holder, key = "", [copied], 0
    while isinstance(holder[key], (dict, list)) and holder[key]:
        if path and random.random() < 0.15:
            break
        holder = holder[key]
        key = (
            random.choice(list(holder))
            if isinstance(holder, dict)
            else random.randrange(len(holder))
        )
        path += ".%s" % key if isinstance(holder, dict) else "[%d]" % key
    how = random.choice(("value",) * 8 + ("absent", "renamed", "twice", "no text", "deep"))
    marks = {"no text": b'"\xff\xfe\x80"', "deep": b"[" * DEEP + b"]" * DEEP}
    if how == "absent" or (how in ("renamed", "twice") and isinstance(holder, list)):
        del holder[key]
        how = "absent"
    elif how == "renamed":
        holder[str(key) + "_"] = holder.pop(key)
    elif how == "twice":
        return _with_twin(copied, holder, key, random), "%s twice" % path
    elif how in marks:
        holder[key] = "MARK"
        return json.dumps(copied).encode().replace(b'"MARK"', marks[how]), "%s is %s" % (path, how)
    else:
        holder[key] = _other_value(holder[key], random)
        how = "is " + repr(holder[key])[:60]
    return json.dumps(copied).encode("utf-8", "surrogatepass"), "%s %s" % (path, how)


def _with_twin(document: Any, holder: dict[str, Any], key: str, random: Random) -> bytes:
    """JSON in which `key` of `holder` comes twice, the second time with another value."""
    other = json.dumps(_other_value(holder[key], random))
    holder["TWIN"] = 0
    return json.dumps(document).replace('"TWIN": 0', "%s: %s" % (json.dumps(key), other)).encode()


def _other_value(value: Any, random: Random) -> Any:
    """Another value: of another type, size, sign or length."""
    choices: list[Any] = [random.choice(WORDS), random.choice(NUMBERS), random.choice(STRANGE)]
    choices += [[], {}, [value], {"a": value}, [0] * 1000]
    if isinstance(value, list):
        choices += [value[:-1], value + value[-1:], value[::-1], value * 1000] * 2
    if isinstance(value, str):
        choices += [value[:-1], value + "x", value.upper(), value * 300] * 2
    if isinstance(value, (int, float)):
        choices += [-value, value + 1, value * 2, value * 1.5, str(value)] * 2
    return random.choice(choices)


def model_with(data: bytes, **metadata: bytes) -> bytes:
    """An ONNX file whose metadata entries of these names (dots as "__") are replaced, text or
    not."""
    parts = []
    for first, last, number, body in top_fields(data):
        if number == METADATA_PROPS:
            (_, _, _, name), (_, _, _, value) = list(top_fields(body))[:2]
            value = metadata.get(name.decode().replace(".", "__"), value)
            entry = _field(1, name) + _field(2, value)
            parts.append(_field(METADATA_PROPS, entry))
        else:
            parts.append(data[first:last])
    return b"".join(parts)


def top_fields(data: bytes) -> list[tuple[int, int, int, bytes]]:
    """(first byte, last byte + 1, field number, body) of each field of a protobuf message."""
    found, at = [], 0
    while at < len(data):
        first = at
        tag, at = _varint(data, at)
        size, at = _varint(data, at)
        if tag & 7 == 0:  # a number, which stands where a length would
            found.append((first, at, tag >> 3, b""))
        else:
            found.append((first, at + size, tag >> 3, data[at : at + size]))
            at += size
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def _field(number: int, body: bytes) -> bytes:
    size, digits = len(body), bytearray([number << 3 | 2])
    while size >= 0x80:
        digits.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes(digits) + bytes([size]) + body


def broken_archive(data: bytes, random: Random) -> tuple[bytes, str]:
    """A .npz broken past its checksums (an array's header, type, size, name or bytes, a member more
    or less) or before them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    if not members or random.random() < 0.3:
        return broken_bytes(data, random)
    at = random.randrange(len(members))
    name, content = members[at]
    ways = ("header", "header", "content", "name", "absent", "twice", "other", "bytes", "bomb")
    how = random.choice(ways if random.random() < 0.1 else ways[:-1])
    if how == "header":
        content, how = _with_other_header(content, random)
    elif how == "content":
        content = flipped(content, random)
    elif how == "name":
        name = random.choice((name[:-4], "x" + name, name.upper(), "", "1/2/3/4.npy", "a/b.npy"))
    elif how == "bytes":
        content, how = broken_bytes(content, random)
    elif how == "other":
        shape = random.choice(((), (0,), (1, 1), (2, 3, 4), (70, 50), (90, 160)))
        content = _npy(np.ones(shape, random.choice(TYPES)))
    elif how == "bomb":
        content = _npy_head("|u1", (BOMB,)) + bytes(BOMB)
    members[at : at + 1] = {"absent": [], "twice": [(name, content)] * 2}.get(
        how, [(name, content)]
    )
    return _npz(members), "%s of %s" % (how, name)


def _with_other_header(content: bytes, random: Random) -> tuple[bytes, str]:
    size = struct.unpack_from("<H", content, 8)[0]
    shape = random.choice(
        (
            (10**12,),
            (10**10,),
            (2**62, 4),
            (-1, 5),
            (0,),
            (10**5,) * 3,
            (),
            (1,) * 40,
            (3.5,),
            ("3",),
        )
    )
    words = random.choice(("|O", "<f8", "|u1", "<U9", "|V1000000000", "M8[s]", "x", "<c16", "|S0"))
    if random.random() < 0.5:
        return _npy_head(words, (4,)) + content[10 + size :], "type " + words
    return _npy_head("|u1", shape) + content[10 + size :], "shape %r" % (shape,)


def _npy_head(words: str, shape: tuple[Any, ...]) -> bytes:
    text = "{'descr': %r, 'fortran_order': False, 'shape': %r, }\n" % (words, shape)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def _npz(members: list[tuple[str, bytes]]) -> bytes:
    """A zip of these members, all checksums right; zipfile warns of twins, which are meant."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def with_png_size(picture: bytes, random: Random) -> bytes:
    """A PNG that claims another size, its header's checksum mended."""
    width, height = struct.unpack_from(">II", picture, 16)
    sizes = (0, 1, width + 1, 2 * width, 30_000, 10**6, 2**31 - 1, 2**32 - 1)
    head = b"IHDR" + struct.pack(">II", random.choice(sizes), random.choice((height, *sizes)))
    head += picture[24:29]
    return picture[:12] + head + struct.pack(">I", zlib.crc32(head)) + picture[33:]
