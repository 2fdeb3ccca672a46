"""Secrets out of sight: what is printed, logged, recorded or served shows addresses without their
passwords and tokens.

One rule for all of them, `masked`. Where an address can be read in two ways (an `@` or a `/` may
belong to a password that was not percent-encoded) more is hidden rather than less. User names stay.
"""

import re
from typing import Iterator, List, Sequence, Tuple
from urllib.parse import unquote

MASK = "***"
# in the name of a secret, wherever it stands: password, user_pwd, X-Auth, access_token, ...
PARTS = "pass|pwd|psw|secret|token|auth|cred|signature|session|jwt"
# as the name itself or its last word: api_key and loginpas, but neither keyframe nor pinned
ENDS = "key|pas|(?<![a-z])(?:pw|pin|sig|sid|otp|p)"
SECRET_NAME = re.compile("%s|(?:%s)$" % (PARTS, ENDS))
NAME = re.compile(r"([^=&?#/;,\s]+)=?")
# up to the next `name=`: an & alone belongs to the value
VALUE = re.compile(r"(?:[^&]|&(?![^=&]*=))*")
# as it stands in a sentence, or in one that says what to write
MASKED = re.compile(r"(?:\*\*\*|\.\.\.)[]\"';:,.)}]*\Z")
Span = Tuple[int, int]


def masked(address: str) -> str:
    """One address as anybody may see it: `rtsp://user:***@host/x?user=me&password=***`.

    The password before the host, and the values of all names that sound like a secret's
    (password, pwd, token, key, auth, ...), also where they are percent-encoded; masked again, it
    stays as it is.
    """
    shown = _masked_once(address)
    while shown != address:  # what was hidden may have stood before another secret
        address, shown = shown, _masked_once(shown)
    return shown


def _masked_once(address: str) -> str:
    shown = address
    for begin, end in reversed(_joined(_spans(address))):
        shown = shown[:begin] + MASK + shown[end:]
    decoded = unquote(shown)  # an address within an address is encoded
    if decoded == shown:
        return shown
    inside = _masked_once(decoded)
    return shown if inside == decoded else inside


def masked_text(text: str) -> str:
    """Words that may hold addresses, each of them masked; an address ends at white space."""
    return re.sub(r"\S+", lambda word: _masked_word(word.group()), text)


def masked_words(words: Sequence[str]) -> List[str]:
    """The words of a command line: addresses masked, and what follows an option such as
    `--token`."""
    shown, hide = [], False
    for word in words:
        shown.append(MASK if hide else masked(word) if _may_hold_secret(word) else word)
        hide = word.startswith("--") and "=" not in word and is_secret_name(word)
    return shown


def is_secret_name(name: str) -> bool:
    """Whether the value of an option of this name is nobody's business."""
    return SECRET_NAME.search(unquote(name).lower()) is not None


def _masked_word(word: str) -> str:
    return masked(word) if _may_hold_secret(word) else word


def _may_hold_secret(word: str) -> bool:
    """A quick look: most words are no address, and `12:30@noon` is none."""
    return "://" in word or "=" in word


def _spans(address: str) -> List[Span]:
    """Where secrets stand, those that are masked already excepted."""
    spans = named = list(_named(address))
    # an address may stand within another's query
    for begin in [mark.end() for mark in re.finditer("://", address)] or [0]:
        spans = spans + _password(address, begin, named)
    return sorted((a, b) for a, b in spans if b > a and not MASKED.match(address[a:b]))


def _named(address: str) -> Iterator[Span]:
    """The values of names that sound like a secret's."""
    for found in NAME.finditer(address):
        if address[found.end() - 1] == "=" and is_secret_name(found.group(1)):
            value = VALUE.match(address, found.end())
            assert value is not None  # it matches nothing too
            yield value.span()


def _password(address: str, begin: int, named: Sequence[Span]) -> List[Span]:
    """`user:PASSWORD@`, whose user begins at `begin`: from the first colon to the last `@` that
    stands in no named value, or to the last of all."""
    colon = address.find(":", _behind_brackets(address, begin))
    ats = [at.start() for at in re.finditer("@", address) if at.start() > colon >= 0]
    outside = [at for at in ats if not any(a <= at < b for a, b in named)]
    return [(colon + 1, (outside or ats)[-1])] if ats and _is_user(address[begin:colon]) else []


def _behind_brackets(address: str, begin: int) -> int:
    """Colons within `[::1]` are a host's own."""
    end = address.find("]", begin) if address[begin : begin + 1] == "[" else -1
    return max(begin, end)


def _is_user(text: str) -> bool:
    """Whether this can stand before the colon of a password: no path and no query."""
    return not any(letter in text for letter in "/?#")


def _joined(spans: Sequence[Span]) -> List[Span]:
    """Sorted spans, those that touch made one."""
    joined: List[Span] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
