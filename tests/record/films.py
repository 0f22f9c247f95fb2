"""A record as discussions are: a side that leaves and comes back, one that leaves for good, and what got lost
on the way; and an export and a clip of it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tests.fakes.samples import encode_picture, encode_sound
from tests.fakes.sealed import SealedSide, play_sealed
from tests.fakes.sides import DISCUSSION, START_US, SetClock
from tests.record.conftest import FACTS
from vivavoce.record.founding import founding_of_record
from vivavoce.record.recorder import Recorder
from vivavoce.seal.signer import Signer

__all__ = ["SOUTH", "film_record"]

SOUTH = Signer()


def film_record(
    folder: Path,
    *,
    title: str = "",
    discussion: str = DISCUSSION,
    lossy: bool = True,
    seconds: int = 3,
    odd: bool = False,
) -> Path:
    """North is on air for 3 s, and from 5 s to 8 s again; south, with a key of its own, from 0.4 s to 3.4 s,
    and on its device's clock 30 ms later. seconds: instead of 3. lossy: of north's first run a picture group
    and a second of sound are lost. odd: it has a picture of no bytes, and a packet as late as the next."""
    picture, vp9 = encode_picture(seconds=seconds), encode_picture("vp9", seconds=seconds)
    sound, russian = encode_sound(seconds=seconds), encode_sound(seconds=seconds, language="ru", pitch=180)

    first = picture, sound
    if odd:
        pictures, packets = list(picture[1]), list(sound[1])
        pictures[40] = replace(pictures[40], data=b"")
        packets[70] = replace(packets[70], timestamp_us=packets[69].timestamp_us)
        first = (picture[0], tuple(pictures)), (sound[0], tuple(packets))

    def lose(name: str, group: int, index: int) -> bool:
        return lossy and (group == 1 if name == "hd.1" else 56 <= group < 104)

    later_us = START_US + 1_000_000 * (seconds + 2)
    sides = [
        SealedSide("north", first, run="1" * 16, lose=lose),
        SealedSide(
            "south",
            [vp9, russian],
            run="5" * 16,
            identity=SOUTH,
            starts_us=START_US + 400_000,
            epoch_us=START_US + 430_000,
        ),
        SealedSide("north", [picture, sound], run="2" * 16, starts_us=later_us, epoch_us=later_us),
    ]
    seats = {seat: dict(said) for seat, said in FACTS["seats"].items()}
    seats["south"]["identity"] = SOUTH.public.hex()
    facts = {**FACTS, "created_us": START_US - 10**9, "seats": seats}
    facts["title"] = title or facts["title"]
    founding = founding_of_record({**facts, "discussion": discussion})
    for side in sides:
        side.seal(founding)

    async def write() -> None:
        recorder = Recorder(folder, SetClock())
        recorder.open_discussion(discussion, facts)
        play_sealed(recorder, sides, discussion)
        await recorder.close()

    with ThreadPoolExecutor(1) as thread:  # the caller's own loop may belong to a browser
        thread.submit(lambda: asyncio.run(write())).result()
    return folder / discussion
