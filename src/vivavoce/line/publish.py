"""A side of a discussion, publishing from a program (docs/formats/line.md)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import moq

from vivavoce.clock import Clock, ClockEstimate
from vivavoce.line.broadcast import Broadcast, OutGroup, OutTrack
from vivavoce.line.catalog import CATALOG_TRACK, CLOCK_TRACK, Catalog, Devices, TrackConfig
from vivavoce.line.dial import Dialler
from vivavoce.line.sample import encode_frame

__all__ = ["Publisher", "Sent"]

_MAX_AGE_US = 5_000_000
"""What was not sent within this is dropped: a returning side goes on live, not with its past."""

_LAST_WORDS_S = 0.3


@dataclass(slots=True)
class Sent:
    """What was handed to the line so far."""

    samples: int = 0
    groups: int = 0
    size: int = 0


class _Live:
    """A track while it is published."""

    def __init__(self, config: TrackConfig, out: OutTrack) -> None:
        self.config = config
        self.out = out
        self.next_group = 0
        self.group: OutGroup | None = None

    def open(self) -> OutGroup:
        self.close()
        self.group = self.out.group(self.next_group)
        self.next_group += 1
        return self.group

    def close(self) -> None:
        if self.group is not None:
            self.group.finish()
            self.group = None


class Publisher:
    """Async context manager: connected while it is entered, and again by itself when the network returns.

    url: the relay's address, `https://127.0.0.1:4443/line`. fingerprint: SHA-256 of its certificate in hex,
    None under a public one. token: from the host, never logged. path: `<discussion>/<seat>`.
    run: 16 hex digits, from the host. epoch_us: this clock's time at timestamp 0.
    Entering raises UnavailableError `line.unreachable`, `line.full`, or RefusedError `access.token`.

    All methods return at once: what cannot be sent within five seconds is dropped.
    """

    def __init__(
        self,
        *,
        url: str,
        fingerprint: str | None,
        token: str,
        path: str,
        run: str,
        epoch_us: int,
        clock: Clock,
    ) -> None:
        self._url, self._fingerprint, self._token = url, fingerprint, token
        self._path, self._run, self._epoch_us = path, run, epoch_us
        self._clock = clock
        self._origin = moq.OriginProducer()
        self._broadcast: Broadcast | None = None
        self._dialler: Dialler | None = None
        self._known: dict[str, _Live] = {}
        self._listed: set[str] = set()
        self._plain = {CATALOG_TRACK: 0, CLOCK_TRACK: 0}
        self._live = asyncio.Event()
        self._needs_key = False
        self.sent = Sent()

    async def __aenter__(self) -> Self:
        self._dialler = Dialler(
            url=self._url,
            fingerprint=self._fingerprint,
            token=self._token,
            now_us=self._clock.now_us,
            publish=lambda: self._origin,
            subscribe=moq.OriginProducer,
            changed=self._changed,
        )
        await self._dialler.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for live in self._known.values():
            live.close()
        if self.live:
            # The binding cannot be asked whether all has gone out, and hanging up drops what has not.
            await asyncio.sleep(_LAST_WORDS_S)
        if self._broadcast is not None:
            self._broadcast.close()
        if self._dialler is not None:
            await self._dialler.stop()

    def set_tracks(self, tracks: Sequence[TrackConfig], devices: Devices | None = None) -> None:
        """(Re)publish the catalogue. Raises ValueError if a known name has another configuration (L4), and
        PeerError `line.catalog` or `line.codec` if what results is no catalogue."""
        catalog = Catalog(
            run=self._run,
            epoch_us=self._epoch_us,
            tracks={track.name: track for track in tracks},
            devices=devices or Devices(),
        )
        raw = catalog.to_json()
        Catalog.parse(raw)
        for track in tracks:
            known = self._known.get(track.name)
            if known is not None and known.config != track:
                raise ValueError(f"the track {track.name} is published with another configuration")
        broadcast = self._announced()
        for track in tracks:
            if track.name not in self._known:
                out = broadcast.track(track.name, track, _MAX_AGE_US)
                self._known[track.name] = _Live(track, out)
        for name in self._listed - {track.name for track in tracks}:
            self._known[name].close()
        self._listed = {track.name for track in tracks}
        self._one(CATALOG_TRACK, raw)

    def write(self, track: str, timestamp_us: int, key: bool, data: bytes) -> None:
        """Send one sample. On a picture track `key` opens a new group; sound is one group a packet.
        Pictures before the first key are dropped. Raises KeyError for a track that was never set."""
        live = self._known[track]
        frame = encode_frame(timestamp_us, data)
        if live.config.kind == "audio":
            live.open().write(frame, timestamp_us)
            live.close()
            self.sent.groups += 1
        else:
            if key:
                live.open()
                self.sent.groups += 1
                self._needs_key = False
            if live.group is None:
                return
            live.group.write(frame, timestamp_us)
        self.sent.samples += 1
        self.sent.size += len(data)

    def write_clock(self, timestamp_us: int, estimate: ClockEstimate) -> None:
        """Say how this clock stands to the host's (L11): at the start and then every two seconds."""
        word = {
            "timestamp_us": timestamp_us,
            "offset_us": estimate.offset_us,
            "uncertainty_us": estimate.uncertainty_us,
        }
        self._one(CLOCK_TRACK, json.dumps(word, separators=(",", ":")).encode())

    @property
    def live(self) -> bool:
        """Whether the line is up."""
        return self._live.is_set()

    @property
    def needs_key(self) -> bool:
        """Whether key pictures should come next, since the line was lost and is back. Cleared by one."""
        return self._needs_key

    async def ended(self) -> str:
        """Wait until the host ends this run for good; the code says why: `air.not_on` (left, taken over,
        renewed), `air.taken` (another session uses this token), `access.token`, `line.forbidden`,
        `line.sample` (the format was broken too often)."""
        if self._dialler is None:
            raise RuntimeError("the publisher is not entered")
        return (await asyncio.shield(self._dialler.ended)).error

    def _announced(self) -> Broadcast:
        if self._dialler is None:
            raise RuntimeError("the publisher is not entered")
        if self._broadcast is None:
            self._broadcast = Broadcast(self._origin, self._path)
            for name in self._plain:
                self._broadcast.track(name, None, _MAX_AGE_US)
        return self._broadcast

    def _one(self, name: str, raw: bytes) -> None:
        track = self._announced().track(name, None, _MAX_AGE_US)
        track.one(self._plain[name], raw, self._clock.now_us())
        self._plain[name] += 1

    def _changed(self, session: moq.Session | None, code: str | None) -> None:
        if session is None:
            self._live.clear()
            return
        self._needs_key = bool(self._known)
        self._live.set()
