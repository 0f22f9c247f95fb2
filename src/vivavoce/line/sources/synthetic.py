"""A drawn, speaking person as a source (`publish --synthetic`, `demo`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from vivavoce.clock import Clock
from vivavoce.line.catalog import Devices
from vivavoce.line.encode import OPUS_PACKET_US, OPUS_SAMPLES, PictureEncoder, SoundEncoder
from vivavoce.line.sources.person import Person
from vivavoce.line.sources.source import PICTURE, Control, Event, Packet, Tracks
from vivavoce.line.sources.voice import Voice

__all__ = ["Synthetic"]

_LATE_US: Final = 400_000
"""After a pause longer than this, what was missed is not made up: nobody speaks in the past."""


class Synthetic:
    """side: `north` or `south`: which of the two people, and whose turns. name: stands in the picture.
    language: of its sound track; what it says is in none. framerate: pictures a second, 1 to 60.
    bitrate: of the picture, bits a second."""

    def __init__(
        self,
        *,
        side: str,
        name: str,
        language: str,
        width: int = 640,
        height: int = 360,
        framerate: int = 30,
        bitrate: int = 1_200_000,
    ) -> None:
        self._side, self._name, self._language = side, name, language
        self._size = (width, height)
        self._framerate = framerate
        self._bitrate = bitrate

    def events(self, clock: Clock, control: Control) -> Iterator[Event]:
        person = Person(self._side, self._name, *self._size)
        width, height = self._size
        pictures = PictureEncoder(
            width=width, height=height, framerate=self._framerate, bitrate=self._bitrate
        )
        sounds = SoundEncoder()
        picture, sound = pictures.config(PICTURE), sounds.config("floor.1", language=self._language)
        yield Tracks((picture, sound), Devices())

        if not control.wait_for_go():
            return
        start_us = clock.now_us()
        voice = Voice(self._side, start_us)
        interval_us = 1_000_000 / self._framerate
        count, picture_us = 0, start_us
        while True:
            # A packet of sound is there when its last sample is; a picture when its moment comes.
            heard_us = voice.at_us + OPUS_PACKET_US
            if not control.wait_until(min(heard_us, picture_us), clock):
                return
            now_us = clock.now_us()
            if heard_us <= picture_us:
                if now_us - heard_us > _LATE_US:
                    voice.skip_to(now_us)
                    continue
                at_us = voice.at_us
                pcm = voice.read(OPUS_SAMPLES).reshape(1, -1)
                for made in sounds.encode(pcm, at_us):
                    yield Packet(sound.name, made.timestamp_us, True, made.data)
                continue
            if control.key.is_set():
                control.key.clear()
                pictures.want_key()
            drawn = np.asarray(person.draw(now_us))
            for made in pictures.encode(drawn, now_us):
                yield Packet(picture.name, made.timestamp_us, made.key, made.data)
            while picture_us <= now_us:
                count += 1
                picture_us = start_us + round(count * interval_us)
