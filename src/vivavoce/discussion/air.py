"""Who is on air for a seat: a state machine without a clock and without IO.

Rules
  A1  At most one device is on air for a seat; its holder has one token and one run.
  A2  Whoever asks while nobody is on air gets the air: `went_on_air`.
  A3  The same device, or whoever shows the token that is on air, gets it anew without a question:
      a new run and a new token, the old token is void, `went_on_air`.
  A4  Another device is refused (`air.taken`), unless it asks to take over: then the old token is void
      and everybody sees `taken_over`.
  A5  Only the token that is on air leaves the air: `left`.
  A6  Renewing a seat's address takes whoever is on air off it: `renewed`, on air or not.
  A7  A seat is sending while its newest samples are at most a second old. A holder that was sending
      and is not any more is `lost`; when samples come again it has `returned`. Neither takes the air away.
  A8  Times never go back: an event is never older than the one before it.
  A9  What a token that is not on air says has no effect.

                 take                    no samples for 1 s
      off ───────────────► on, silent ◄─── on, sending ◄──────┐
       ▲                      │    └────────►  │  ▲           │
       └── leave, renew ──────┴─── samples ────┘  └ samples ─ lost

Each function takes a state and returns a `Change`; nothing has happened until the caller applies it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from vivavoce.errors import RefusedError

__all__ = [
    "SENDING_US",
    "Air",
    "Change",
    "Event",
    "EventName",
    "Holder",
    "Why",
    "heard",
    "is_sending",
    "leave",
    "passed",
    "renew",
    "resumed",
    "take",
]

SENDING_US: Final = 1_000_000
"""How old the newest sample may be for a seat to count as sending (docs/formats/line.md, L12)."""

EventName = Literal["went_on_air", "left", "lost", "returned", "taken_over", "renewed", "refused"]
Why = Literal["left", "taken_over", "renewed", "again"]
"""Why a run ended; `again`: the same device went on air anew."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a seat, for everybody to see (docs/formats/line.md, L12)."""

    at_us: int
    seat: str
    event: EventName
    device: str


@dataclass(frozen=True, slots=True)
class Holder:
    """The device on air.

    device: what names it in public, four hex digits. device_hash: SHA-256 of what the device calls
    itself, in hex, to know it again. token_id: SHA-256 of its token, in hex, never the token.
    run: 16 hex digits. since_us: the host's clock.
    """

    device: str
    device_hash: str
    token_id: str
    run: str
    since_us: int


@dataclass(frozen=True, slots=True)
class Air:
    """A seat's state. heard_us: when the newest samples came, 0 for never. lost: by A7.
    changed_us: time of the newest event."""

    holder: Holder | None = None
    heard_us: int = 0
    lost: bool = False
    changed_us: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What an act does. air: the state after it. event: for everybody to see, at `at_us`, by `device`.
    ended: who went off, and why. began: who went on."""

    air: Air
    at_us: int
    event: EventName | None = None
    device: str = ""
    ended: Holder | None = None
    why: Why = "left"
    began: Holder | None = None


def take(air: Air, asker: Holder, *, take_over: bool, shown_token_id: str | None = None) -> Change:
    """Go on air (A2, A3, A4). asker: with its new token and run, `since_us` being now.

    shown_token_id: of the token that the asker held before, if it showed one.
    Raises RefusedError `air.taken` (A4). Does not check the stage's secret.
    """
    at_us = max(asker.since_us, air.changed_us)
    holder = air.holder
    again = holder is not None and (
        holder.device_hash == asker.device_hash or holder.token_id == shown_token_id
    )
    if holder is not None and not again and not take_over:
        raise RefusedError("air.taken", f"The device {holder.device} is on air for this seat.")
    return Change(
        air=Air(holder=replace(asker, since_us=at_us), changed_us=at_us),
        at_us=at_us,
        event="taken_over" if holder is not None and not again else "went_on_air",
        device=asker.device,
        ended=holder,
        why="again" if again else "taken_over",
        began=replace(asker, since_us=at_us),
    )


def leave(air: Air, token_id: str, now_us: int) -> Change:
    """Leave the air (A5). Raises RefusedError: `air.not_on` (nobody is on air) or `access.token`
    (somebody else is)."""
    if air.holder is None:
        raise RefusedError("air.not_on", "Nobody is on air for this seat.")
    if air.holder.token_id != token_id:
        raise RefusedError("access.token", "This token is not on air any more.")
    return _off(air, now_us, "left", "left")


def renew(air: Air, now_us: int) -> Change:
    """The seat's address was renewed (A6)."""
    return _off(air, now_us, "renewed", "renewed")


def heard(air: Air, token_id: str, at_us: int) -> Change:
    """Samples came (A7, A9)."""
    at_us = max(at_us, air.heard_us, air.changed_us)
    if air.holder is None or air.holder.token_id != token_id:
        return Change(air=air, at_us=at_us)
    if not air.lost:
        return Change(air=replace(air, heard_us=at_us), at_us=at_us)
    after = replace(air, heard_us=at_us, lost=False, changed_us=at_us)
    return Change(air=after, at_us=at_us, event="returned", device=air.holder.device)


def passed(air: Air, now_us: int) -> Change:
    """Time passed (A7)."""
    if air.holder is None or air.lost or air.heard_us == 0 or is_sending(air, now_us):
        return Change(air=air, at_us=max(now_us, air.changed_us))
    at_us = max(now_us, air.changed_us)
    after = replace(air, lost=True, changed_us=at_us)
    return Change(air=after, at_us=at_us, event="lost", device=air.holder.device)


def is_sending(air: Air, now_us: int) -> bool:
    """Samples arrived within the last second (A7)."""
    return air.holder is not None and air.heard_us > 0 and now_us - air.heard_us <= SENDING_US


def resumed(holder: Holder | None, changed_us: int) -> Air:
    """The state after the host's restart: whoever was on air still is, and is `lost` until samples come."""
    return Air(holder=holder, heard_us=holder.since_us if holder else 0, changed_us=changed_us)


def _off(air: Air, now_us: int, event: EventName, why: Why) -> Change:
    at_us = max(now_us, air.changed_us)
    return Change(
        air=Air(changed_us=at_us),
        at_us=at_us,
        event=event,
        device=air.holder.device if air.holder else "",
        ended=air.holder,
        why=why,
    )
