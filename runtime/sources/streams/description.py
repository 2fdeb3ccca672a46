"""Why an RTSP stream does not open: its server is asked once for its description (RFC 2326, 10.2),
since OpenCV says no more than that there is none.

Knows RTSP's words and SDP's; sends one request, or a second one where the server wants to know who
asks, and reads a bounded answer within a stated time.
"""

import re
import socket
import time
from contextlib import suppress
from typing import Dict, List, NamedTuple

from catseye.runtime.errors import SourceError
from catseye.runtime.sources.http.address import Address, address_from_uri
from catseye.runtime.sources.http.authorization import authorization, best_challenge
from catseye.runtime.system.masking import masked

MOST_BYTES = 1 << 16
REDIRECTS = (301, 302, 303, 305)
# what every FFmpeg decodes (RFC 3551 and the registry of RTP payload formats)
USUAL_CODECS = ("H264", "H265", "JPEG", "MP4V-ES", "MPV", "H263", "H263-1998", "VP8", "VP9")
STATIC_CODECS = {"26": "JPEG", "32": "MPV", "34": "H263"}
EXPECTED = "a running stream"


class RtspAnswer(NamedTuple):
    """status: 0 for what is no RTSP.  said: its first line.  headers: by lower-case name."""

    status: int
    said: str
    headers: Dict[str, List[str]]
    body: str


def why_not(uri: str, seconds: float) -> SourceError:
    """What keeps the RTSP stream at `uri` from opening, in one line, asked within so many seconds;
    where the server describes a stream, that it does, and which."""
    try:
        address = address_from_uri(uri)
    except SourceError as error:
        return error
    try:
        answer = described(address, seconds)
    except OSError as error:
        return _unanswered(address, error, seconds)
    if answer.status == 200:
        return _undecoded(address, codecs_of(answer.body))
    return _refused(address, answer)


def described(address: Address, seconds: float) -> RtspAnswer:
    """The server's answer to DESCRIBE. Raises OSError where none comes in time."""
    until_s = time.monotonic() + seconds
    with socket.create_connection((address.host, address.port), timeout=seconds) as connection:
        answer = _asked(connection, address, "", 1, until_s)
        challenge = best_challenge(answer.headers.get("www-authenticate", []))
        if answer.status != 401 or address.user is None or challenge is None:
            return answer
        who = authorization(
            challenge, address.user, address.password, target_of(address), method="DESCRIBE"
        )
        with suppress(OSError):  # some servers end the connection with a 401
            return _asked(connection, address, who, 2, until_s)
    left_s = max(0.001, until_s - time.monotonic())
    with socket.create_connection((address.host, address.port), timeout=left_s) as connection:
        return _asked(connection, address, who, 1, until_s)


def target_of(address: Address) -> str:
    """What RTSP asks for: the whole address, without who asks."""
    return "rtsp://%s%s" % (address.place, address.target)


def _asked(
    connection: socket.socket, address: Address, who: str, number: int, until_s: float
) -> RtspAnswer:
    lines = ["DESCRIBE %s RTSP/1.0" % target_of(address), "CSeq: %d" % number]
    lines += ["Accept: application/sdp", "User-Agent: catseye"]
    lines += ["Authorization: " + who] if who else []
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return _answer_of(connection, until_s)


def _answer_of(connection: socket.socket, until_s: float) -> RtspAnswer:
    data = bytearray()
    while len(data) < MOST_BYTES and not _is_whole(data):
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise socket.timeout()
        connection.settimeout(left_s)
        piece = connection.recv(MOST_BYTES)
        if not piece:
            break
        data += piece
    if not data:
        raise ConnectionError("nothing")
    return answer_from(bytes(data))


def _is_whole(data: bytearray) -> bool:
    head, mark, body = bytes(data).partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    return bool(mark) and len(body) >= (int(length.group(1)) if length else 0)


def answer_from(data: bytes) -> RtspAnswer:
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    first, _, rest = head.partition("\r\n")
    match = re.match(r"RTSP/\d\.\d (\d{3})", first)
    headers: Dict[str, List[str]] = {}
    for line in rest.split("\r\n"):
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    shown = re.sub(r"[^ -~]", " ", first)[:60]
    return RtspAnswer(int(match.group(1)) if match else 0, shown, headers, body)


def codecs_of(description: str) -> List[str]:
    """The codecs of the videos that an SDP names, in upper case; "" for one that it does not
    name."""
    names = dict(STATIC_CODECS)
    names.update(re.findall(r"(?m)^a=rtpmap:(\d{1,3}) ([\w.+-]{1,40})/", description))
    payloads = re.findall(r"(?m)^m=video \S+ \S+ (\d{1,3})", description)
    return [names.get(payload, "").upper() for payload in payloads]


def _refused(address: Address, answer: RtspAnswer) -> SourceError:
    place = address.place
    if not answer.status:
        return SourceError(
            "what answers at %s is no RTSP server (%s)" % (place, answer.said),
            "a camera's RTSP server, usually at port 554",
            "try http:// if it is a web server",
        )
    if answer.status == 401 and address.user is not None:
        return SourceError(
            "%s refuses this user or password (401 Unauthorized)" % place,
            "those of the camera",
            "try them in a player",
        )
    if answer.status == 401:
        return SourceError(
            "%s requires a login (401 Unauthorized)" % place,
            "a user and a password",
            "write USER:PASSWORD@ before its name",
        )
    led = answer.headers.get("location", [""])[0] if answer.status in REDIRECTS else ""
    led = masked(led)[:200]  # once cut, a password without its @ looks like none
    return SourceError(
        "%s answers %s%s" % (place, answer.said.partition(" ")[2], led and " to " + led),
        EXPECTED + " there",
        "check the path: the camera's manual or its page names it"
        if answer.status == 404
        else "try the address in a player",
    )


def _undecoded(address: Address, codecs: List[str]) -> SourceError:
    """The server is well: FFmpeg is not, with what it describes."""
    known = [codec for codec in codecs if codec in USUAL_CODECS]
    if not codecs:
        return SourceError("the stream of %s has no video" % address.place, EXPECTED)
    if not known:
        return SourceError(
            "%s sends %s, which this OpenCV does not decode"
            % (address.place, codecs[0] or "a codec without a name"),
            "H.264, H.265 or JPEG",
            "set the camera to one of them",
        )
    return SourceError(
        "%s describes %s video, but nothing of it came" % (address.place, known[0]),
        EXPECTED,
        "try #transport=udp, or tcp",
    )


def _unanswered(address: Address, error: OSError, seconds: float) -> SourceError:
    place = address.place
    expected, fix = "a camera's RTSP server", "check its address, power and network"
    if isinstance(error, socket.gaierror):
        found = "no address of %s" % place
        expected, fix = "a name that the network knows", "check the name, or use its number"
    elif isinstance(error, socket.timeout):
        found = "no answer from %s within %.2g s" % (place, seconds)
    elif isinstance(error, ConnectionRefusedError):
        found = "%s refuses connections" % place
    elif isinstance(error, ConnectionError):
        found = "%s ends the connection without an answer" % place
    else:
        found = "%s cannot be reached (%s)" % (place, error.strerror or error)
    return SourceError(found, expected, fix)
