"""A relay that a reader of the audience's page chose (`?relay=`): it carries the line on, or alters it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

from tests.attacks.relay import Tamper, TamperingRelay
from tests.browser.conftest import Discussion
from tests.fakes.hosts import Host
from vivavoce.clock import SystemClock
from vivavoce.line.certificates import make

__all__ = ["relaying"]


@contextlib.contextmanager
def relaying(host: Host, discussion: Discussion, folder: Path, tamper: Tamper) -> Iterator[str]:
    """What to add to an audience page's address to watch through a relay, there as long as the context is.

    It runs in a thread of its own, since a test of a browser blocks: `tamper` is asked there. folder: for its
    certificate.
    """
    line = host.request("GET", "/api/line")
    folder.mkdir()
    certificate = make(folder, ["127.0.0.1"], SystemClock().now_us())
    paths = [f"{discussion.id}/{side['side']}" for side in discussion.facts["sides"]]
    there: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def carry() -> None:
        over = asyncio.Event()
        async with TamperingRelay((line["url"], line["fingerprint"]), certificate, paths, tamper) as relay:
            there.set_result((relay.url, asyncio.get_running_loop(), over))
            await over.wait()

    def run() -> None:
        try:
            asyncio.run(carry())
        except BaseException as error:
            if there.done():
                raise
            there.set_exception(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    url, loop, over = there.result(timeout=30)
    try:
        yield f"?relay={url}&fingerprint={certificate.fingerprint}"
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(timeout=30)
