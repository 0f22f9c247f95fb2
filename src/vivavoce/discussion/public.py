"""What everybody may know of a discussion: its facts, and its state as docs/formats/line.md, L12
has it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vivavoce.discussion.air import Air, Event, is_sending
from vivavoce.discussion.discussion import Discussion, Seat

__all__ = ["facts", "record_facts", "seat_state", "state"]


def facts(discussion: Discussion) -> dict[str, Any]:
    """The facts that never change, for the interface. Keys in hex; null where a seat brought none."""
    return {
        "id": discussion.id,
        "title": discussion.title,
        "created_us": discussion.created_us,
        "seats": [
            {"seat": seat.seat} | _shown(seat) | {"identity": seat.identity.hex() or None}
            for seat in discussion.seats
        ],
    }


def record_facts(discussion: Discussion, revocations: Iterable[bytes] = ()) -> dict[str, Any]:
    """The facts as `record.json` keeps them (docs/formats/record.md): seats by their name, `identity` and
    `revocations` only where there are any. revocations: envelopes."""
    revoked = [raw.hex() for raw in revocations]
    return {
        "title": discussion.title,
        "created_us": discussion.created_us,
        "seats": {
            seat.seat: _shown(seat) | ({"identity": seat.identity.hex()} if seat.identity else {})
            for seat in discussion.seats
        },
    } | ({"revocations": revoked} if revoked else {})


def seat_state(air: Air, now_us: int) -> dict[str, Any]:
    """Who is on air for a seat, and whether its samples arrive. Null where nobody is."""
    holder = air.holder
    return {
        "on_air": holder is not None,
        "sending": is_sending(air, now_us),
        "since_us": holder.since_us if holder else None,
        "run": holder.run if holder else None,
        "device": holder.device if holder else None,
    }


def state(
    discussion: Discussion, airs: Mapping[str, Air], events: Iterable[Event], recording: str, now_us: int
) -> dict[str, Any]:
    """The whole state. events: the newest twenty, oldest first. recording: `running`, `off`, `disk_full`."""
    return {
        "version": 1,
        "at_us": now_us,
        "discussion": discussion.id,
        "title": discussion.title,
        "recording": recording,
        "seats": {seat.seat: _shown(seat) | seat_state(airs[seat.seat], now_us) for seat in discussion.seats},
        "events": [
            {"at_us": event.at_us, "seat": event.seat, "event": event.event, "device": event.device}
            for event in events
        ],
    }


def _shown(seat: Seat) -> dict[str, str]:
    return {"kind": seat.kind, "name": seat.name, "language": seat.language}
