"""A private key in this process, and what it signs (docs/formats/seal.md, S3 and S4)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vivavoce.seal.envelope import purpose, sealed_up, to_be_signed
from vivavoce.seal.keys import key_id

__all__ = ["Signer"]


class Signer:
    """private: the key; one of its own making where none is given. It is never shown."""

    def __init__(self, private: Ed25519PrivateKey | None = None) -> None:
        self._private = private or Ed25519PrivateKey.generate()
        self.public: bytes = self._private.public_key().public_bytes_raw()
        """32 bytes."""

    def __repr__(self) -> str:
        return f"Signer({key_id(self.public).hex()})"

    def sign(self, signed: bytes) -> bytes:
        """64 bytes, over exactly these."""
        return self._private.sign(signed)

    def envelope(self, kind: str, founding: bytes, payload: bytes) -> bytes:
        """A payload under this key's signature. kind: `run`, `device` or `revocation`. founding: the hash."""
        kid = key_id(self.public)
        return sealed_up(kid, payload, self.sign(to_be_signed(kid, purpose(kind, founding), payload)))
