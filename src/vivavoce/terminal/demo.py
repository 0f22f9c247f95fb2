"""`vivavoce demo`: a host, two drawn people who talk, and links to watch or to take a chair."""

from __future__ import annotations

import asyncio
import json as json_format
import os
import shlex
import shutil
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from vivavoce import log, loop
from vivavoce.clock import Clock, SystemClock
from vivavoce.errors import UnavailableError, VivavoceError
from vivavoce.host import Host
from vivavoce.line.sources.process import Spec
from vivavoce.record.verify import verify
from vivavoce.settings import Settings
from vivavoce.terminal.addresses import StageAddress
from vivavoce.terminal.api import HostApi
from vivavoce.terminal.screen import say, stop_on_signal
from vivavoce.terminal.side import Side, why_it_ended

__all__ = ["demo"]

_USUAL_PORT: Final = 8080
_DISCUSSION: Final = {
    "title": "A demonstration",
    "sides": [{"name": "North", "language": "en"}, {"name": "South", "language": "en"}],
}


def demo(
    seconds: Annotated[
        float | None, typer.Option(min=1, help="End after so many seconds; without it, on Ctrl-C.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="TCP for pages, UDP for the line; by default 8080, or a free one if that is taken."
        ),
    ] = None,
    data: Annotated[Path, typer.Option(help="Folder of records, database, certificates.")] = Path(
        "vivavoce-data"
    ),
    json: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the audience page in a browser.")
    ] = True,
) -> None:
    """Run a host and a live discussion of two drawn people.

    Prints where to watch it and how to take a chair; when it ends, where the record is, and its verdict.
    """
    log.set_up(level="warning")
    facts = loop.run(_demo(seconds, port, data, open_page and _has_display()))
    if json:
        say(json_format.dumps(facts))
    else:
        say(f"\nThe record: {facts['record']}\nIts verdict: {facts['verdict']}")
        say(f"In full: {shlex.join([_as_called(), 'verify', facts['record']])}")
        export = [_as_called(), "export", facts["record"], "--mp4", "discussion.mp4"]
        say(f"One file of it: {shlex.join(export)}")


async def _demo(seconds: float | None, port: int | None, data: Path, open_page: bool) -> dict[str, Any]:
    clock = SystemClock()
    with stop_on_signal() as stop:
        async with _host(data, port, clock) as host, HostApi(host.url, clock=clock) as api:
            created = await api.create(_DISCUSSION)
            record = (host.records / str(created["id"])).resolve()
            say(_where_to_go(created, record))
            if open_page:
                await asyncio.to_thread(webbrowser.open, created["audience_url"])
            await _talk(api, created, clock, stop, host, seconds)
    judged = await asyncio.to_thread(verify, record)
    return {
        "audience_url": created["audience_url"],
        "record": str(record),
        "verdict": judged.verdict,
        "discussion": created["id"],
        "stage_urls": {side["side"]: side["stage_url"] for side in created["sides"]},
    }


async def _talk(
    api: HostApi,
    created: dict[str, Any],
    clock: Clock,
    stop: asyncio.Event,
    host: Host,
    seconds: float | None,
) -> None:
    """Both sides until `stop`, or `seconds` after they went on air. Raises what makes the host stop."""
    sides = [_drawn(api, facts, clock) for facts in created["sides"]]
    chairs = [
        asyncio.create_task(_sit(side, facts, stop))
        for side, facts in zip(sides, created["sides"], strict=True)
    ]
    failed = asyncio.create_task(host.failed())
    timed = asyncio.create_task(_stop_after(seconds, sides, chairs, stop))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({stopped, failed}, return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            failed.result()
        await asyncio.gather(*chairs)
    finally:
        for task in (*chairs, stopped, failed, timed):
            task.cancel()
        await asyncio.gather(*chairs, stopped, failed, timed, return_exceptions=True)


def _drawn(api: HostApi, facts: dict[str, Any], clock: Clock) -> Side:
    def spec(seat: dict[str, Any]) -> Spec:
        options = {"side": facts["side"], "name": seat["name"], "language": seat["language"]}
        return Spec("synthetic", options)

    return Side(api, StageAddress.parse(facts["stage_url"]), spec, clock=clock)


async def _sit(side: Side, facts: dict[str, Any], stop: asyncio.Event) -> None:
    """One drawn person, until it stops, is taken over, or fails; the other goes on in any case."""
    try:
        code = await side.run(stop)
    except VivavoceError as error:
        if error.code == "air.taken":
            say(f"{facts['name']}, drawn, leaves the chair: a visitor was there first.")
            return
        say(f"{facts['name']} stopped: {error.message} {error.remedy} [{error.code}]")
        return
    if code is not None:
        say(f"{facts['name']}, drawn, leaves the chair. {why_it_ended(code)}")


async def _stop_after(
    seconds: float | None, sides: list[Side], chairs: list[asyncio.Task[None]], stop: asyncio.Event
) -> None:
    """Set `stop` when the time is up; it runs from when both are on air, or one of them never will be."""
    if seconds is None:
        return
    for side, chair in zip(sides, chairs, strict=True):
        there = asyncio.create_task(side.on_air.wait())
        await asyncio.wait({there, chair}, return_when=asyncio.FIRST_COMPLETED)
        there.cancel()
    await asyncio.sleep(seconds)
    stop.set()


@asynccontextmanager
async def _host(data: Path, port: int | None, clock: Clock) -> AsyncIterator[Host]:
    """A host on the port, or, where none is given, on the usual one or else a free one."""
    host = Host(Settings(data=data, port=_USUAL_PORT if port is None else port), clock=clock)
    try:
        await host.__aenter__()
    except UnavailableError as error:
        if port is not None or error.code != "port.busy":
            raise
        host = Host(Settings(data=data, port=0), clock=clock)
        await host.__aenter__()
    try:
        yield host
    finally:
        await host.__aexit__(*sys.exc_info())


def _where_to_go(created: dict[str, Any], record: Path) -> str:
    addresses = {
        "Watch": created["audience_url"],
        **{f"Take {side['name']}'s chair": side["stage_url"] for side in created["sides"]},
        "The record": record,
    }
    width = max(map(len, addresses)) + 3
    return "\n".join(
        (
            "Two drawn people talk, live, with the wall clock in their pictures; the page tells the delay.",
            "",
            *(f"  {what:{width}}{address}" for what, address in addresses.items()),
            "",
            "Take over a chair, and the drawn person leaves it. Whoever has its link may sit there.",
            "Ctrl-C ends the discussion.",
        )
    )


def _as_called() -> str:
    """What to type for this program: `make demo` runs it from a folder that is not on the path."""
    return "vivavoce" if shutil.which("vivavoce") else sys.argv[0]


def _has_display() -> bool:
    """Whether a browser opened from here would be seen."""
    if sys.platform == "darwin":
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
