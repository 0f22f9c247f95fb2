"""`vivavoce watch`: a viewer in the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import json as json_format
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table

from vivavoce.clock import SystemClock
from vivavoce.errors import UnavailableError, VivavoceError
from vivavoce.line.events import Event, LineState
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.line.watch import Watcher
from vivavoce.terminal.addresses import AudienceAddress, checked_fingerprint
from vivavoce.terminal.api import HostApi
from vivavoce.terminal.founding import Told, founding_from
from vivavoce.terminal.judge import Judge, Lacking
from vivavoce.terminal.report import Line, Reporter
from vivavoce.terminal.screen import say, stop_on_signal
from vivavoce.terminal.words import delay, words

__all__ = ["ask_for_leaves", "watch"]

_TICK_S: Final = 0.1
_PROBE_S: Final = 5.0
_NAME_S: Final = 0.2
_RESOLVE_S: Final = 0.05


def watch(
    audience_url: Annotated[str, typer.Argument(help="The audience page's address, https://HOST/d/ID.")],
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, once a second and at every change.")
    ] = False,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="End after so many seconds; without it, on Ctrl-C.")
    ] = None,
    relay: Annotated[
        str | None, typer.Option(help="Take the line from this relay or mirror, https://…, instead.")
    ] = None,
    fingerprint: Annotated[
        str | None,
        typer.Option(
            help="SHA-256, in hex, of the certificate to accept: --relay's if that is given, else the host's."
        ),
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Accept any certificate of the host's pages.")
    ] = False,
) -> None:
    """Watch both sides, and tell for each its state and its delay.

    The state is judged here, from the side's own seals, whoever carried them. The delay runs from capture to
    arrival here; it is measured, trusting the host's clock.
    """
    address = AudienceAddress.parse(audience_url)
    relay = relay or address.relay
    pinned = checked_fingerprint(fingerprint) or address.fingerprint
    asyncio.run(_watch(address, relay, pinned, json, seconds, insecure))


async def _watch(
    address: AudienceAddress,
    relay: str | None,
    fingerprint: str | None,
    json: bool,
    seconds: float | None,
    insecure: bool,
) -> None:
    clock = SystemClock()
    of_pages = None if relay else fingerprint
    with stop_on_signal() as stop:
        async with HostApi(address.base, clock=clock, fingerprint=of_pages, insecure=insecure) as api:
            sides = await _sides(api, address, needed=relay is None)
            url, pin = (relay, fingerprint) if relay else await api.line()
            watcher = Watcher(
                url=url,
                fingerprint=pin,
                discussion=address.discussion,
                clock=clock,
                want=_whole,
                host_clock=lambda: api.clock_estimate,
            )
            shown = _JsonLines() if json else _Screen(address)
            judge = await _judge(api, address.discussion)
            reporter = Reporter(sides, judge)
            async with watcher, asyncio.TaskGroup() as group:
                shown.show(reporter.take(LineState("live", None, clock.now_us())))
                tasks = [
                    group.create_task(_follow(watcher, reporter, shown)),
                    group.create_task(_tick(reporter, shown, clock)),
                    group.create_task(_compare(api)),
                ]
                if judge is not None:
                    tasks.append(group.create_task(_name(api, address.discussion, judge)))
                    tasks.append(group.create_task(ask_for_leaves(api, address.discussion, judge, clock)))
                with shown.live, contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), seconds)
                for task in tasks:
                    task.cancel()


async def _judge(api: HostApi, discussion: str) -> Judge | None:
    """None where the host is away: nothing can be judged without the founding facts."""
    try:
        told = await founding_from(api, discussion)
    except UnavailableError:
        return None
    judge = Judge(told.founding, _whole)
    _tell(judge, told)
    return judge


async def _name(api: HostApi, discussion: str, judge: Judge) -> None:
    """Ask the host for the keys of devices that it has not named yet, and for what was revoked."""
    while True:
        await asyncio.sleep(_NAME_S)
        if judge.unnamed or judge.unasked:
            with contextlib.suppress(VivavoceError):
                _tell(judge, await founding_from(api, discussion))


def _tell(judge: Judge, told: Told) -> None:
    for run, device in told.devices.items():
        judge.name(run, device)
    judge.revoke(told.revocations)


async def ask_for_leaves(api: HostApi, discussion: str, judge: Judge, clock: SystemClock) -> None:
    """Ask the host for the leaves of what came here in part."""

    async def ask(one: Lacking) -> None:
        raw: bytes | None = None
        with contextlib.suppress(VivavoceError):
            raw = await api.leaves(discussion, one.run, one.span.track, one.span.group, one.span.count)
        judge.leaves(one, raw, clock.now_us())

    async with asyncio.TaskGroup() as group:
        while True:
            await asyncio.sleep(_RESOLVE_S)
            for one in judge.lacking(clock.now_us()):
                group.create_task(ask(one))


async def _sides(api: HostApi, address: AudienceAddress, *, needed: bool) -> dict[str, str]:
    """The sides' seats and names. A mirror can be watched while the host is away."""
    try:
        facts = await api.discussion(address.discussion)
        await api.compare_clocks()
    except UnavailableError:
        if needed:
            raise
        return {"north": "North", "south": "South"}
    return {seat["seat"]: seat["name"] for seat in facts["seats"] if seat["kind"] == "side"}


def _whole(_seat: str, track: TrackConfig, listed: Mapping[str, TrackConfig]) -> bool:
    """Sound and the largest picture there is: a side makes the smaller ones only while somebody watches them
    (L18)."""
    larger = (other for other in listed.values() if other.width * other.height > track.width * track.height)
    return track.kind == "audio" or next(larger, None) is None


async def _follow(watcher: Watcher, reporter: Reporter, shown: _Shown) -> None:
    event: Event
    async for event in watcher:
        shown.show(reporter.take(event))


async def _tick(reporter: Reporter, shown: _Shown, clock: SystemClock) -> None:
    while True:
        await asyncio.sleep(_TICK_S)
        shown.show(reporter.tick(clock.now_us()))


async def _compare(api: HostApi) -> None:
    while True:
        await asyncio.sleep(_PROBE_S)
        with contextlib.suppress(UnavailableError):
            await api.compare_clocks()


class _Shown:
    """Where lines go."""

    live: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()

    def show(self, lines: Iterable[Line]) -> None:
        raise NotImplementedError


class _JsonLines(_Shown):
    def show(self, lines: Iterable[Line]) -> None:
        for line in lines:
            say(json_format.dumps(line.to_json()))


class _Screen(_Shown):
    """The newest line of each side, in place; into a pipe, each change once."""

    def __init__(self, address: AudienceAddress) -> None:
        self._address = address
        self._console = Console()
        self._newest: dict[str, Line] = {}
        self._live = Live(console=self._console, refresh_per_second=4, transient=False)
        if self._console.is_terminal:
            self.live = self._live

    def show(self, lines: Iterable[Line]) -> None:
        for line in lines:
            before = self._newest.get(line.side)
            self._newest[line.side] = line
            new = before is None or words(before) != words(line)
            if new and not self._console.is_terminal:
                say(f"{line.to_json()['at']} {line.side}: {words(line)}")
        if self._console.is_terminal:
            self._live.update(self._table())

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, title=f"Discussion {self._address.discussion}")
        for heading in ("Side", "State", "Delay, measured, trusting the host's clock"):
            table.add_column(heading, min_width=12)
        for line in self._newest.values():
            table.add_row(line.side, words(line), delay(line))
        return table
