"""Hashes of samples and of what they stand in (docs/formats/seal.md, S6 and S7). SHA-256 throughout."""

from __future__ import annotations

import hashlib
import struct
from functools import cache, lru_cache
from typing import Final

__all__ = ["DIGEST_BYTES", "LEAF_TAG", "extended", "leaf", "span_end", "span_start", "tagged"]

DIGEST_BYTES: Final = 32
_PLACE: Final = struct.Struct(">QIQB")
_SPAN_PLACE: Final = struct.Struct(">BQ")
_LEAVES: Final = struct.Struct(f"{DIGEST_BYTES}s").iter_unpack
_sha256 = hashlib.sha256


@cache
def _tag(name: str) -> bytes:
    return bytes([len(name)]) + name.encode("ascii")


_SPAN: Final = _tag("vv/span/1")
_SAMPLE: Final = _tag("vv/sample/1")
LEAF_TAG: Final = _SAMPLE
"""What a leaf is hashed of begins with this; group, index, timestamp, key and the bytes follow (S6)."""
_CHAIN: Final = _sha256(_tag("vv/chain/1"))
"""Copied for each link: a hash that has begun is had for less than a new one."""


def tagged(name: str, *parts: bytes) -> bytes:
    """H(name, parts…): the tag's length, the tag, then the parts. They must be of fixed length, but the
    last."""
    return _sha256(_tag(name) + b"".join(parts)).digest()


def span_start(founding: bytes, run: bytes, track: int, group: int, config: bytes) -> bytes:
    """d0 of the span that begins with `group`. founding: 32 bytes. run: 8. track: 0 to 255. config: S5's
    bytes."""
    place = _SPAN_PLACE.pack(track, group)
    return _sha256(_SPAN + founding + run + place + _of_config(config)).digest()


@lru_cache(maxsize=64)
def _of_config(config: bytes) -> bytes:
    """A track has one, and a span every second, or every seal."""
    return _sha256(config).digest()


def leaf(group: int, index: int, timestamp_us: int, key: bool, data: bytes | memoryview) -> bytes:
    """Of one sample. group, timestamp_us: below 2**64. index: below 2**32."""
    return _sha256(_SAMPLE + _PLACE.pack(group, index, timestamp_us, key) + data).digest()


def extended(digest: bytes, leaf_hash: bytes) -> bytes:
    """d(i) from d(i-1) and the leaf of sample i."""
    link = _CHAIN.copy()
    link.update(digest + leaf_hash)
    return link.digest()


def span_end(digest: bytes, leaves: bytes) -> bytes:
    """d(i + n) from d(i) and n leaves, one behind the other."""
    begun = _CHAIN.copy
    for (one,) in _LEAVES(leaves):
        link = begun()
        link.update(digest + one)
        digest = link.digest()
    return digest
