"""What a web server wants to see before it answers: Basic (RFC 7617) and Digest (RFC 7616)
authorization.

Knows the words of both; sends nothing. Digest is preferred: it does not show the password.
"""

import base64
import hashlib
import os
import re
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence
from urllib.request import parse_http_list, parse_keqv_list

# the strongest first
HASHES = (("sha-256", hashlib.sha256), ("md5", hashlib.md5))
SCHEME = re.compile(r"(?:^|,)\s*(basic|digest)(?=\s|\Z)", re.IGNORECASE)


class Challenge(NamedTuple):
    """What a server asks for. scheme: basic or digest.  terms: its parameters, by lower-case
    name."""

    scheme: str
    terms: Dict[str, str]

    @property
    def algorithm(self) -> str:
        return self.terms.get("algorithm", "MD5")


def best_challenge(headers: Sequence[str]) -> Optional[Challenge]:
    """The safest that can be met of those in the WWW-Authenticate headers; None: there is none."""
    found = [each for header in headers for each in _challenges(header)]
    for name, _ in HASHES:
        for challenge in found:
            if challenge.scheme == "digest" and _is_met(challenge, name):
                return challenge
    return next((each for each in found if each.scheme == "basic"), None)


def authorization(
    challenge: Challenge,
    user: str,
    password: str,
    target: str,
    count: int = 1,
    method: str = "GET",
) -> str:
    """The Authorization header of a request for `target`. count: how often this challenge has been
    answered, from 1."""
    if challenge.scheme == "basic":
        token = "%s:%s" % (user, password)
        return "Basic " + base64.b64encode(token.encode()).decode("ascii")
    return _digest(challenge, user, password, method + ":" + target, count, os.urandom(8).hex())


def _digest(
    challenge: Challenge, user: str, password: str, asked: str, count: int, own_nonce: str
) -> str:
    """asked: METHOD:TARGET."""
    terms = challenge.terms
    realm, nonce = terms.get("realm", ""), terms.get("nonce", "")
    hashed = _hash_named(challenge.algorithm)
    secret = hashed("%s:%s:%s" % (user, realm, password))
    if challenge.algorithm.lower().endswith("-sess"):
        secret = hashed("%s:%s:%s" % (secret, nonce, own_nonce))
    target = asked.partition(":")[2]
    number = "%08x" % count
    if "qop" in terms:
        answer = hashed(":".join((secret, nonce, number, own_nonce, "auth", hashed(asked))))
    else:  # RFC 2069, of old cameras
        answer = hashed(":".join((secret, nonce, hashed(asked))))
    said = {"username": user, "realm": realm, "nonce": nonce, "uri": target, "response": answer}
    said.update({name: terms[name] for name in ("opaque",) if name in terms})
    words = ['%s="%s"' % (name, _quoted(value)) for name, value in said.items()]
    if "algorithm" in terms:
        words.append("algorithm=" + challenge.algorithm)
    if "qop" in terms:
        words += ["qop=auth", "nc=" + number, 'cnonce="%s"' % own_nonce]
    return "Digest " + ", ".join(words)


def _challenges(header: str) -> List[Challenge]:
    """Those of one header, which may hold several."""
    begins = list(SCHEME.finditer(header))
    ends = [match.start() for match in begins[1:]] + [len(header)]
    return [
        Challenge(match.group(1).lower(), _terms(header[match.end() : end]))
        for match, end in zip(begins, ends)
    ]


def _terms(text: str) -> Dict[str, str]:
    pairs = [pair for pair in parse_http_list(text) if "=" in pair]
    return {name.strip().lower(): value for name, value in parse_keqv_list(pairs).items()}


def _is_met(challenge: Challenge, name: str) -> bool:
    algorithm = challenge.algorithm.lower()
    qualities = [word.strip().lower() for word in challenge.terms.get("qop", "auth").split(",")]
    return algorithm in (name, name + "-sess") and "auth" in qualities


def _hash_named(algorithm: str) -> Callable[[str], str]:
    name = algorithm.lower()
    function = next(each for prefix, each in HASHES if name in (prefix, prefix + "-sess"))
    return lambda text: function(text.encode()).hexdigest()


def _quoted(value: str) -> str:
    return re.sub(r'([\\"])', r"\\\1", re.sub(r"[\r\n]", "", value))
