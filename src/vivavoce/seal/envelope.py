"""What carries a signature: COSE_Sign1 in exactly one form (docs/formats/seal.md, S2 and S3; RFC 9052 s.4.2).

84                      an array of four
   4d a2 01 27 04 48 …  protected: {alg: EdDSA, kid: 8 bytes}
   a0                   unprotected: nothing
   58 .. …              the payload
   58 40 …              the signature
"""

from __future__ import annotations

from typing import NamedTuple

from vivavoce.errors import EvidenceError
from vivavoce.seal.cbor import MAX_BYTES, byte_string, encode
from vivavoce.seal.keys import KEY_ID_BYTES, SIGNATURE_BYTES, check_signature

__all__ = ["Envelope", "open_envelope", "purpose", "sealed_up", "to_be_signed"]

_BEGIN = bytes.fromhex("844da201270448")
_UNPROTECTED = b"\xa0"
_SIGNATURE = bytes.fromhex("5840")
_PAYLOAD = len(_BEGIN) + KEY_ID_BYTES + 1


class Envelope(NamedTuple):
    """Read, and not checked: only `check` says whether the key signed it.

    raw: all of it, as it came. kid: which key it names. payload, signature: as it came.
    """

    raw: bytes
    kid: bytes
    payload: bytes
    signature: bytes

    def check(self, key: bytes, aad: bytes) -> None:
        """Raises EvidenceError `seal.key` or `seal.signature` unless this key signed it for this purpose."""
        check_signature(key, self.signature, to_be_signed(self.kid, aad, self.payload))


def purpose(kind: str, founding: bytes) -> bytes:
    """The external data of a signature: `vivavoce/seal/1` and the hash of the founding facts."""
    return f"vivavoce/{kind}/1".encode("ascii") + founding


def to_be_signed(kid: bytes, aad: bytes, payload: bytes) -> bytes:
    """COSE's Sig_structure: what the signature is of. kid: 8 bytes."""
    text = b"\x6aSignature1"
    return b"\x84" + text + encode(_protected(kid)) + encode(aad) + encode(payload)


def sealed_up(kid: bytes, payload: bytes, signature: bytes) -> bytes:
    """The whole envelope. Does not check the signature."""
    if len(kid) != KEY_ID_BYTES or len(signature) != SIGNATURE_BYTES:
        raise ValueError("a key id has 8 bytes, a signature 64")
    return _BEGIN + kid + _UNPROTECTED + encode(payload) + _SIGNATURE + signature


def open_envelope(raw: bytes) -> Envelope:
    """Raises EvidenceError `seal.form` for anything but the one form. The signature is *not* checked here."""
    if len(raw) > MAX_BYTES:
        raise EvidenceError("seal.form", f"{len(raw)} bytes are no envelope of a seal: over {MAX_BYTES}.")
    payload, end = _payload(raw)
    signature = raw[end + len(_SIGNATURE) :]
    if raw[end : end + len(_SIGNATURE)] != _SIGNATURE or len(signature) != SIGNATURE_BYTES:
        raise _no_envelope(raw)
    return Envelope(raw, raw[len(_BEGIN) : _PAYLOAD - 1], payload, signature)


def _payload(raw: bytes) -> tuple[bytes, int]:
    """And where it ends."""
    if not raw.startswith(_BEGIN) or raw[_PAYLOAD - 1 : _PAYLOAD] != _UNPROTECTED:
        raise _no_envelope(raw)
    try:
        return byte_string(raw, _PAYLOAD)
    except IndexError:
        raise _no_envelope(raw) from None


def _no_envelope(raw: bytes) -> EvidenceError:
    return EvidenceError("seal.form", f"These {len(raw)} bytes are no envelope of a seal.")


def _protected(kid: bytes) -> bytes:
    return _BEGIN[2:] + kid
