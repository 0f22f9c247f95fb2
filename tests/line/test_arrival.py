"""Promise: a side is told how its samples arrive, and which of its tracks somebody watches (L17)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import moq
import pytest

from tests.fakes.line import DISCUSSION
from tests.line.parts import PICTURE, SMALL, SOUND, House, Talking, house, until
from vivavoce.line.arrival import ArrivalMeter, arrival_track
from vivavoce.line.sample import Sample

_EPOCH_US = 1_000_000_000


def sample(
    group: int, index: int, at_ms: int, late_ms: int, *, size: int = 100, track: str = "hd.1"
) -> Sample:
    """A sample that was taken `at_ms` after the run's epoch and came `late_ms` later."""
    return Sample(
        seat="north",
        run="0123456789abcdef",
        track=track,
        group=group,
        index=index,
        timestamp_us=at_ms * 1000,
        key=index == 0,
        data=bytes(size),
        received_us=_EPOCH_US + (at_ms + late_ms) * 1000,
    )


def meter_with(*samples: Sample) -> ArrivalMeter:
    meter = ArrivalMeter("0123456789abcdef", _EPOCH_US)
    groups = set()
    for each in samples:
        if (each.track, each.group) not in groups:
            meter.began(each.track, each.group)
            groups.add((each.track, each.group))
        meter.took(each)
    return meter


def told(meter: ArrivalMeter, at_ms: int = 1_000) -> Any:
    return json.loads(meter.report(_EPOCH_US + at_ms * 1000, {"hd.1"}))


def test_a_report_says_how_late_the_samples_of_its_interval_came() -> None:
    meter = meter_with(sample(0, 0, 0, 40), sample(0, 1, 33, 25), sample(0, 2, 66, 31, size=50))
    track = told(meter)["tracks"]["hd.1"]
    assert (track["least_us"], track["most_us"]) == (25_000, 40_000)
    assert (track["group"], track["index"], track["timestamp_us"]) == (0, 2, 66_000)
    assert track["received_us"] == _EPOCH_US + 97_000
    assert (track["bytes"], track["samples"], track["missing"]) == (250, 3, 0)
    assert told(meter)["tracks"] == {}, "nothing came since"
    meter.took(sample(0, 3, 99, 90))
    track = told(meter)["tracks"]["hd.1"]
    assert (track["least_us"], track["most_us"]) == (90_000, 90_000)
    assert (track["bytes"], track["samples"]) == (350, 4), "counts go on, so a lost report loses nothing"


def test_groups_that_did_not_come_are_missing_until_they_do() -> None:
    meter = meter_with(*(sample(group, 0, 20 * group, 30, track="floor.1") for group in (0, 1, 4)))
    assert told(meter)["tracks"]["floor.1"]["missing"] == 2
    meter.began("floor.1", 3)
    meter.took(sample(3, 0, 60, 95, track="floor.1"))
    track = told(meter)["tracks"]["floor.1"]
    assert track["missing"] == 1
    assert track["group"] == 4, "an older one is not the newest"
    meter.ended("floor.1", whole=False)
    meter.took(sample(4, 1, 99, 30, track="floor.1"))
    assert told(meter)["tracks"]["floor.1"]["missing"] == 2


def test_a_report_is_due_each_tenth_of_a_second_while_samples_come() -> None:
    meter = meter_with(sample(0, 0, 0, 20))
    assert meter.due(_EPOCH_US + 1_000_000)
    meter.report(_EPOCH_US + 1_000_000, ())
    assert not meter.due(_EPOCH_US + 5_000_000), "nothing came"
    meter.took(sample(0, 1, 1_010, 20))
    assert not meter.due(_EPOCH_US + 1_050_000)
    assert meter.due(_EPOCH_US + 1_100_000)


def test_samples_that_begin_to_come_late_are_told_of_sooner() -> None:
    meter = meter_with(sample(0, 0, 0, 20))
    meter.report(_EPOCH_US + 20_000, ())
    assert not meter.took(sample(0, 1, 33, 24)), "no later than before"
    assert not meter.took(sample(0, 2, 20, 30)), "too soon after the last"
    assert meter.took(sample(0, 3, 66, 60))


async def _reports(client: moq.Client, seat: str) -> Any:
    host = await client.announced_broadcast(f"{DISCUSSION}/host")
    return await host.subscribe_track(arrival_track(seat), moq.Subscription(priority=90))


