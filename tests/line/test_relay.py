"""Promise: what a side sends is what viewers and sinks get, all of it, in order and in time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import moq
import pytest

from tests.fakes.line import DISCUSSION, grant
from tests.line.parts import CLOCK, PICTURE, SMALL, SOUND, Seen, Talking, catalog, certificate, house, until
from vivavoce.errors import RefusedError, UnavailableError
from vivavoce.line.gate import _ON_ITS_WAY_S
from vivavoce.line.relay import Relay
from vivavoce.line.sample import encode_frame

pytestmark = pytest.mark.anyio

_PATH = f"{DISCUSSION}/north"


async def test_every_sample_of_two_sides_reaches_a_viewer_and_the_sinks(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as at,
        Seen(at.watcher()) as seen,
        at.publisher("north") as north,
        at.publisher("south") as south,
        Talking(north) as one,
        Talking(south) as other,
    ):
        await asyncio.sleep(2)
        await one.hush()
        await other.hush()
        north.set_tracks([SOUND])
        south.set_tracks([SOUND])
        written = one.places("north") | other.places("south")
        await until(lambda: at.sink.counts() == written, f"the sink has all of {written}")
        await until(lambda: seen.samples == written, f"the viewer has all of {written}")
        assert all(closed.whole for closed in seen.closed)
        assert all(whole for *_, whole in at.sink.closed)
        assert seen.line == ["live"]
        assert sorted(seen.seats) == [("north", True), ("south", True)]
        assert at.authority.sent_at_us


async def test_a_catalogue_goes_out_byte_for_byte_with_keys_that_we_do_not_know(tmp_path: Path) -> None:
    raw = b'{ "someone\'s": [1.50, "\\u00e9"],\n  ' + catalog([PICTURE, SOUND])[1:]
    async with house(tmp_path) as at, at.bare("token-north", _PATH) as broadcast, at.client() as client:
        broadcast.track("catalog.json").one(0, raw, 0)
        seen = await client.announced_broadcast(_PATH)
        frame = await (await seen.subscribe_track("catalog.json")).read_frame()
        assert frame is not None
        assert frame.payload == raw


async def test_a_stock_reader_takes_the_catalogue(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.publisher() as north, at.client() as client:
        north.set_tracks([PICTURE, SMALL, SOUND])
        stock = await (await client.announced_broadcast(_PATH)).catalog()
        assert set(stock.video) == {"hd.1", "sd.1"}
        assert set(stock.audio) == {"floor.1"}


async def test_a_stock_player_reads_the_samples_of_a_side(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.publisher() as north, Talking(north), at.client() as client:
        broadcast = await client.announced_broadcast(_PATH)
        catalog = await broadcast.catalog()
        sound = await broadcast.subscribe_media("floor.1", catalog.audio["floor.1"])
        frame = await asyncio.wait_for(anext(sound), 5)
        assert frame.payload == bytes(160)
        picture = await broadcast.subscribe_media("hd.1", catalog.video["hd.1"])
        frame = await asyncio.wait_for(anext(picture), 5)
        assert len(frame.payload) == 2_000


async def test_what_was_sent_before_the_relay_asked_is_not_lost(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.publisher() as north:
        north.set_tracks([SOUND])
        for number in range(20):
            north.write("floor.1", number * 20_000, True, bytes([number]))
        await until(lambda: len(at.sink.samples.get("north/floor.1", [])) == 20, "all twenty are there")
        assert sorted(each.group for each in at.sink.samples["north/floor.1"]) == list(range(20))


async def test_who_comes_late_gets_the_newest_group_from_its_key(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.publisher() as north:
        north.set_tracks([PICTURE])
        for number in range(5):
            north.write("hd.1", number * 40_000, number == 0, b"picture")
        await until(lambda: len(at.sink.samples.get("north/hd.1", [])) == 5, "the relay has them")
        async with Seen(at.watcher()) as seen:
            await until(lambda: seen.samples["north/hd.1"] == 5, "the late viewer has them")
            assert seen.places[0] == ("north/hd.1", 0, 0)


async def test_a_new_track_is_a_new_name_and_the_old_one_falls_silent(tmp_path: Path) -> None:
    async with house(tmp_path) as at, Seen(at.watcher()) as seen, at.publisher() as north:
        north.set_tracks([PICTURE])
        north.write("hd.1", 0, True, b"old")
        await until(lambda: seen.samples["north/hd.1"] == 1, "the old track")
        north.set_tracks([SMALL])
        north.write("sd.1", 40_000, True, b"new")
        await until(lambda: seen.samples["north/sd.1"] == 1, "the new track")
        assert at.sink.tracks == ["hd.1", "sd.1"]


async def test_what_is_on_its_way_when_its_track_leaves_the_catalogue_arrives_whole(tmp_path: Path) -> None:
    """The catalogue overtakes pictures on a line that is too thin for them."""
    path = f"{DISCUSSION}/north"
    async with house(tmp_path) as at, at.bare("token-north", path) as broadcast:
        hd = broadcast.track("hd.1", PICTURE)
        broadcast.track("catalog.json").one(0, catalog([PICTURE, SMALL]), 0)
        group = hd.group(0)
        group.write(encode_frame(0, b"key"), 0)
        await until(lambda: at.sink.counts()["north/hd.1"] == 1, "its beginning")
        broadcast.track("catalog.json").one(1, catalog([SMALL]), 0)
        await until(lambda: "hd.1" not in at.relay.catalogs(DISCUSSION)["north"], "it left the catalogue")
        group.write(encode_frame(40_000, b"more"), 40_000)
        group.finish()
        await until(lambda: ("north/hd.1", 0, 2, True) in at.sink.closed, "its end")


async def test_a_track_that_stays_away_from_the_catalogue_is_not_followed(tmp_path: Path) -> None:
    path = f"{DISCUSSION}/north"
    async with house(tmp_path) as at, at.bare("token-north", path) as broadcast:
        hd = broadcast.track("hd.1", PICTURE)
        broadcast.track("catalog.json").one(0, catalog([PICTURE, SMALL]), 0)
        hd.one(0, encode_frame(0, b"key"), 0)
        await until(lambda: at.sink.counts()["north/hd.1"] == 1, "its beginning")
        broadcast.track("catalog.json").one(1, catalog([SMALL]), 0)
        await asyncio.sleep(_ON_ITS_WAY_S + 0.5)
        for number in range(1, 10):
            hd.one(number, encode_frame(40_000 * number, b"more"), 40_000 * number)
        await asyncio.sleep(0.5)
        assert at.sink.counts()["north/hd.1"] == 1
        broadcast.track("catalog.json").one(2, catalog([PICTURE, SMALL]), 0)
        hd.one(10, encode_frame(400_000, b"key"), 400_000)
        await until(lambda: at.sink.counts()["north/hd.1"] > 1, "it is listed again")


async def test_the_hosts_word_reaches_every_viewer_at_once_and_who_comes_later(tmp_path: Path) -> None:
    async with house(tmp_path) as at, Seen(at.watcher()) as early:
        at.relay.publish_state(DISCUSSION, {"version": 1, "at_us": 1})
        await until(lambda: early.states == 1, "the early viewer has it")
        async with Seen(at.watcher()) as late:
            await until(lambda: late.states == 1, "the late viewer has it")
        at.relay.forget(DISCUSSION)
        at.relay.publish_state(DISCUSSION, {"version": 1, "at_us": 2})
        await until(lambda: early.states == 2, "it goes on after it was taken back")


async def test_leaving_closes_the_broadcast_and_the_next_run_opens_another(tmp_path: Path) -> None:
    async with house(tmp_path) as at, Seen(at.watcher()) as seen:
        async with at.publisher() as north, Talking(north):
            await until(lambda: seen.samples["north/floor.1"] > 5, "it talks")
            at.relay.end_run(DISCUSSION, "north", "left")
            assert await asyncio.wait_for(north.ended(), 5) == "air.not_on"
        await until(lambda: ("north", False) in seen.seats, "the viewer knows")
        at.authority.tokens["token-again"] = grant("north", run="fedcba9876543210", token="id-again")
        before = seen.samples["north/floor.1"]
        async with at.publisher(token="token-again") as north, Talking(north):
            await until(lambda: seen.samples["north/floor.1"] > before + 5, "it talks again")
        assert at.sink.runs[:3] == [("north", "started"), ("north", "left"), ("north", "started")]


async def test_a_take_over_ends_the_other_device_and_its_public_broadcast(tmp_path: Path) -> None:
    async with house(tmp_path) as at, Seen(at.watcher()) as seen, at.publisher() as old, Talking(old):
        await until(lambda: seen.samples["north/floor.1"] > 5, "the old device talks")
        at.authority.tokens["token-new"] = grant("north", run="fedcba9876543210", token="id-new")
        at.relay.cut(at.authority.tokens.pop("token-north"), "taken_over")
        assert await asyncio.wait_for(old.ended(), 5) == "air.not_on"
        before = seen.samples["north/floor.1"]
        async with at.publisher(token="token-new") as new, Talking(new):
            await until(lambda: seen.samples["north/floor.1"] > before + 5, "the new device talks")
        with pytest.raises(RefusedError, match=r"access\.token"):
            await at.publisher(grant=grant("north"), token="token-north").__aenter__()
        assert ("north", "taken_over") in at.sink.runs


async def test_a_full_relay_says_so_and_keeps_who_is_there(tmp_path: Path) -> None:
    async with house(tmp_path, max_sessions=2) as at, at.publisher() as north, Talking(north):
        async with Seen(at.watcher()) as seen:
            with pytest.raises(UnavailableError, match=r"line\.full"):
                await at.watcher().__aenter__()
            before = seen.samples["north/floor.1"]
            await until(lambda: seen.samples["north/floor.1"] > before + 5, "the viewer goes on")
        await until(lambda: at.relay.sessions == 1, "the place is free again")
        async with Seen(at.watcher()) as seen:
            await until(lambda: seen.samples["north/floor.1"] > 5, "the next viewer has it")


async def test_a_busy_port_is_named(tmp_path: Path) -> None:
    async with house(tmp_path) as at:
        other = Relay(
            bind=f"127.0.0.1:{at.port}",
            certificate=certificate(tmp_path / "other"),
            authority=at.authority,
            clock=CLOCK,
        )
        with pytest.raises(UnavailableError, match=rf"{at.port}.*port\.busy"):
            await other.__aenter__()


async def test_a_track_that_no_catalogue_lists_is_refused_at_once(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.publisher() as north, at.client() as client:
        north.set_tracks([SOUND])
        broadcast = await client.announced_broadcast(_PATH)
        with pytest.raises(moq.Error):
            await asyncio.wait_for(broadcast.subscribe_track("secret.1"), 5)


async def test_stopping_ends_every_session_and_run(tmp_path: Path) -> None:
    async with house(tmp_path) as at:
        async with Seen(at.watcher()) as seen, at.publisher() as north, Talking(north):
            await until(lambda: seen.samples["north/floor.1"] > 5, "it talks")
            await at.relay.__aexit__(None, None, None)
            await until(lambda: "reconnecting" in seen.line, "the viewer knows")
        assert at.sink.runs[-1] == ("north", "stopped")
