"""Promise: whoever does what is not allowed is cut off, and nobody else's picture so much as flickers (L2).

In every case a good side talks to a good viewer all the while; afterwards the viewer has every sample that
was written, no group was cut, and the viewer's session and the seat's announcement never went away.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import moq
import pytest

from tests.fakes.line import DISCUSSION, grant
from tests.line.parts import PICTURE, SMALL, SOUND, House, Seen, Talking, catalog, house, settle, until
from vivavoce.line.broadcast import Broadcast
from vivavoce.line.sample import MAX_SAMPLE_BYTES, encode_frame

pytestmark = pytest.mark.anyio

_NORTH = f"{DISCUSSION}/north"
_SOUTH = f"{DISCUSSION}/south"


@asynccontextmanager
async def undisturbed(folder: Path, **options: int) -> AsyncIterator[House]:
    """A house where north talks to a viewer; fails if either was disturbed by what happened meanwhile."""
    async with (
        house(folder, **options) as at,
        Seen(at.watcher()) as seen,
        at.publisher("north") as north,
        Talking(north) as talking,
    ):
        await until(lambda: seen.samples["north/hd.1"] > 5, "the viewer sees north")
        yield at
        before = seen.samples["north/hd.1"]
        await until(lambda: seen.samples["north/hd.1"] > before + 5, "the viewer still sees north")
        await talking.hush()
        north.set_tracks([SOUND])
        written = talking.places("north")
        await settle(lambda: _of_north(at.sink.counts()) >= written)
        await settle(lambda: _of_north(seen.samples) >= written)
        assert seen.line == ["live"], at.authority.told[-5:]
        assert _of_north(at.sink.counts()) == _of_north(seen.samples) == written
        assert [announced for seat, announced in seen.seats if seat == "north"] == [True]
        assert all(closed.whole for closed in seen.closed if closed.seat == "north")
        assert len(set(seen.places)) == len(seen.places)


def _of_north(counts: Counter[str]) -> Counter[str]:
    return Counter({place: count for place, count in counts.items() if place.startswith("north/")})


async def _closed(client: moq.Client) -> int | None:
    """The code with which the relay closed a session."""
    assert client.session is not None
    with pytest.raises(moq.Error) as caught:
        await asyncio.wait_for(client.session.closed(), 10)
    details = moq.protocol_error(caught.value)
    return None if details is None else details.code


async def test_nothing_hostile_happens_and_nobody_is_disturbed(tmp_path: Path) -> None:
    """The control: what the other cases compare with, and nobody is named."""
    async with undisturbed(tmp_path) as at:
        await asyncio.sleep(0.5)
    assert at.authority.refusals() == []


_PATHS = [_NORTH, _SOUTH, f"{DISCUSSION}/host", DISCUSSION, "rubbish", "", "a/b" * 10, "x" * 500]


@pytest.mark.parametrize("path", _PATHS)
async def test_a_viewer_that_publishes_is_disconnected_and_named(tmp_path: Path, path: str) -> None:
    async with undisturbed(tmp_path) as at:
        origin = moq.OriginProducer()
        async with at.client(publish=origin) as viewer:
            broadcast = origin.create_broadcast(path)
            broadcast.announce()
            assert await _closed(viewer) == 403
        await until(lambda: len(at.authority.refusals()) == 1, "the host is told")
    assert "a viewer announced" in at.authority.refusals()[0]


@pytest.mark.parametrize("path", [_NORTH, f"{DISCUSSION}/host", f"{_SOUTH}/more", DISCUSSION, "other/south"])
async def test_a_side_that_announces_another_path_is_cut_and_named(tmp_path: Path, path: str) -> None:
    async with undisturbed(tmp_path) as at:
        origin = moq.OriginProducer()
        async with at.client("token-south", publish=origin) as south:
            own = origin.create_broadcast(_SOUTH)
            own.announce()
            other = origin.create_broadcast(path)
            other.announce()
            assert await _closed(south) == 403
        await until(lambda: len(at.authority.refusals()) == 1, "the host is told")
    assert _SOUTH in at.authority.refusals()[0]
    assert ("disconnected", "refused") in at.authority.told


async def test_a_side_that_fakes_the_other_sides_catalogue_and_samples_reaches_nobody(tmp_path: Path) -> None:
    async with undisturbed(tmp_path) as at, at.bare("token-south", _NORTH) as fake:
        fake.track("catalog.json").one(0, catalog([PICTURE, SOUND]), 0)
        for number in range(50):
            fake.track("floor.1", SOUND).one(number, encode_frame(number, b"fake"), 0)
        await until(lambda: len(at.authority.refusals()) == 1, "the host is told")


@pytest.mark.parametrize(
    "token", ["guessed", "", "id-north", "token-north2", "%00", "x" * 5_000, "x&token=token-south"]
)
async def test_a_guessed_token_opens_nothing(tmp_path: Path, token: str) -> None:
    async with undisturbed(tmp_path) as at:
        async with at.client(token) as guesser:
            assert await _closed(guesser) == 2
        await until(lambda: len(at.authority.refusals()) == 1, "the host is told")
        assert token == "" or token[:20] not in at.authority.refusals()[0]


async def test_a_void_token_ends_its_session_and_opens_no_other(tmp_path: Path) -> None:
    """The leaked stage address: renewing it voids the token of whoever used it."""
    async with undisturbed(tmp_path) as at:
        thief = at.client("token-south")
        async with thief:
            await until(lambda: ("connected", "id-south") in at.authority.told, "the thief is in")
            at.relay.cut(at.authority.tokens.pop("token-south"), "renewed")
            assert await _closed(thief) == 410
        async with at.client("token-south") as again:
            assert await _closed(again) == 2


async def test_many_sessions_that_announce_rubbish_are_all_cut(tmp_path: Path) -> None:
    """A thousand sessions, some of them with many announcements, fifty at a time."""

    async def one(number: int) -> None:
        origin = moq.OriginProducer()
        kept = []
        for each in range(1 + 20 * (number % 10 == 0)):
            broadcast = origin.create_broadcast(
                f"rubbish/{number}/{each}" if number % 3 else f"{_NORTH}/{each}"
            )
            broadcast.announce()
            kept.append(broadcast)
        try:
            async with at.client(publish=origin) as client:
                assert client.session is not None
                await asyncio.wait_for(client.session.closed(), 30)
        except moq.Error:
            return

    async with undisturbed(tmp_path) as at:
        for start in range(0, 1_000, 50):
            await asyncio.gather(*(one(number) for number in range(start, start + 50)))
        await until(lambda: at.relay.sessions == 2, "only the good ones are left")
        await until(lambda: len(at.authority.refusals()) == 1_000, "each was named")


_BAD_CATALOGS = {
    "not JSON": b"{",
    "empty": b"",
    "not an object": b"[]",
    "deep": b"[" * 60_000,
    "too large": b" " * 70_000,
    "not UTF-8": b"\xff\xfe",
    "another run": catalog([SOUND], run="fedcba9876543210"),
    "no section of ours": b'{"video":{"renditions":{}}}',
    "a bad name": catalog([SOUND]).replace(b"floor.1", b"../../1"),
}


@pytest.mark.parametrize("what", _BAD_CATALOGS)
async def test_a_bad_catalogue_shows_nothing_and_a_good_one_after_it_does(tmp_path: Path, what: str) -> None:
    async with house(tmp_path) as at, Seen(at.watcher()) as seen, at.bare("token-south", _SOUTH) as south:
        south.track("catalog.json").one(0, _BAD_CATALOGS[what], 0)
        await asyncio.sleep(0.3)
        assert seen.seats == []
        assert at.sink.runs == []
        south.track("catalog.json").one(1, catalog([SOUND]), 0)
        await until(lambda: seen.seats == [("south", True)], "the good catalogue shows the seat")


async def test_a_side_that_keeps_breaking_the_format_is_cut(tmp_path: Path) -> None:
    async with undisturbed(tmp_path) as at:
        origin = moq.OriginProducer()
        broadcast = Broadcast(origin, _SOUTH)
        broadcast.track("catalog.json")
        async with at.client("token-south", publish=origin) as south:
            for number in range(20):
                broadcast.track("catalog.json").one(number, b"{%d" % number, 0)
                await asyncio.sleep(0.02)
            assert await _closed(south) == 400
        await until(lambda: len(at.authority.refusals()) == 1, "the host is told")
        broadcast.close()


_BAD_GROUPS = {
    "no timestamp": [b""],
    "half a timestamp": [b"\xc0\x00"],
    "over the limit": [encode_frame(0, bytes(MAX_SAMPLE_BYTES + 9))],
    "a timestamp out of range": [encode_frame(1 << 60, b"x")],
}


@pytest.mark.parametrize("what", _BAD_GROUPS)
async def test_a_bad_group_is_cut_and_the_next_one_goes_on(tmp_path: Path, what: str) -> None:
    async with house(tmp_path) as at, Seen(at.watcher()) as seen, at.bare("token-south", _SOUTH) as south:
        south.track("catalog.json").one(0, catalog([SOUND]), 0)
        await until(lambda: seen.seats == [("south", True)], "it is there")
        bad = south.track("floor.1", SOUND).group(0)
        for frame in _BAD_GROUPS[what]:
            bad.write(frame, 0)
        bad.finish()
        south.track("floor.1").one(1, encode_frame(40_000, b"good"), 0)
        await until(lambda: ("south/floor.1", 1, 0) in seen.places, "the good group arrives")
        await until(lambda: len(at.sink.closed) == 2, "both are accounted for")
        wholes = {group: whole for _, group, _, whole in at.sink.closed}
        assert wholes == {0: False, 1: True}
        assert not any(closed.whole for closed in seen.closed if closed.group == 0)


async def test_what_stands_behind_a_packet_in_its_group_is_not_taken(tmp_path: Path) -> None:
    async with house(tmp_path) as at, Seen(at.watcher()) as seen, at.bare("token-south", _SOUTH) as south:
        south.track("catalog.json").one(0, catalog([SOUND]), 0)
        await until(lambda: seen.seats == [("south", True)], "it is there")
        two = south.track("floor.1", SOUND).group(0)
        for timestamp_us in (0, 20_000):
            two.write(encode_frame(timestamp_us, b"x"), timestamp_us)
        two.finish()
        south.track("floor.1").one(1, encode_frame(40_000, b"good"), 0)
        await until(lambda: ("south/floor.1", 1, 0) in seen.places, "the next group arrives")
        assert at.sink.counts() == seen.samples == Counter({"south/floor.1": 2})
        assert at.sink.closed == [("south/floor.1", 0, 1, True), ("south/floor.1", 1, 1, True)]


async def test_a_picture_whose_time_goes_back_ends_its_group(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.bare("token-south", _SOUTH) as south:
        south.track("catalog.json").one(0, catalog([PICTURE]), 0)
        group = south.track("hd.1", PICTURE).group(0)
        for timestamp_us in (0, 40_000, 40_000, 80_000):
            group.write(encode_frame(timestamp_us, b"x"), timestamp_us)
        await until(lambda: at.sink.closed == [("south/hd.1", 0, 2, False)], "it ends after two")


async def test_a_changed_configuration_under_an_old_name_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.bare("token-south", _SOUTH) as south, at.client() as client:
        track = south.track("catalog.json")
        track.one(0, catalog([PICTURE]), 0)
        broadcast = await client.announced_broadcast(_SOUTH)
        catalogs = await broadcast.subscribe_track("catalog.json")
        first = await catalogs.read_frame()
        other = replace(PICTURE, width=1280)
        track.one(1, catalog([other]), 0)
        track.one(2, catalog([PICTURE, SMALL]), 0)
        second = await catalogs.read_frame()
        assert first is not None
        assert second is not None
        assert first.payload == catalog([PICTURE])
        assert second.payload == catalog([PICTURE, SMALL])


async def test_groups_that_never_end_are_given_up_one_by_one(tmp_path: Path) -> None:
    async with undisturbed(tmp_path) as at, at.bare("token-south", _SOUTH) as south:
        south.track("catalog.json").one(0, catalog([PICTURE]), 0)
        kept = []
        for number in range(100):
            group = south.track("hd.1", PICTURE).group(number)
            group.write(encode_frame(number, b""), number)  # a marker is no sample
            kept.append(group)
        given_up = 100 - 32
        await until(
            lambda: sum(place == "south/hd.1" for place, *_ in at.sink.closed) == given_up,
            "the oldest are given up",
        )
        at.relay.end_run(DISCUSSION, "south", "left")
        at.sink.closed[:] = [each for each in at.sink.closed if each[0] != "south/hd.1"]


async def test_a_side_that_floods_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # One process cannot send as much as the real limit allows while it also plays the host.
    monkeypatch.setattr("vivavoce.line.run._SAMPLES_PER_S", 300)
    async with undisturbed(tmp_path) as at:
        origin = moq.OriginProducer()
        broadcast = Broadcast(origin, _SOUTH)
        broadcast.track("catalog.json").one(0, catalog([SOUND]), 0)
        async with at.client("token-south", publish=origin) as south:
            await until(lambda: ("south", "started") in at.sink.runs, "it is on air")

            async def flood() -> None:
                number = 0
                while True:
                    for _ in range(20):
                        broadcast.track("floor.1", SOUND).one(number, encode_frame(number, b""), 0)
                        number += 1
                    await asyncio.sleep(0.01)

            flooding = asyncio.get_running_loop().create_task(flood())
            assert await _closed(south) == 429
            flooding.cancel()
        await until(lambda: len(at.authority.refusals()) == 1, "the host is told")
        broadcast.close()


async def test_a_grant_for_another_seat_does_not_help(tmp_path: Path) -> None:
    async with undisturbed(tmp_path) as at:
        at.authority.tokens["token-booth"] = grant("booth-en", token="id-booth")
        async with at.bare("token-booth", _NORTH) as fake:
            fake.track("catalog.json").one(0, catalog([SOUND]), 0)
            await until(lambda: len(at.authority.refusals()) == 1, "the host is told")
