"""Secrets: how they are drawn, kept and compared, and how often a wrong one may be tried.

A secret is 32 random bytes in base64url, so it cannot be guessed; it is kept as its SHA-256 only. A slow
hash would add nothing to 256 random bits. Secrets are compared in constant time and stand in no log.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections import OrderedDict

__all__ = ["Throttle", "address_group", "digest", "is_secret", "matches", "new_run", "new_secret", "short"]

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def new_secret() -> str:
    """43 characters of base64url: 256 bits from the system."""
    return secrets.token_urlsafe(32)


def new_run() -> str:
    """16 hex digits (docs/formats/line.md, L6)."""
    return secrets.token_hex(8)


def digest(secret: str) -> bytes:
    """What is kept of a secret: 32 bytes, SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def matches(secret: str, kept: bytes) -> bool:
    """Whether `secret` is the one that `kept` came from. Constant time in the secret."""
    return hmac.compare_digest(digest(secret), kept) and is_secret(secret)


def is_secret(text: str) -> bool:
    """Whether `text` has the form of a secret."""
    return _SECRET.fullmatch(text) is not None


def short(name: str) -> str:
    """Four hex digits that stand in public for what a device calls itself."""
    return digest(name).hex()[:4]


class Throttle:
    """Counts wrong secrets by address, and says when an address has tried too many.

    limit: wrong ones allowed within `window_us`. The right secret always passes, since 256 bits are not
    guessed and a whole office may share an address with whoever tries; what is throttled is what wrong
    ones cost. Remembers at most `addresses` addresses, the longest silent forgotten first.
    Takes the time, reads no clock.
    """

    def __init__(self, limit: int = 20, window_us: int = 60_000_000, addresses: int = 10_000) -> None:
        self._limit = limit
        self._window_us = window_us
        self._addresses = addresses
        self._wrong: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def count(self, address: str, now_us: int) -> bool:
        """Count one from `address`; True while it is within the limit."""
        group = address_group(address)
        since_us, count = self._wrong.pop(group, (now_us, 0))
        if now_us - since_us >= self._window_us:
            since_us, count = now_us, 0
        self._wrong[group] = (since_us, count + 1)
        if len(self._wrong) > self._addresses:
            self._wrong.popitem(last=False)
        return count < self._limit

    def __len__(self) -> int:
        return len(self._wrong)


def address_group(address: str) -> str:
    """The address itself, or for IPv6 its /64, which one customer has whole. Other text is cut to 64."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
