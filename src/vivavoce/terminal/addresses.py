"""The addresses that a host hands out, taken apart. Pure; a secret never stands in an error."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from vivavoce.errors import YourInputError

__all__ = ["AudienceAddress", "StageAddress"]

_STAGE = re.compile(r"(?P<under>.*)/stage/(?P<discussion>[a-z2-7]{10})/(?P<seat>[a-z0-9-]{1,40})/?")
_AUDIENCE = re.compile(r"(?P<under>.*)/d/(?P<discussion>[a-z2-7]{10})/?")
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StageAddress:
    """base: `https://host:port`, without a slash at its end. secret: never to be logged."""

    base: str
    discussion: str
    seat: str
    secret: str = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> StageAddress:
        """Raises YourInputError `input.option`, or `access.stage` where the part after the # is missing."""
        base, found, fragment, _ = _parts(url, _STAGE, "a stage address, https://HOST/stage/ID/SEAT#SECRET")
        if not fragment:
            raise YourInputError("access.stage", "The stage address has no part after the #.")
        return cls(base, found["discussion"], found["seat"], fragment)


@dataclass(frozen=True, slots=True)
class AudienceAddress:
    """relay, fingerprint: of the address's query, None where it has none."""

    base: str
    discussion: str
    relay: str | None = None
    fingerprint: str | None = None

    @classmethod
    def parse(cls, url: str) -> AudienceAddress:
        """Raises YourInputError `input.option`."""
        base, found, _, query = _parts(url, _AUDIENCE, "an audience address, https://HOST/d/ID")
        asked = parse_qs(query)
        relay = asked.get("relay", [None])[0]
        fingerprint = asked.get("fingerprint", [None])[0]
        return cls(base, found["discussion"], relay, checked_fingerprint(fingerprint))


def checked_fingerprint(given: str | None) -> str | None:
    """The SHA-256 of a certificate in lower-case hex; colons are let through. Raises YourInputError."""
    if given is None:
        return None
    plain = given.replace(":", "").strip().lower()
    if not _HEX.fullmatch(plain):
        raise YourInputError("input.option", f"The fingerprint {given[:100]!r} is not 64 hexadecimal digits.")
    return plain


def _parts(url: str, form: re.Pattern[str], what: str) -> tuple[str, dict[str, str], str, str]:
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    found = form.fullmatch(parts.path)
    if parts.scheme not in ("http", "https") or not host or found is None:
        raise YourInputError("input.option", f"{url.partition('#')[0][:120]!r} is not {what}.")
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{found['under']}"
    return base, found.groupdict(), parts.fragment, parts.query
