"""Who made a file: an Ed25519 signature (RFC 8032) of its bytes, beside it as FILE.sig.

The signature is the plain 64 bytes and keys are PEM, so that OpenSSL 3 makes the keys and checks a
file where this package is not, such as on a board of JetPack 6 or 7:

    openssl genpkey -algorithm ed25519 -out fleet.key
    openssl pkey -in fleet.key -pubout -out fleet.pub
    openssl pkeyutl -verify -pubin -inkey fleet.pub -rawin -in road.pyz -sigfile road.pyz.sig

Knows keys and bytes; not what is signed. The arithmetic is the library `cryptography`'s.
"""

import os
from typing import Any

from catseye.runtime.errors import CatseyeError, CheckFailed
from catseye.runtime.system.files import read_bytes, write_bytes

SUFFIX = ".sig"
LENGTH = 64  # bytes of a signature
LONGEST_KEY = 1 << 14  # bytes of a PEM file
INSTALL = "pip install 'catseye[sign]'"
GENERATE = "make one: openssl genpkey -algorithm ed25519 -out fleet.key"
EXTRACT = "take it from the private one: openssl pkey -in fleet.key -pubout -out fleet.pub"


def signing_key(path: str) -> Any:
    """The Ed25519PrivateKey in a PEM file. Raises CatseyeError for anything else, for a key behind
    a passphrase, and without the library."""
    serialization, ed25519 = _library()
    try:
        key = serialization.load_pem_private_key(_pem(path), password=None)
    except TypeError:
        raise CatseyeError(
            f"{path} has a passphrase", "a key without one", f"openssl pkey -in {path} -out FILE"
        )
    except ValueError:
        key = None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise CatseyeError(f"{path} is no private Ed25519 key", "one as PEM", GENERATE)
    return key


def sign_file(path: str, key: Any) -> str:
    """Write the signature of a file beside it, by what signing_key() gave; returns its path. Raises
    CatseyeError where it cannot be written."""
    signature = path + SUFFIX
    write_bytes(signature, key.sign(read_bytes(path)))
    return signature


def check_signature(path: str, key_path: str) -> None:
    """Ask whether the owner of a public key signed a file as it is. Raises CheckFailed where not,
    CatseyeError where there is no signature or no such key, and without the library."""
    serialization, ed25519 = _library()
    try:
        key = serialization.load_pem_public_key(_pem(key_path))
    except ValueError:
        key = None
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise CatseyeError(f"{key_path} is no public Ed25519 key", "one as PEM", EXTRACT)
    if not os.path.isfile(path + SUFFIX):
        raise CatseyeError(
            f"no {path}{SUFFIX}", "the signature beside the file", "pack it with --sign, copy both"
        )
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(read_bytes(path + SUFFIX)[: LENGTH + 1], read_bytes(path))
    except InvalidSignature:
        raise CheckFailed(
            f"{path} is not what the owner of {key_path} signed",
            "file and signature of one `catseye pack --sign`",
            "do not run it; get both again from where they were made",
        )


def _pem(path: str) -> bytes:
    if os.path.isfile(path) and os.path.getsize(path) > LONGEST_KEY:
        raise CatseyeError(f"{path} is too large for a key", "a PEM file")
    return read_bytes(path)


def _library() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise CatseyeError(f"no library for signatures ({error})", "cryptography", INSTALL)
    return serialization, ed25519
