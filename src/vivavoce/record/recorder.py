"""The recorder: keeps every sample that passes the gate, without ever holding up the line.

It is a `Sink`. What it is told goes into a queue and is written by one thread, in order; once a second that
thread makes what it wrote survive power loss. What a crash leaves is read by the same code as what a clean
end leaves (contents.py), so there is nothing to repair.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from vivavoce.clock import Clock
from vivavoce.errors import UnavailableError
from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.store import FileStore, Store
from vivavoce.record.writer import Health, TrackKey, Writer
from vivavoce.seal.verdict import State

__all__ = ["MIN_FREE_BYTES", "Recorder"]

MIN_FREE_BYTES = 64 * 1024 * 1024
"""What the recorder leaves free for the host's own store and log."""

MAX_QUEUED_BYTES = 256 * 1024 * 1024
"""Ten minutes of two sides at 1.5 Mbit/s, while a disk does not answer; beyond it samples are let go and the
gap is written down."""

_SYNC_SECONDS = 1.0
_SAMPLE_BYTES = 400  # what a queued sample takes beside its data

_log = structlog.get_logger(__name__)


class Recorder:
    """Records into `<root>/<discussion's id>/`. One recorder a folder; the host's lock sees to that.

    root: the folder of all records, made when it is missing. clock: the host's. min_free_bytes: stops writing
    samples when less is free, goes on when there is twice as much. store: where to write instead of `root`.
    Raises UnavailableError `data.read_only` when the folder cannot be made or written to.
    """

    def __init__(
        self,
        root: Path,
        clock: Clock,
        *,
        min_free_bytes: int = MIN_FREE_BYTES,
        max_queued_bytes: int = MAX_QUEUED_BYTES,
        store: Store | None = None,
    ) -> None:
        try:
            store = store or FileStore(root)
        except OSError as error:
            raise UnavailableError(
                "data.read_only", f"The folder {root} cannot be made: {error.strerror}."
            ) from None
        self._clock = clock
        self._writer = Writer(store, min_free_bytes=min_free_bytes, report=_log.warning)
        self._max_queued = max_queued_bytes
        self._queue: queue.SimpleQueue[tuple[Callable[[], None], int] | None] = queue.SimpleQueue()
        self._put_bytes = 0  # changed by the event loop only
        self._taken_bytes = 0  # changed by the thread only
        self._overrun: dict[TrackKey, tuple[int, int, int]] = {}
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def health(self) -> Health:
        """`running`; `disk_full`; `off` when closed or when the disk fails in another way."""
        return self._writer.health if self._thread.is_alive() and not self._closed else "off"

    def open_discussion(self, discussion: str, facts: Mapping[str, Any]) -> None:
        """Make the discussion's record, or write its facts anew. Call it when one is created or changed, and
        for each that goes on after a restart.

        facts: `{"title": str, "seats": {"north": {"kind": "side", "name": "North", "language": "en"}, ...}}`;
        other keys of JSON are kept too. Nothing secret: a record is free to take.
        """
        now = self._clock.now_us()
        kept = dict(facts)
        self._put(lambda: self._writer.open_discussion(discussion, kept, now))

    def run_started(
        self, discussion: str, seat: str, run: str, *, epoch_us: int, device: str, at_us: int
    ) -> None:
        self._put(
            lambda: self._writer.run_started(
                discussion, seat, run, epoch_us=epoch_us, device=device, at_us=at_us
            )
        )

    def track_added(self, discussion: str, seat: str, run: str, config: TrackConfig, *, at_us: int) -> None:
        self._put(lambda: self._writer.track_added(discussion, seat, run, config, at_us=at_us))

    def sample(self, discussion: str, sample: Sample) -> None:
        size = len(sample.data) + _SAMPLE_BYTES
        key = (discussion, sample.seat, sample.run, sample.track)
        if self._put_bytes - self._taken_bytes + size > self._max_queued:
            first, last, count = self._overrun.get(key, (sample.group, sample.group, 0))
            self._overrun[key] = (min(first, sample.group), max(last, sample.group), count + 1)
            return
        if self._overrun:
            self._tell_overrun()
        self._put(lambda: self._writer.sample(discussion, sample), size)

    def group_closed(
        self,
        discussion: str,
        seat: str,
        run: str,
        track: str,
        group: int,
        *,
        count: int,
        whole: bool,
        at_us: int,
    ) -> None:
        self._put(
            lambda: self._writer.group_closed(
                discussion, seat, run, track, group, count=count, whole=whole, at_us=at_us
            )
        )

    def clock(
        self,
        discussion: str,
        seat: str,
        run: str,
        *,
        timestamp_us: int,
        offset_us: int,
        uncertainty_us: int,
        at_us: int,
    ) -> None:
        self._put(
            lambda: self._writer.clock(
                discussion,
                seat,
                run,
                timestamp_us=timestamp_us,
                offset_us=offset_us,
                uncertainty_us=uncertainty_us,
                at_us=at_us,
            )
        )

    def sealed(
        self, discussion: str, seat: str, run: str, *, group: int, index: int, raw: bytes, at_us: int
    ) -> None:
        self._put(
            lambda: self._writer.sealed(
                discussion, seat, run, group=group, index=index, raw=raw, at_us=at_us
            ),
            len(raw) + _SAMPLE_BYTES,
        )

    def judged(
        self, discussion: str, seat: str, run: str, *, state: State, code: str | None, at_us: int
    ) -> None:
        self._put(lambda: self._writer.judged(discussion, seat, run, state=state, code=code, at_us=at_us))

    def run_ended(self, discussion: str, seat: str, run: str, *, why: str, at_us: int) -> None:
        self._tell_overrun()
        self._put(lambda: self._writer.run_ended(discussion, seat, run, why=why, at_us=at_us))

    async def close(self) -> None:
        """Write all that is queued, sync, and stop. Told anything later, the recorder lets it go."""
        if not self._closed:
            self._tell_overrun()
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _tell_overrun(self) -> None:
        for key, (first, last, count) in self._overrun.items():
            _log.warning("the disk was too slow", seat=key[1], track=key[3], samples=count)
            self._put(
                lambda key=key, first=first, last=last, count=count: self._writer.lost(  # type: ignore[misc]
                    key, first, last, count, "overrun"
                )
            )
        self._overrun.clear()

    def _put(self, work: Callable[[], None], size: int = 0) -> None:
        if not self._closed:
            self._put_bytes += size
            self._queue.put((work, size))

    def _run(self) -> None:
        due = time.monotonic() + _SYNC_SECONDS
        while True:
            try:
                item = self._queue.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                item = (lambda: None, 0)
            if item is None:
                self._do(lambda: self._writer.close(self._clock.now_us()))
                return
            work, size = item
            self._do(work)
            self._taken_bytes += size
            if time.monotonic() >= due:
                self._do(lambda: self._writer.tick(self._clock.now_us()))
                due = time.monotonic() + _SYNC_SECONDS

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            # One discussion's fault must not stop the recording of the others.
            _log.exception("the recorder could not write this")
