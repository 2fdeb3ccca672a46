"""Signatures by real keys, checked by the library and by OpenSSL; and all that does not fit."""

import builtins
import shutil
import subprocess
from pathlib import Path

import pytest

from catseye.commands import pack, verify
from catseye.export.signing import check_signature, sign_file, signing_key
from catseye.runtime.errors import CatseyeError, CheckFailed

ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")


def write_keys(folder: Path, name: str, passphrase: bytes = b"") -> Path:
    """NAME.key and NAME.pub; returns the path without an ending."""
    key = ed25519.Ed25519PrivateKey.generate()
    pem, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    lock = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    (folder / (name + ".key")).write_bytes(key.private_bytes(pem, kind, lock))
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    (folder / (name + ".pub")).write_bytes(public)
    return folder / name


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A file, its signature, and the keys fleet and other beside it."""
    write_keys(tmp_path, "other")
    path = tmp_path / "road.pyz"
    path.write_bytes(bytes(range(256)) * 40)
    sign_file(str(path), signing_key(str(write_keys(tmp_path, "fleet")) + ".key"))
    return path


def test_a_signed_file_is_known_by_its_key(signed: Path) -> None:
    assert len((signed.parent / "road.pyz.sig").read_bytes()) == 64
    check_signature(str(signed), str(signed.parent / "fleet.pub"))


def test_another_key_another_file_and_a_cut_signature_are_not(signed: Path) -> None:
    fleet, other = (str(signed.parent / name) for name in ("fleet.pub", "other.pub"))
    with pytest.raises(CheckFailed, match="not what the owner of .*other.pub signed"):
        check_signature(str(signed), other)
    signature = signed.with_name("road.pyz.sig")
    whole = signature.read_bytes()
    for wrong in (whole[:-1], whole + b"\n", b""):
        signature.write_bytes(wrong)
        with pytest.raises(CheckFailed):
            check_signature(str(signed), fleet)
    signature.write_bytes(whole)
    signed.write_bytes(signed.read_bytes()[:-1] + b"\0")
    with pytest.raises(CheckFailed, match="do not run it"):
        check_signature(str(signed), fleet)


def test_openssl_checks_it_too(signed: Path) -> None:
    openssl = shutil.which("openssl")
    version = (
        subprocess.run([openssl, "version"], capture_output=True, text=True) if openssl else None
    )
    if version is None or not version.stdout.startswith("OpenSSL 3"):
        pytest.skip("no OpenSSL 3")
    command = [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", "fleet.pub", "-rawin"]
    command += ["-in", "road.pyz", "-sigfile", "road.pyz.sig"]
    assert subprocess.run(command, cwd=signed.parent, capture_output=True).returncode == 0
    signed.write_bytes(b"another")
    assert subprocess.run(command, cwd=signed.parent, capture_output=True).returncode == 1


def test_what_is_no_key_says_how_one_is_made(tmp_path: Path) -> None:
    write_keys(tmp_path, "fleet")
    write_keys(tmp_path, "locked", b"secret")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "large").write_bytes(b"a" * (1 << 15))
    for name, words in (
        ("fleet.pub", "no private Ed25519 key.*openssl genpkey"),
        ("empty", "no private Ed25519 key"),
        ("locked.key", "has a passphrase"),
        ("large", "too large for a key"),
        ("none", "none"),
    ):
        with pytest.raises(CatseyeError, match=words):
            signing_key(str(tmp_path / name))
    with pytest.raises(CatseyeError, match="no public Ed25519 key.*-pubout"):
        check_signature(str(tmp_path / "empty"), str(tmp_path / "fleet.key"))
    with pytest.raises(CatseyeError, match="no .*empty.sig"):
        check_signature(str(tmp_path / "empty"), str(tmp_path / "fleet.pub"))


def test_without_the_library_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = builtins.__import__

    def absent(name, *rest):
        if name.startswith("cryptography"):
            raise ImportError("No module named 'cryptography'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(CatseyeError, match=r"catseye\[sign\]"):
        signing_key(str(tmp_path / "fleet.key"))


def test_pack_signs_and_verify_asks_who_packed(tmp_path, capfd) -> None:
    keys, pyz = write_keys(tmp_path, "fleet"), tmp_path / "digits.pyz"
    with pytest.raises(CatseyeError, match="no private Ed25519 key"):
        pack.main(["digits", "-o", str(pyz), "--sign", f"{keys}.pub"])
    assert not pyz.exists()
    assert pack.main(["digits", "-o", str(pyz), "--sign", f"{keys}.key"]) == 0
    assert "digits.pyz.sig" in capfd.readouterr().err
    check = [str(pyz), "--verify-key", f"{keys}.pub", "--backend", "onnxruntime"]
    assert verify.main(check) == 0
    assert "signed by the owner of" in capfd.readouterr().err
    write_keys(tmp_path, "fleet")
    with pytest.raises(CheckFailed):
        verify.main(check)
    with pytest.raises(CatseyeError, match="digits is no file.*a signed file"):
        verify.main(["digits", "--verify-key", f"{keys}.pub"])
