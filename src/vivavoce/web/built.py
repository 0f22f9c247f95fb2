"""The text of the pages that Vite built, and what the host tells them."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from vivavoce.errors import VivavoceError

__all__ = ["STATIC", "hashes_of", "page", "policy_of", "with_opening"]

STATIC: Final = Path(__file__).with_name("static")
_AHEAD: Final = re.compile(r'<script id="vivavoce-ahead">(.*?)</script>', re.DOTALL)
_POLICY: Final = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"')


def page(name: str, *, error: VivavoceError | None = None, static: Path = STATIC) -> str | None:
    """The page's text, or None if it was not built. error: put into the head as `meta` elements named
    `vivavoce-error`, `vivavoce-message` and `vivavoce-remedy`, which `<vv-error>` reads."""
    text = _text(static / name)
    if text is None or error is None:
        return text
    told = "".join(
        f'<meta name="vivavoce-{name}" content="{html.escape(value)}" />'
        for name, value in (("error", error.code), ("message", error.message), ("remedy", error.remedy))
    )
    return text.replace("</head>", f"{told}</head>", 1)


def with_opening(text: str, opening: object) -> str:
    """The page, with what it would ask for first in its `<script id="vivavoce-opening">`: JSON, nothing that
    runs. It cannot end the element it stands in, whatever a title says. It stands before the page's own
    script, where it has one."""
    raw = json.dumps(opening, separators=(",", ":"), ensure_ascii=True)
    safe = raw.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"})
    data = f'<script type="application/json" id="vivavoce-opening">{safe}</script>'
    reader = _AHEAD.search(text)
    place = reader.start() if reader else text.find("</head>")
    return f"{text[:place]}{data}{text[place:]}"


def hashes_of(text: str) -> list[str]:
    """SHA-256, in base64, of the scripts that stand in a page themselves: what the build put there."""
    hashes = [hashlib.sha256(script.encode()).digest() for script in _AHEAD.findall(text)]
    return [base64.b64encode(one).decode() for one in hashes]


def policy_of(text: str) -> str:
    """The content policy that a page has in itself; without one, nothing of it may run."""
    found = _POLICY.search(text)
    return html.unescape(found[1]) if found else "default-src 'none'"


@lru_cache(maxsize=16)
def _read(path: Path, _modified_ns: int) -> str:
    return path.read_text(encoding="utf-8")


def _text(path: Path) -> str | None:
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        return None
