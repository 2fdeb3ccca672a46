"""A file of tensors that checks itself: what torch.save writes, with its SHA-256 at its end.

torch.load checks neither a digest nor the CRCs of the zip archive that such a file is: a flipped
bit would be another weight and not a word. So the last 64 bytes are the SHA-256 of all bytes before
them, as hexadecimal digits; with the seven bytes before these, "sha256:", they are the archive's
comment, and torch.load reads the file as any other. Equal tensors in equal order give equal bytes,
whatever the file is called. Knows no network, nor what the tensors mean.
"""

import io
import logging
import pickletools
import re
import struct
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import torch

from catseye.runtime.errors import ModelFileError
from catseye.runtime.system.files import BROKEN_ZIP, sha256_hex

log = logging.getLogger("catseye")

MARK = b"sha256:"
DIGEST = 64  # characters
CHECKED = "checked by"  # a key that says that there was a digest, should its mark be damaged
MEMBERS = re.compile(r"[^/]+/(data\.pkl|data/\d+|byteorder|version|\.\w+|\.data/serialization_id)")
# all that tensors in dictionaries, lists and numbers need
CALLS = re.compile(r"collections OrderedDict|torch\._utils _rebuild_tensor_v2|torch \w+Storage")
# tensors, numbers, text and None, in dictionaries, lists and tuples: of which types, whoever wrote
# them knows
Content = dict[str, Any]


def tensor_bytes(content: Content) -> bytes:
    """The file's bytes."""
    buffer = io.BytesIO()  # a path would give its name to the archive's members
    torch.save({**content, CHECKED: MARK.decode()}, buffer)
    archive = buffer.getvalue()
    # the last two bytes of an archive without a comment are the comment's length
    marked = archive[:-2] + struct.pack("<H", len(MARK) + DIGEST) + MARK
    return marked + sha256_hex(marked).encode()


def read_tensors(path: Path) -> Content:
    """The content of a file of tensors, on the CPU, once every check has passed.

    A file of before, without a digest, is told once and passes by its CRCs.
    Raises ModelFileError for one that is missing, damaged or of something else; nothing larger than
    the file is allocated.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelFileError(
            f"cannot read {path}: {error.strerror}", "a checkpoint folder with model.pt"
        )
    has_digest = data[:-DIGEST].endswith(MARK)
    if has_digest and sha256_hex(data[:-DIGEST]).encode() != data[-DIGEST:]:
        raise _damaged(path, "its SHA-256 is not the one at its end")
    _check_archive(path, data)
    try:
        content = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # of a forged pickle: whatever its calls raise
        raise _damaged(path, str(error) or type(error).__name__)
    if not isinstance(content, dict):
        raise _damaged(path, f"it holds a {type(content).__name__}")
    if content.pop(CHECKED, None) and not has_digest:
        raise _damaged(path, "its SHA-256 is gone")
    if not has_digest:
        _tell_of_no_digest(path)
    return content


def _check_archive(path: Path, data: bytes) -> None:
    """Every member stored as it is, within the file, and with its CRC; the pickle calls nothing
    but what makes tensors."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_members(members, len(data))
            wrong = archive.testzip()
            if wrong is not None:
                raise ValueError(f"the CRC of {wrong} is wrong")
            pickles = [one for one in members if one.filename.endswith("/data.pkl")]
            if len(pickles) != 1:
                raise ValueError("it has no data.pkl")
            _check_calls(archive.read(pickles[0]))
    except (*BROKEN_ZIP, ValueError) as error:
        raise _damaged(path, str(error) or type(error).__name__)


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    names = {member.filename for member in members}
    if len(names) < len(members) or not all(map(MEMBERS.fullmatch, names)):
        raise ValueError("it is no archive of tensors")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise ValueError("a member is compressed")
    if sum(max(member.file_size, member.compress_size) for member in members) > size:
        raise ValueError("its members are larger than the file")


def _check_calls(pickle: bytes) -> None:
    for opcode, argument, _ in pickletools.genops(pickle):
        if opcode.name == "GLOBAL" and not CALLS.fullmatch(str(argument)):
            raise ValueError(f"its pickle calls {argument}")


@cache
def _tell_of_no_digest(path: Path) -> None:
    log.warning("%s was written before files had a SHA-256; its CRCs are right", path)


def _damaged(path: Path, reason: str) -> ModelFileError:
    first_line = reason.splitlines()[0]
    return ModelFileError(f"{path} is damaged ({first_line})", "a file that `catseye train` wrote")
