"""The pipe between a source's process and the publisher: everything comes through, errors too."""

from __future__ import annotations

import pytest

from vivavoce.clock import SystemClock
from vivavoce.errors import CODES, UnavailableError, VivavoceError, YourInputError
from vivavoce.line.catalog import Devices
from vivavoce.line.sources import frames
from vivavoce.line.sources.process import SourceProcess, Spec
from vivavoce.line.sources.source import Event, Note, Packet, Tracks
from vivavoce.line.trackconfig import TrackConfig

SOUND = TrackConfig("floor.1", "audio", "opus", sample_rate=48_000, channels=2, language="ru", role="floor")


@pytest.mark.parametrize(
    "event",
    [
        Packet("floor.1", 1_795_293_847_350_000, True, b"\x00\xff" * 700),
        Packet("booth-ru-12.1", 0, False, b""),
        Tracks((SOUND,), Devices("lost", "live", False)),
        Note("this machine is slower than the file"),
    ],
)
def test_an_event_comes_through_unchanged(event: Event) -> None:
    frame = frames.encode(event)
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4
    assert frames.decode(frame[4:]) == event


@pytest.mark.parametrize("kind", [YourInputError, UnavailableError])
def test_an_error_is_raised_on_the_other_side_as_what_it_was(kind: type[VivavoceError]) -> None:
    error = kind("input.file", "'talk.mp4' cannot be read.", remedy="Mend it.")
    with pytest.raises(kind) as caught:
        frames.decode(frames.encode_error(error)[4:])
    assert (caught.value.code, caught.value.message, caught.value.remedy) == (
        error.code,
        error.message,
        "Mend it.",
    )


@pytest.mark.anyio
async def test_a_source_sends_nothing_before_it_is_told_to_go_and_ends_when_left() -> None:
    options = {"side": "north", "name": "North", "language": "en", "width": 320, "height": 180}
    async with SourceProcess(Spec("synthetic", options), clock=SystemClock()) as source:
        seen: list[Event] = []
        async for event in source:
            seen.append(event)
            if isinstance(event, Tracks):
                process = source._process
                assert process is not None
                assert process.stdout is not None
                assert not process.stdout._buffer  # type: ignore[attr-defined]
                source.go()
            if len(seen) > 20:
                break
    assert isinstance(seen[0], Tracks)
    assert {event.track for event in seen[1:] if isinstance(event, Packet)} == {"hd.1", "floor.1"}
    assert process is not None
    assert process.returncode == 0


@pytest.mark.anyio
async def test_what_a_source_cannot_do_is_raised_here() -> None:
    spec = Spec("file", {"path": "/nowhere/talk.mp4", "seat": "north", "language": "en"})
    async with SourceProcess(spec, clock=SystemClock()) as source:
        with pytest.raises(YourInputError) as caught:
            async for _ in source:
                pass
    assert caught.value.code == "input.file"


@pytest.mark.anyio
async def test_a_fault_in_a_source_is_called_one() -> None:
    async with SourceProcess(Spec("synthetic", {"side": "nobody"}), clock=SystemClock()) as source:
        with pytest.raises(UnavailableError) as caught:
            async for _ in source:
                pass
    assert caught.value.code == "internal"
    assert caught.value.code in CODES
