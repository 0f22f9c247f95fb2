"""Cameras and microphones, with FFmpeg's test sources in their place: found, lost, taken up again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from vivavoce.clock import SystemClock
from vivavoce.errors import UnavailableError
from vivavoce.line.sources.camera import Camera, SoundClock
from vivavoce.line.sources.devices import Device, camera_at, microphone_at
from vivavoce.line.sources.source import Control, Event, Packet, Tracks

PICTURES = Device("testsrc=size=160x96:rate=30,realtime", "lavfi")
BRIEF = Device("testsrc=size=160x96:rate=30:duration=0.5,realtime", "lavfi")
TONE = Device("sine=440:sample_rate=44100,arealtime", "lavfi")
ABSENT = Device("/dev/video-none", "v4l2")
RECORDER = Device(
    "recorder",
    command=(
        sys.executable,
        "-c",
        "import os, time\nwhile True: os.write(1, bytes(1920)); time.sleep(.02)",
    ),
)
SILENT_RECORDER = Device("recorder", command=("sh", "-c", "echo 'Connection refused' >&2; exit 1"))


def at(*devices: Device) -> Callable[[str | None], tuple[Device, ...]]:
    return lambda given: devices


def events(camera: Camera, enough: Callable[[list[Event]], bool], *, go: bool = True) -> list[Event]:
    control = Control()
    seen: list[Event] = []
    for event in camera.events(SystemClock(), control):
        seen.append(event)
        if go:
            control.go.set()
        if enough(seen):
            control.stop.set()
    return seen


def packets(seen: list[Event], track: str) -> list[Packet]:
    return [event for event in seen if isinstance(event, Packet) and event.track == track]


def test_a_camera_and_a_microphone_give_pictures_and_sound() -> None:
    camera = Camera(language="en", camera=at(PICTURES), microphone=at(TONE))
    seen = events(camera, lambda seen: len(packets(seen, "hd.1")) > 10 and len(packets(seen, "floor.1")) > 10)
    assert isinstance(seen[0], Tracks)
    assert seen[0].devices.camera == seen[0].devices.microphone == "live"
    for track in ("hd.1", "floor.1"):
        times = [packet.at_us for packet in packets(seen, track)]
        assert times == sorted(set(times))


def test_a_camera_that_stops_is_said_to_be_lost_and_is_taken_up_again() -> None:
    camera = Camera(language="en", video=None, audio="none", camera=at(BRIEF))

    def states(seen: list[Event]) -> list[str]:
        return [event.devices.camera for event in seen if isinstance(event, Tracks)]

    seen = events(camera, lambda seen: states(seen)[-1:] == ["live"] and "lost" in states(seen))
    assert states(seen) == ["live", "lost", "live"]


@pytest.mark.parametrize(
    ("made", "code", "says"),
    [
        (dict(audio="none", camera=at(ABSENT)), "device.camera", "No such file"),
        (dict(video="none", microphone=at(SILENT_RECORDER)), "device.microphone", "Connection refused"),
        (dict(video="none", audio="none"), "device.camera", "Neither"),
    ],
)
def test_a_device_that_is_not_there_is_named_with_the_reason(
    made: dict[str, Any], code: str, says: str
) -> None:
    with pytest.raises(UnavailableError, match=says) as caught:
        events(Camera(language="en", **made), lambda seen: True)
    assert caught.value.code == code


def test_where_one_recorder_gives_nothing_the_next_is_used() -> None:
    camera = Camera(language="en", video="none", microphone=at(SILENT_RECORDER, RECORDER))
    assert len(packets(events(camera, lambda seen: len(seen) > 5), "floor.1")) >= 5


@pytest.mark.parametrize(
    ("platform", "camera", "microphone"),
    [("linux", "/dev/video0", "default"), ("darwin", "default:none", "none:default")],
)
def test_each_system_has_its_devices(platform: str, camera: str, microphone: str) -> None:
    assert camera_at(None, platform)[0].name == camera
    assert microphone_at(None, platform)[-1].name == microphone


@pytest.mark.parametrize(
    ("which", "code"), [(camera_at, "device.camera"), (microphone_at, "device.microphone")]
)
def test_another_system_is_told_to_use_a_browser(which: Callable[..., Any], code: str) -> None:
    with pytest.raises(UnavailableError, match="browser") as caught:
        which(None, "win32")
    assert caught.value.code == code


def test_sound_that_comes_in_lumps_keeps_an_even_time_and_a_break_moves_it() -> None:
    times = SoundClock()
    arrivals = [20_000, 21_000, 60_000, 80_000, 81_000, 120_000]
    assert [times.packet(at_us) for at_us in arrivals] == [0, 20_000, 40_000, 60_000, 80_000, 100_000]
    assert times.packet(1_000_000) == 980_000
