"""A camera and a microphone as a source (`publish --camera`).

Each device is read in a thread of its own, since reading one blocks. Devices tell no time that can be
compared with another's, so a picture counts as captured when it arrives, and sound by its own count of
samples, held to when it arrives. A device that is lost is said to be, and taken up again when it is back.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import av
import numpy as np
from numpy.typing import NDArray

from vivavoce.clock import Clock
from vivavoce.errors import UnavailableError, VivavoceError
from vivavoce.line.catalog import Devices, DeviceState
from vivavoce.line.encode import (
    OPUS_PACKET_US,
    OPUS_SAMPLES,
    SAMPLE_RATE,
    Encoded,
    PictureEncoder,
    SoundEncoder,
)
from vivavoce.line.sources.convert import bitrate_for, size_for
from vivavoce.line.sources.devices import Device, camera_at, frames_of, microphone_at
from vivavoce.line.sources.source import PICTURE, Control, Event, Note, Packet, Tracks
from vivavoce.line.trackconfig import TrackConfig

__all__ = ["Camera", "SoundClock"]

Kind = Literal["camera", "microphone"]

_READY_S: Final = 10.0
_AGAIN_S: Final = 2.0
_WAITING: Final = 64
_NONE: Final = "none"


class SoundClock:
    """When sound was captured: a count of samples from an anchor, moved only when arrivals leave it by more
    than 60 ms, since they come in lumps. Timestamps rise by 20 ms or more."""

    _LOOSE_US: Final = 60_000

    def __init__(self) -> None:
        self._next_us: int | None = None

    def packet(self, arrived_us: int) -> int:
        """The time of the first sample of 20 ms of sound that was whole at `arrived_us`."""
        begun_us = arrived_us - OPUS_PACKET_US
        if self._next_us is None or begun_us - self._next_us > self._LOOSE_US:
            self._next_us = begun_us
        at_us = self._next_us
        self._next_us += OPUS_PACKET_US
        return at_us


class Camera:
    """video, audio: as for `camera_at` and `microphone_at`; "none" for none. language: of the floor."""

    def __init__(
        self,
        *,
        language: str,
        video: str | None = None,
        audio: str | None = None,
        camera: Callable[[str | None], tuple[Device, ...]] = camera_at,
        microphone: Callable[[str | None], tuple[Device, ...]] = microphone_at,
    ) -> None:
        self._language = language
        self._camera = None if video == _NONE else camera(video)
        self._microphone = None if audio == _NONE else microphone(audio)

    def events(self, clock: Clock, control: Control) -> Iterator[Event]:
        made: queue.Queue[_Said] = queue.Queue(maxsize=_WAITING)
        readers: dict[Kind, _Reader] = {}
        if self._camera is not None:
            readers["camera"] = _Pictures("camera", self._camera, clock, control, made)
        if self._microphone is not None:
            readers["microphone"] = _Sounds(
                "microphone", self._microphone, self._language, clock, control, made
            )
        if not readers:
            raise UnavailableError("device.camera", "Neither a camera nor a microphone is wanted.")
        for reader in readers.values():
            reader.start()
        configs = tuple(reader.ready() for reader in readers.values())
        state: dict[Kind, DeviceState] = {
            kind: "live" if kind in readers else "off" for kind in ("camera", "microphone")
        }
        yield Tracks(configs, Devices(state["camera"], state["microphone"]))
        while not control.stop.is_set():
            try:
                said = made.get(timeout=0.1)
            except queue.Empty:
                continue
            if isinstance(said.what, Encoded):
                yield Packet(
                    readers[said.kind].config.name, said.what.timestamp_us, said.what.key, said.what.data
                )
                continue
            state[said.kind] = said.what
            yield Tracks(configs, Devices(state["camera"], state["microphone"]))
            yield Note(f"the {said.kind} is lost" if said.what == "lost" else f"the {said.kind} is back")


@dataclass(frozen=True, slots=True)
class _Said:
    kind: Kind
    what: Encoded | Literal["live", "lost"]


class _Reader(threading.Thread):
    """Opens one device, encodes what it gives while samples are wanted, opens it again when it is lost."""

    config: TrackConfig

    def __init__(
        self,
        kind: Kind,
        devices: tuple[Device, ...],
        clock: Clock,
        control: Control,
        made: queue.Queue[_Said],
    ) -> None:
        super().__init__(daemon=True, name=kind)
        self._kind, self._devices = kind, devices
        self._clock, self._control, self._made = clock, control, made
        self._opened = threading.Event()
        self._failed: VivavoceError | None = None

    def ready(self) -> TrackConfig:
        """Wait for the first frame; raises what keeps it from coming."""
        if not self._opened.wait(_READY_S):
            raise self._unavailable("gives nothing")
        if self._failed is not None:
            raise self._failed
        return self.config

    def run(self) -> None:
        lost = False
        while not self._control.stop.is_set():
            problem = "has ended"
            try:
                for frame in frames_of(self._devices):
                    if self._control.stop.is_set():
                        return
                    if lost:
                        lost = False
                        self._made.put(_Said(self._kind, "live"))
                    for encoded in self._take(frame, self._clock.now_us()):
                        self._put(encoded)
                    self._opened.set()
            except OSError as error:
                problem = str(error)
            if not self._opened.is_set():
                self._failed = self._unavailable(problem)
                self._opened.set()
                return
            if not lost:
                lost = True
                self._made.put(_Said(self._kind, "lost"))
            self._control.stop.wait(_AGAIN_S)

    def _put(self, encoded: Encoded) -> None:
        try:
            self._made.put_nowait(_Said(self._kind, encoded))
        except queue.Full:
            # Whoever reads is stuck for over a second: what is live is dropped, not kept for later.
            self._after_drop()

    def _after_drop(self) -> None:
        pass

    def _take(self, frame: Any, arrived_us: int) -> Iterator[Encoded]:
        raise NotImplementedError

    def _unavailable(self, problem: str) -> UnavailableError:
        return UnavailableError(
            f"device.{self._kind}", f"The {self._kind} {self._devices[0].name!r} {problem}."
        )


class _Pictures(_Reader):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._encoder: PictureEncoder | None = None
        self._last_us = 0

    def _take(self, frame: Any, arrived_us: int) -> Iterator[Encoded]:
        if self._encoder is None:
            width, height = size_for(frame.width, frame.height)
            self._encoder = PictureEncoder(
                width=width, height=height, framerate=30, bitrate=bitrate_for(width, height, 30)
            )
            self.config = self._encoder.config(PICTURE)
        if not self._control.go.is_set() or arrived_us <= self._last_us:
            return
        if self._control.key.is_set():
            self._control.key.clear()
            self._encoder.want_key()
        self._last_us = arrived_us
        yield from self._encoder.encode(frame, arrived_us)

    def _after_drop(self) -> None:
        # What follows a hole would not decode.
        if self._encoder is not None:
            self._encoder.want_key()


class _Sounds(_Reader):
    def __init__(self, kind: Kind, devices: tuple[Device, ...], language: str, *args: Any) -> None:
        super().__init__(kind, devices, *args)
        self._encoder = SoundEncoder()
        self.config = self._encoder.config("floor.1", language=language)
        self._resampler = av.AudioResampler(
            format="s16", layout="mono", rate=SAMPLE_RATE, frame_size=OPUS_SAMPLES
        )
        self._times = SoundClock()

    def _take(self, frame: Any, arrived_us: int) -> Iterator[Encoded]:
        pieces = [frame] if isinstance(frame, np.ndarray) else self._resampled(frame)
        if not self._control.go.is_set():
            return
        for index, piece in enumerate(pieces):
            later_us = (len(pieces) - 1 - index) * OPUS_PACKET_US
            yield from self._encoder.encode(piece, self._times.packet(arrived_us - later_us))

    def _resampled(self, frame: Any) -> list[NDArray[np.int16]]:
        frame.pts = None
        whole = [piece for piece in self._resampler.resample(frame) if piece.samples == OPUS_SAMPLES]
        return [piece.to_ndarray().astype(np.int16, copy=False) for piece in whole]