async def _next(reports: Any) -> Any:
    frame = await asyncio.wait_for(reports.read_frame(), 10)
    assert frame is not None
    return json.loads(frame.payload)


@asynccontextmanager
async def _reported(folder: Path) -> AsyncIterator[tuple[House, Talking, Any]]:
    """A side that talks, and the reports to it."""
    async with (
        house(folder) as at,
        at.publisher("north") as north,
        at.client() as client,
        Talking(north) as talking,
    ):
        await until(lambda: len(at.sink.counts()) > 0, "samples come")
        yield at, talking, await _reports(client, "north")


async def _told_late(reports: Any, how: Callable[[int], bool]) -> None:
    """Wait for a report that tells so of the host."""
    for _ in range(100):
        if how((await _next(reports))["late_us"]):
            return
    pytest.fail("not reported")


async def _wanted(reports: Any, tracks: list[str]) -> None:
    """Wait for a report, which come ten times a second, in which these are wanted."""
    for _ in range(100):
        if (await _next(reports))["wanted"] == tracks:
            return
    pytest.fail(f"not reported as wanted: {tracks}")


@pytest.mark.anyio
async def test_the_host_tells_a_side_what_arrives_of_each_of_its_tracks(tmp_path: Path) -> None:
    async with _reported(tmp_path) as (at, talking, reports):
        report = await _next(reports)
        for _ in range(30):
            report = await _next(reports)
            if {"hd.1", "floor.1"} <= set(report["tracks"]):
                break
        assert report["run"] == "0123456789abcdef"
        assert {"hd.1", "floor.1"} <= set(report["tracks"])
        assert report["tracks"]["floor.1"]["missing"] == 0
        await talking.hush()
        await until(lambda: at.sink.counts() == talking.places("north"), "all has come")
        for name, track in report["tracks"].items():
            came = [
                one for one in at.sink.samples[f"north/{name}"] if one.received_us <= track["received_us"]
            ]
            assert track["samples"] == len(came)
            assert track["bytes"] == sum(len(one.data) for one in came)


@pytest.mark.anyio
async def test_the_host_tells_a_side_which_tracks_somebody_watches(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as at,
        at.publisher("north") as north,
        at.client() as client,
        at.client() as viewer,
        Talking(north),
    ):
        await until(lambda: len(at.sink.counts()) > 0, "samples come")
        reports = await _reports(client, "north")
        for _ in range(5):
            assert (await _next(reports))["wanted"] == [], "nobody watches yet"
        seat = await viewer.announced_broadcast(f"{DISCUSSION}/north")
        watching = await seat.subscribe_track("hd.1", moq.Subscription(priority=60))

        async def watch() -> None:
            while await watching.recv_group() is not None:
                pass

        # Asking for a track asks what it is; only reading it subscribes.
        reading = asyncio.create_task(watch())
        await _wanted(reports, ["hd.1"])
        reading.cancel()
        watching.cancel()
        await _wanted(reports, [])


@pytest.mark.anyio
async def test_a_track_without_samples_can_be_subscribed_to_and_is_wanted(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.publisher("north") as north, at.client() as viewer:
        north.set_tracks([PICTURE, SMALL, SOUND])
        seat = await viewer.announced_broadcast(f"{DISCUSSION}/north")

        async def first_frame() -> Any:
            track = await seat.subscribe_track("sd.1")  # held: without it the group would be let go
            group = await track.recv_group()
            return group and await group.read_frame()

        asked = asyncio.create_task(first_frame())
        await _wanted(await _reports(viewer, "north"), ["sd.1"])
        north.write("sd.1", 1_000, True, b"key")
        frame = await asyncio.wait_for(asked, 10)
        assert frame is not None
        assert frame.payload.endswith(b"key")


@pytest.mark.anyio
async def test_a_host_that_stood_still_says_so_and_no_longer_when_it_goes_on(tmp_path: Path) -> None:
    async with _reported(tmp_path) as (_, _, reports):
        await _next(reports)
        time.sleep(0.4)  # noqa: ASYNC251 -- it stands still
        # A report is due each tenth of a second.
        await _told_late(reports, lambda late_us: late_us >= 200_000)
        await _told_late(reports, lambda late_us: late_us < 200_000)
