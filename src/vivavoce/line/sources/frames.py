"""How a source's process talks to the one that publishes: length-prefixed frames over a pipe.

    4 bytes  length of what follows, big-endian
    1 byte   kind: P packet, T tracks, N note, E error
    P        1 byte key, 8 bytes time of capture, 1 byte length of the track's name, name, data
    T        a catalogue (line.md, L3); N text; E a JSON object with code, message, remedy

Both ends are ours and of one version, so nothing here is a format that anyone else relies on.
"""

from __future__ import annotations

import json
from typing import Final

from vivavoce.errors import (
    EvidenceError,
    PeerError,
    RefusedError,
    UnavailableError,
    VivavoceError,
    YourInputError,
)
from vivavoce.line.catalog import Catalog
from vivavoce.line.sources.source import Event, Note, Packet, Tracks

__all__ = ["decode", "encode", "encode_error"]

_CLASSES: Final = {
    kind.__name__: kind
    for kind in (VivavoceError, YourInputError, RefusedError, PeerError, EvidenceError, UnavailableError)
}


def encode(event: Event) -> bytes:
    match event:
        case Packet(track, at_us, key, data):
            name = track.encode()
            head = bytes((key,)) + at_us.to_bytes(8, "big") + bytes((len(name),))
            body = b"P" + head + name + data
        case Tracks(tracks, devices):
            listed = {track.name: track for track in tracks}
            body = b"T" + Catalog(run="0" * 16, epoch_us=0, tracks=listed, devices=devices).to_json()
        case Note(text):
            body = b"N" + text.encode()
    return len(body).to_bytes(4, "big") + body


def encode_error(error: VivavoceError) -> bytes:
    fields = {
        "class": type(error).__name__,
        "code": error.code,
        "message": error.message,
        "remedy": error.remedy,
    }
    body = b"E" + json.dumps(fields).encode()
    return len(body).to_bytes(4, "big") + body


def decode(body: bytes) -> Event:
    """An event of a frame without its length. Raises what the source raised, if that is what it holds."""
    kind, rest = body[:1], body[1:]
    if kind == b"P":
        name_ends = 10 + rest[9]
        return Packet(
            track=rest[10:name_ends].decode(),
            at_us=int.from_bytes(rest[1:9], "big"),
            key=bool(rest[0]),
            data=rest[name_ends:],
        )
    if kind == b"T":
        catalog = Catalog.parse(rest)
        return Tracks(tuple(catalog.tracks.values()), catalog.devices)
    if kind == b"N":
        return Note(rest.decode())
    fields = json.loads(rest)
    raise _CLASSES[fields["class"]](fields["code"], fields["message"], remedy=fields["remedy"])
