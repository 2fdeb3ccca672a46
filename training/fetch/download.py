"""One file over HTTP: progress, resuming, retries, several addresses. Knows nothing of what the
file holds.

What arrived is kept in PATH.part, and the next attempt, of this run or a later one, asks for the
rest (HTTP Range).
A server that cannot do that begins again. Proxies come from the usual environment variables.
"""

import fcntl
import http.client
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

from tqdm import tqdm

from catseye.runtime.errors import CatseyeError
from catseye.runtime.version import VERSION

CHUNK = 1 << 16
LASTING = (400, 401, 403, 404, 405, 410, 451)  # status codes that asking again does not change


class Patience(NamedTuple):
    """How long a server may be silent, how many attempts in a row may bring nothing new, and the
    first pause."""

    silence_s: float = 30.0
    attempts: int = 5
    pause_s: float = 1.0  # doubled after every attempt in vain


class _GaveUp(Exception):
    """An address from which nothing more is to be had, and why."""


def download(
    path: str,
    addresses: Sequence[str],
    most_bytes: int,
    accept: Callable[[str], str],
    patience: Patience = Patience(),
) -> None:
    """Bring PATH.part from the first address whose content `accept(PATH.part)` takes: it returns ""
    or what is wrong.

    `accept` moves what it takes to its final name. Content that is refused is deleted. Raises
    CatseyeError where no address is left.
    """
    part, complaints = path + ".part", []
    for address in addresses:
        resumed = _size(part) > 0
        complaint = _fetched(address, part, most_bytes, accept, patience)
        # it may have been begun from other content
        if complaint and resumed and not os.path.exists(part):
            complaint = _fetched(address, part, most_bytes, accept, patience)
        if not complaint:
            return
        complaints.append(f"{urlsplit(address).netloc}: {complaint}")
    kept = f" (what arrived is kept in {part})" if os.path.exists(part) else ""
    raise CatseyeError(
        f"cannot fetch {os.path.basename(path)}: {', '.join(complaints)}",
        "an address that gives the official content",
        f"try again later{kept}, or put the files there by hand, see docs/data.md",
    )


def _fetched(
    address: str, part: str, most_bytes: int, accept: Callable[[str], str], patience: Patience
) -> str:
    """Bring PART from one address and offer it; "" or what is wrong with it, and then it is
    gone."""
    try:
        _bring(address, part, most_bytes, patience)
    except _GaveUp as error:
        if not _size(part) and os.path.exists(part):
            os.unlink(part)
        return str(error)
    complaint = accept(part)
    if complaint:
        os.unlink(part)
    return complaint


def _bring(address: str, part: str, most_bytes: int, patience: Patience) -> None:
    """Attempt after attempt until PART is whole; gives up after too many in a row that brought
    nothing new."""
    most_so_far, in_vain = _size(part), 0
    while True:
        try:
            if _attempt(address, part, most_bytes, patience):
                return
            reason = "the connection broke off"
        except urllib.error.HTTPError as error:
            reason = f"HTTP {error.code} {error.reason}"
            if error.code in LASTING:
                raise _GaveUp(reason)
        # OSError: time-outs, refusals, names, TLS
        except (http.client.HTTPException, OSError) as error:
            reason = _in_words(error, patience)
        in_vain = 0 if _size(part) > most_so_far else in_vain + 1
        most_so_far = max(most_so_far, _size(part))
        if in_vain >= patience.attempts:
            raise _GaveUp(reason)
        time.sleep(patience.pause_s * 2 ** max(0, in_vain - 1))


def _attempt(address: str, part: str, most_bytes: int, patience: Patience) -> bool:
    """One request for what is missing; True when PART is whole."""
    have = _size(part)
    headers = {"User-Agent": f"catseye/{VERSION}", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(address, headers=headers)
    try:
        answer = urllib.request.build_opener().open(request, timeout=patience.silence_s)
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing beyond what is here: whole, or of another file
            return _whole_size(error) == have or _discarded(part)
        raise
    with answer, _opened(part) as stream:
        start = have if answer.status == 206 and _first_byte(answer) == have else 0
        if answer.status == 206 and not start:
            raise http.client.HTTPException("another part than the one requested")
        stream.truncate(start)
        stream.seek(start)
        length = answer.headers.get("Content-Length")
        total = start + int(length) if length and length.isdigit() else None
        _copy(answer, stream, start, total, most_bytes)
        return total is None or stream.tell() == total


def _copy(answer: Any, stream: IO[bytes], start: int, total: int | None, most_bytes: int) -> None:
    """The answer's body into the file, with a bar on terminals."""
    name = os.path.basename(stream.name)[: -len(".part")]
    with tqdm(
        desc=name, initial=start, total=total, unit="B", unit_scale=True, leave=False, disable=None
    ) as bar:
        while chunk := answer.read1(CHUNK):
            if stream.tell() + len(chunk) > most_bytes:
                stream.truncate(0)
                raise _GaveUp(f"more than {most_bytes // 1_000_000} MB")
            try:
                stream.write(chunk)
            except OSError as error:
                raise CatseyeError(
                    f"cannot write {stream.name}: {error.strerror}", "room on the disk", "make some"
                )
            bar.update(len(chunk))


def _opened(part: str) -> IO[bytes]:
    """PART for writing, unbuffered, by one process at a time."""
    try:
        os.makedirs(os.path.dirname(part), exist_ok=True)
        stream = open(part, "ab", buffering=0)
    except OSError as error:
        raise CatseyeError(
            f"cannot write {part}: {error.strerror}", "a writable folder", "choose another --to"
        )
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stream.close()
        raise CatseyeError(
            f"another process writes {part}", "one at a time", "wait until it is done"
        )
    return stream


def _first_byte(answer: Any) -> int:
    """Where a partial answer begins, -1 where it does not say so."""
    found = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _whole_size(error: urllib.error.HTTPError) -> int:
    found = re.match(r"bytes \*/(\d+)", error.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _discarded(part: str) -> bool:
    os.unlink(part)
    return False


def _in_words(error: Exception, patience: Patience) -> str:
    reason = getattr(error, "reason", error)  # urllib wraps what happened
    if isinstance(reason, TimeoutError):
        return f"no answer for {patience.silence_s:g} s"
    if isinstance(reason, http.client.IncompleteRead):
        return "the connection broke off"
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__


def _size(path: str) -> int:
    return os.path.getsize(path) if os.path.exists(path) else 0
