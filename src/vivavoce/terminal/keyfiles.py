"""Keys and signed statements in files. What a private key's file holds is never shown.

A private key is PKCS#8 in PEM, unencrypted, as OpenSSL and a browser's WebCrypto (`pkcs8`) have it too.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vivavoce.errors import EvidenceError, YourInputError
from vivavoce.seal.cbor import MAX_BYTES
from vivavoce.seal.envelope import open_envelope
from vivavoce.seal.keys import check_key
from vivavoce.seal.signer import Signer

__all__ = ["load_envelopes", "load_public", "load_signer", "new_key", "write_new"]

_MOST_PEM: Final = 16 * 1024
"""A PEM of Ed25519 has some 120 bytes; more is for the comments that tools put before it."""
_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_HEX = re.compile(r"[0-9a-f]{64}")
_MAKE_ONE: Final = "Make a key with `vivavoce keys new FILE`."


def new_key(path: Path) -> Signer:
    """A new private key in a new file, mode 0600. Raises YourInputError `input.file`."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_new(path, pem, mode=0o600)
    return Signer(key)


def load_signer(path: Path) -> Signer:
    """The private key in a file. Raises YourInputError `input.file`, which says what stands there instead."""
    label, pem = _pem(path)
    if label == b"PUBLIC KEY":
        raise _refused(path, "holds only a public key", "Give the file of its private key.")
    return Signer(_private(path, pem))


def load_public(text: str) -> bytes:
    """A public key: 64 hexadecimal digits, or the path of a PEM file, of a private key or a public one.

    Raises YourInputError `input.file`; EvidenceError `seal.key` for a key that none may have.
    """
    plain = text.strip().lower()
    if _HEX.fullmatch(plain):
        key = bytes.fromhex(plain)
    else:
        path = Path(text)
        label, pem = _pem(path)
        key = _public(path, pem) if label == b"PUBLIC KEY" else Signer(_private(path, pem)).public
    check_key(key)
    return key


def load_envelopes(paths: Iterable[Path]) -> tuple[bytes, ...]:
    """Signed statements, as `vivavoce keys vouch` and `revoke` write them, one in each file.

    Raises YourInputError `input.file`. Only their form is looked at: what they say, and whether an identity
    key signed it, is for `seal.statement.run_of`.
    """
    return tuple(_envelope(path) for path in paths)


def write_new(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file that was not there. Raises YourInputError `input.file`, also where it is: what stands
    there may be the only copy of a key. Nothing is left of a file that could not be written whole."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        remedy = "Give another name; what is there is not written over."
        raise _refused(path, "is there already", remedy) from None
    except OSError as error:
        raise _refused(path, f"cannot be written: {error.strerror}", _WRITABLE) from None
    try:
        with os.fdopen(file, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink()
        raise _refused(path, f"cannot be written: {error.strerror}", _WRITABLE) from None


_WRITABLE: Final = "Give a name in a folder that is there and that you may write to."


def _envelope(path: Path) -> bytes:
    raw = _read(path, MAX_BYTES, "Give a file that `vivavoce keys vouch` or `revoke` wrote.")
    try:
        return open_envelope(raw).raw
    except EvidenceError:
        remedy = "Give a file that `vivavoce keys vouch` or `revoke` wrote, whole."
        raise _refused(path, "holds no signed statement", remedy) from None


def _pem(path: Path) -> tuple[bytes, bytes]:
    """A PEM file's first label, and all of it."""
    raw = _read(path, _MOST_PEM, _MAKE_ONE)
    found = _LABEL.search(raw)
    if found is None or not found[1].endswith((b"PRIVATE KEY", b"PUBLIC KEY")):
        raise _refused(path, "holds no key in PEM", _MAKE_ONE)
    if found[1].startswith(b"OPENSSH"):
        raise _refused(path, "holds a key in OpenSSH's own form", _MAKE_ONE)
    return found[1], raw


def _private(path: Path, pem: bytes) -> Ed25519PrivateKey:
    if b"ENCRYPTED" in pem:
        remedy = "Take the passphrase off with `openssl pkey -in OLD -out NEW`, and give NEW."
        raise _refused(path, "holds a key under a passphrase", remedy)
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _damaged(path) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _other_kind(path)
    return key


def _public(path: Path, pem: bytes) -> bytes:
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _damaged(path) from None
    if not isinstance(key, Ed25519PublicKey):
        raise _other_kind(path)
    return key.public_bytes_raw()


def _read(path: Path, most: int, remedy: str) -> bytes:
    try:
        # A path may lead to a pipe or a device: it is read to the cap, whatever it says of its size.
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}", remedy) from None
    if len(raw) > most:
        raise _refused(path, f"has over {most} bytes", remedy)
    return raw


def _damaged(path: Path) -> YourInputError:
    return _refused(path, "holds a key that is cut off or damaged", "Restore it from a copy.")


def _other_kind(path: Path) -> YourInputError:
    return _refused(path, "holds a key that is not Ed25519", _MAKE_ONE)


def _refused(path: Path, why: str, remedy: str) -> YourInputError:
    # Somebody may have given the key itself in place of its file's name.
    name = "What was given as a file" if "KEY-----" in str(path) else repr(str(path)[:200])
    return YourInputError("input.file", f"{name} {why}.", remedy=remedy)
