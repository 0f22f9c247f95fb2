"""An MP4 at an address, fetched into a file that is gone when it was judged."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from vivavoce.errors import UnavailableError, YourInputError
from vivavoce.record.contents import Progress

if TYPE_CHECKING:
    import httpx

__all__ = ["fetched", "is_address"]

MAX_BYTES: Final = 64 << 30
"""A day of two sides at full rate has half of it."""
_MOST_REDIRECTS: Final = 5
_TIMEOUT_S: Final = 30.0
_SCHEMES: Final = ("http", "https")
_USER: Final = re.compile(r"//[^/]*@")
"""Name and password before the host's name."""


def is_address(text: str) -> bool:
    return "://" in text


@contextmanager
def fetched(address: str, progress: Progress, *, most_bytes: int = MAX_BYTES) -> Iterator[Path]:
    """A file with what lies at `address`. progress: in bytes; all of them are 0 where that is not told.

    Raises YourInputError `input.option` (no http or https address, also after redirects), `input.too_large`,
    UnavailableError `host.unreachable` (no answer, or not this) or `disk.full`. Does not look at what came.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="vivavoce-", suffix=".mp4"))
            for data in _chunks(address, progress, most_bytes):
                file.write(data)
            file.flush()
        except OSError as error:
            what = f"What came from {_plain(address)} cannot be kept: {error.strerror}."
            raise UnavailableError("disk.full", what) from None
        yield Path(file.name)


def _chunks(address: str, progress: Progress, most_bytes: int) -> Iterator[bytes]:
    import httpx  # it takes as long to load as a short record takes to judge

    try:
        with httpx.Client(timeout=_TIMEOUT_S) as client:
            url = _checked(address)
            for _ in range(_MOST_REDIRECTS + 1):
                with client.stream("GET", url) as response:
                    if response.is_redirect and response.next_request is not None:
                        url = _checked(str(response.next_request.url))
                        continue
                    yield from _body(response, address, progress, most_bytes)
                    return
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnavailableError(
            "host.unreachable", f"{_plain(address)} does not answer: {type(error).__name__}."
        ) from None
    raise UnavailableError("host.unreachable", f"{_plain(address)} leads from one address to the next.")


def _body(response: httpx.Response, address: str, progress: Progress, most_bytes: int) -> Iterator[bytes]:
    if response.status_code != 200:
        raise UnavailableError("host.unreachable", f"{_plain(address)} answers {response.status_code}.")
    length = response.headers.get("Content-Length", "")
    total, done = int(length) if length.isdecimal() else 0, 0
    for data in response.iter_bytes(1 << 20):
        done += len(data)
        if max(done, total) > most_bytes:
            raise YourInputError("input.too_large", f"{_plain(address)} has more than {most_bytes} bytes.")
        yield data
        progress(done, total)


def _checked(address: str) -> str:
    try:
        parts = urlsplit(address)
        scheme, host = parts.scheme, parts.hostname
    except ValueError:
        scheme, host = "", None
    if scheme not in _SCHEMES or not host:
        raise YourInputError(
            "input.option",
            f"{_plain(address)!r} is no http or https address.",
            remedy="Give the address of an MP4, or fetch it and give the file.",
        )
    return address


def _plain(address: str) -> str:
    """Without what may be a secret in it."""
    return _USER.sub("//", address).partition("#")[0].partition("?")[0][:200]
