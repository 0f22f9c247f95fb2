"""Ed25519 without its doubtful corners (docs/formats/seal.md, S4; RFC 8032).

Libraries differ on keys of small order and on encodings that are not the shortest; both are refused here
before a library is asked. A key of mixed order is not detected: its owner could find signatures on which
libraries differ, which would make a seal of the owner's own doubtful and nobody else's.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vivavoce.errors import EvidenceError
from vivavoce.seal.digest import tagged

__all__ = ["KEY_BYTES", "KEY_ID_BYTES", "SIGNATURE_BYTES", "check_key", "check_signature", "key_id"]

KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 8
SIGNATURE_BYTES: Final = 64
_P: Final = (1 << 255) - 19
_L: Final = (1 << 252) + 27742317777372353535851937790883648493
_SMALL_ORDER: Final = frozenset(
    {
        0,
        1,
        _P - 1,
        int.from_bytes(
            bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
        ),
        int.from_bytes(
            bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"
        ),
    }
)
"""The y coordinates of the eight points of small order."""


def key_id(key: bytes) -> bytes:
    """Eight bytes by which an envelope names its key. It finds a key; it does not prove one."""
    return tagged("vv/key/1", key)[:KEY_ID_BYTES]


def check_key(key: bytes) -> None:
    """Raises EvidenceError `seal.key` for what is not 32 bytes, not canonical, or of small order."""
    if len(key) != KEY_BYTES or _y(key) >= _P or _y(key) in _SMALL_ORDER:
        raise EvidenceError("seal.key", f"The key {key.hex()} is none that a seal may have.")


def check_signature(key: bytes, signature: bytes, signed: bytes) -> None:
    """Raises EvidenceError: `seal.key` as `check_key`, `seal.signature` where it is not canonical or does
    not hold."""
    check_key(key)
    if len(signature) == SIGNATURE_BYTES:
        y = _y(signature[:32])
        canonical = y < _P and int.from_bytes(signature[32:], "little") < _L
        if canonical and y not in _SMALL_ORDER and _holds(key, signature, signed):
            return
    raise EvidenceError("seal.signature", f"The signature does not hold for the key {key.hex()}.")


def _holds(key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _y(point: bytes) -> int:
    return int.from_bytes(point, "little") & ((1 << 255) - 1)
