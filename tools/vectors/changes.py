"""What becomes of what a side sent, on the line or by somebody's hand."""

from __future__ import annotations

from collections.abc import Callable

from tools.vectors.show import Event, Show


def is_sample(event: Event, track: str, group: int | None = None, index: int | None = None) -> bool:
    same = event[1] == "sample" and event[2] == track
    return same and group in (None, event[3]) and index in (None, event[4])


def drop(which: Callable[[Event], bool]) -> Callable[[Event], Event | None]:
    return lambda event: None if which(event) else event


def flip(event: Event) -> Event:
    """Its bytes with one bit turned."""
    raw = bytearray.fromhex(event[-1])
    raw[-1] ^= 1
    return [*event[:-1], raw.hex()]


def numbered(events: list[Event]) -> list[int]:
    """Where the seals are, in their order."""
    return [at for at, event in enumerate(events) if event[1] == "seal"]


def extended_by(show: Show, events: list[Event]) -> Show:
    """Behind all others, and time goes on."""
    show.events += [*events, [events[-1][0] + 100_000, "tick"]]
    return show


def joined(show: Show, us: int) -> Show:
    """What a viewer who joins then is given: the running groups of picture and seals, and what comes."""
    seals = numbered(show.events)
    run_on = [show.events[at] for at in seals[10:]]
    before = [e for e in show.events if e[0] < us and (is_sample(e, "hd.1", us // 500_000) or e in run_on)]
    show.events = [[us, *e[1:]] for e in before] + [e for e in show.events if e[0] >= us]
    return show


def replace_event(show: Show, at: int, later_us: int) -> Show:
    """The event comes later."""
    event = show.events.pop(at)
    show.events.append([event[0] + later_us, *event[1:]])
    show.events.sort(key=lambda one: one[0])
    return show


def two_chains(show: Show, other: Show) -> Show:
    """From the third seal on, those of another chain."""
    mine, theirs = numbered(show.events)[3:], numbered(other.events)
    for at, instead in zip(mine, theirs[3:], strict=False):
        show.events[at] = [show.events[at][0], "seal", other.events[instead][2]]
    return show
