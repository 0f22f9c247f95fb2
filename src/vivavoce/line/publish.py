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
from vivavoce.line.arrival import arrival_track, lacking_in
from vivavoce.line.broadcast import Broadcast, OutGroup, OutTrack
from vivavoce.line.catalog import CATALOG_TRACK, CLOCK_TRACK, SEALS_TRACK, Catalog, Devices
from vivavoce.line.dial import Dialler
from vivavoce.line.sample import encode_frame
from vivavoce.line.sealed import SEALS_KEPT_US
from vivavoce.line.sealing import Sealing
from vivavoce.line.trackconfig import TrackConfig

__all__ = ["Publisher", "Sent"]

_MAX_AGE_US = 5_000_000
"""What was not sent within this is dropped: a returning side goes on live, not with its past."""

_LAST_WORDS_S = 0.3

_HEED_AGAIN_S = 0.25

_LOOK_S = 0.01
"""How often it is asked whether a seal is due."""


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
        self.count = 0
        """Samples of the newest group so far."""

    def open(self) -> OutGroup:
        self.close()
        self.group = self.out.group(self.next_group)
        self.next_group += 1
        self.count = 0
        return self.group

    def close(self) -> None:
        if self.group is not None:
            self.group.finish()
            self.group = None


class Publisher:
    """Async context manager: connected while it is entered, and again by itself when the network returns.

    url: the relay's address, `https://127.0.0.1:4443/line`. fingerprint: SHA-256 of its certificate in hex,
    None under a public one. token: from the host, never logged. path: `<discussion>/<seat>`.
    run: 16 hex digits, from the host. epoch_us: this clock's time at timestamp 0. sealing: seals all that is
    written; without it the side is unsealed.
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
        sealing: Sealing | None = None,
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
        self._sealing = sealing
        self._sealer: asyncio.Task[None] | None = None
        self._heeding: asyncio.Task[None] | None = None
        self._seals: tuple[int, OutGroup] | None = None
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
        if self._heeding is not None:
            self._heeding.cancel()
            await asyncio.gather(self._heeding, return_exceptions=True)
        if self._sealer is not None:
            self._sealer.cancel()
            await asyncio.gather(self._sealer, return_exceptions=True)
            self._end_seals()
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
                if self._sealing is not None:
                    self._sealing.track(track)
        for name in self._listed - {track.name for track in tracks}:
            self._known[name].close()
        self._listed = {track.name for track in tracks}
        self._one(CATALOG_TRACK, raw)
        if self._sealing is not None:
            self._sealing.devices(catalog.devices)
            self._sealer = self._sealer or asyncio.create_task(self._seal(self._sealing))

    def write(self, track: str, timestamp_us: int, key: bool, data: bytes) -> None:
        """Send one sample. On a picture track `key` opens a new group; sound is one group a packet.
        Pictures before the first key are dropped. Raises KeyError for a track that was never set."""
        live = self._known[track]
        frame = encode_frame(timestamp_us, data)
        if live.config.kind == "audio":
            out = live.open()
            self._sealed(live, timestamp_us, data)
            out.write(frame, timestamp_us)
            live.close()
            self.sent.groups += 1
        else:
            if key:
                live.open()
                self.sent.groups += 1
                self._needs_key = False
            if live.group is None:
                return
            self._sealed(live, timestamp_us, data)
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

    def _sealed(self, live: _Live, timestamp_us: int, data: bytes) -> None:
        index, live.count = live.count, live.count + 1
        if self._sealing is not None:
            self._sealing.sample(live.config.name, live.next_group - 1, index, timestamp_us, index == 0, data)

    async def _seal(self, sealing: Sealing) -> None:
        while True:
            now_us = self._clock.now_us()
            if sealing.due(now_us):
                self._write_seal(sealing, *sealing.seal(now_us))
            await asyncio.sleep(_LOOK_S)

    def _end_seals(self) -> None:
        assert self._sealing is not None
        for group, seal in self._sealing.end(self._clock.now_us()):
            self._write_seal(self._sealing, group, seal)
        if self._seals is not None:
            self._seals[1].finish()

    def _write_seal(self, sealing: Sealing, group: int, seal: bytes) -> None:
        if self._seals is None or self._seals[0] != group:
            if self._seals is not None:
                self._seals[1].finish()
            out = self._announced().track(SEALS_TRACK, None, SEALS_KEPT_US).group(group)
            out.write(sealing.papers, 0)
            self._seals = (group, out)
        self._seals[1].write(seal, 0)
        self._write_leaves(sealing)

    def _write_leaves(self, sealing: Sealing) -> None:
        """Of what the host lacks, into the newest group of seals; before the first one nothing is sealed."""
        if self._seals is not None:
            for leaves in sealing.leaves(self._seals[0]):
                self._seals[1].write(leaves, 0)

    async def _heed(self, session: moq.Session, sealing: Sealing) -> None:
        """Follow what the host says of this side's samples, for as long as the session lasts (L17)."""
        discussion, _, seat = self._path.partition("/")
        while True:
            try:
                host = await session.consume().request_broadcast(f"{discussion}/host")
                reports = await host.subscribe_track(arrival_track(seat), moq.Subscription(priority=90))
                while (frame := await reports.read_frame()) is not None:
                    if lacking := lacking_in(frame.payload, self._run):
                        sealing.asked(lacking, self._clock.now_us())
                        self._write_leaves(sealing)
            except moq.Error:
                pass  # not there yet, or over
            await asyncio.sleep(_HEED_AGAIN_S)

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
        if self._heeding is not None:
            self._heeding.cancel()
        if session is None:
            self._live.clear()
            return
        self._needs_key = bool(self._known)
        self._live.set()
        if self._sealing is not None:
            self._heeding = asyncio.get_running_loop().create_task(self._heed(session, self._sealing))
