"""The journal: what happened to a record, one JSON object a line (docs/formats/record.md R4, R5).

Lines are only appended. A crash may leave half a line at the end; the next host starts with a line break, so
half a line costs itself and nothing else.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["EVENTS", "Event", "decode", "encode"]

Event = dict[str, Any]

EVENTS = frozenset(
    {
        "opened",
        "restarted",
        "run",
        "track",
        "clock",
        "gap",
        "rest",
        "verdict",
        "end",
        "disk_full",
        "off",
        "resumed",
        "closed",
    }
)


def encode(event: str, at_us: int, **fields: Any) -> bytes:
    """A line. Raises ValueError for an event that the format does not know."""
    if event not in EVENTS:
        raise ValueError(f"the journal knows no event {event!r}")
    said = {"at_us": at_us, "event": event, **fields}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def decode(data: bytes) -> tuple[list[Event], list[int]]:
    """(events in order, numbers from 1 of the lines that could not be read).

    A last line without its line break is half a line: it is left out and not complained of. Events that this
    version does not know are passed on. Does not check an event's fields.
    """
    events: list[Event] = []
    damaged: list[int] = []
    *lines, _half = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            event = None
        known = isinstance(event, dict) and isinstance(event.get("event"), str)
        if known and type(event.get("at_us")) is int:
            events.append(event)
        else:
            damaged.append(number)
    return events, damaged
