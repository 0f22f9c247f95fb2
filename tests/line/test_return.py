"""Promise: a device whose network comes back goes on by itself, and viewers have nothing to do."""

from __future__ import annotations

import asyncio
from pathlib import Path

import moq
import pytest

from tests.fakes.line import DISCUSSION, Network, grant
from tests.line.parts import PICTURE, SOUND, Seen, Talking, catalog, certificate, house, until
from vivavoce.line.broadcast import Broadcast
from vivavoce.line.sample import encode_frame

pytestmark = pytest.mark.anyio

_NORTH = f"{DISCUSSION}/north"


async def test_a_side_comes_back_and_its_viewer_notices_only_the_hole(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as at,
        Network(at.port) as network,
        Seen(at.watcher()) as seen,
        at.publisher(port=network.port) as north,
        Talking(north),
    ):
        await until(lambda: seen.samples["north/hd.1"] > 10, "north is seen")
        network.down = True
        await until(lambda: not north.live, "north notices that its line is dead")
        await asyncio.sleep(2)
        sent = at.sink.counts()["north/floor.1"]
        network.down = False
        await until(lambda: at.sink.counts()["north/floor.1"] > sent + 10, "north goes on")
        before = seen.samples["north/hd.1"]
        await until(lambda: seen.samples["north/hd.1"] > before + 10, "the picture goes on")
        # the viewer did nothing, and saw the seat all the while
        assert seen.line == ["live"]
        assert seen.seats == [("north", True)]
        # one run, whose group numbers rise, none twice; what was cut is not whole
        assert at.sink.runs == [("north", "started")]
        groups = [(place, group) for place, group, *_ in at.sink.closed]
        assert len(set(groups)) == len(groups)
        assert any(not whole for *_, whole in at.sink.closed)
        assert len(set(seen.places)) == len(seen.places)


async def test_a_dead_line_is_replaced_after_every_outage(tmp_path: Path) -> None:
    """How soon is measured by bench/relay.py (`back_us`)."""
    async with (
        house(tmp_path) as at,
        Network(at.port) as network,
        at.publisher(port=network.port) as north,
        Talking(north),
    ):
        await until(lambda: at.sink.counts()["north/floor.1"] > 10, "north is heard")
        for _ in range(2):
            network.down = True
            await until(lambda: not north.live, "north notices that its line is dead")
            await asyncio.sleep(1)
            network.down = False
            sent = at.sink.counts()["north/floor.1"]
            await until(lambda: at.sink.counts()["north/floor.1"] > sent, "north goes on")  # noqa: B023
            await until(lambda: north.live, "north knows it")


async def test_a_short_break_needs_no_new_session(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as at,
        Network(at.port) as network,
        at.publisher(port=network.port) as north,
        Talking(north) as talking,
    ):
        await until(lambda: at.sink.counts()["north/floor.1"] > 10, "north is heard")
        network.down = True
        await asyncio.sleep(0.3)
        network.down = False
        await asyncio.sleep(1)
        await talking.hush()
        north.set_tracks([SOUND])
        await until(lambda: at.sink.counts() == talking.places("north"), "nothing was lost")
        assert [kind for kind, _ in at.authority.told] == ["connected"]
        assert all(whole for *_, whole in at.sink.closed)


async def test_a_viewer_comes_back_by_itself(tmp_path: Path) -> None:
    async with (
        house(tmp_path) as at,
        Network(at.port) as network,
        at.publisher() as north,
        Talking(north),
        Seen(at.watcher(port=network.port)) as seen,
    ):
        await until(lambda: seen.samples["north/hd.1"] > 25, "north is seen")
        await asyncio.sleep(1)
        network.down = True
        await until(lambda: seen.line[-1] == "reconnecting", "the viewer notices")
        network.down = False
        await until(lambda: seen.line[-1] == "live", "the viewer is back")
        before = seen.samples["north/hd.1"]
        await until(lambda: seen.samples["north/hd.1"] > before + 10, "north is seen again")
        assert seen.seats == [("north", True)]
        assert len(set(seen.places)) == len(seen.places)


async def test_an_idle_viewer_does_not_redial(tmp_path: Path) -> None:
    async with house(tmp_path) as at, Seen(at.watcher()) as seen:
        await asyncio.sleep(4)
        assert seen.line == ["live"]


async def test_the_newest_session_of_a_token_wins_while_the_old_one_still_stands(tmp_path: Path) -> None:
    async with house(tmp_path) as at, Seen(at.watcher()) as seen:
        first, second = moq.OriginProducer(), moq.OriginProducer()
        old, new = Broadcast(first, _NORTH), Broadcast(second, _NORTH)
        old.track("catalog.json").one(0, catalog([PICTURE]), 0)
        new.track("catalog.json").one(0, catalog([PICTURE]), 0)
        async with at.client("token-north", publish=first) as one:
            open_group = old.track("hd.1", PICTURE).group(0)
            open_group.write(encode_frame(0, b"key"), 0)
            await until(lambda: seen.samples["north/hd.1"] == 1, "the old session is seen")
            async with at.client("token-north", publish=second):
                new.track("hd.1", PICTURE).one(1, encode_frame(80_000, b"key"), 0)
                await until(lambda: ("north/hd.1", 1, 0) in seen.places, "the new session is seen")
                assert one.session is not None
                with pytest.raises(moq.Error) as caught:
                    await asyncio.wait_for(one.session.closed(), 5)
                details = moq.protocol_error(caught.value)
                assert details is not None
                assert details.code == 409
        assert seen.seats == [("north", True)]
        assert ("north/hd.1", 0, 1, False) in at.sink.closed
        await until(lambda: at.authority.told[-1][0] == "disconnected", "both are gone")
        # they overlapped, so the device was there from the first to the last
        assert [kind for kind, _ in at.authority.told] == ["connected", "disconnected"]
        old.close()
        new.close()


async def test_a_group_number_that_was_used_is_not_used_again(tmp_path: Path) -> None:
    async with house(tmp_path) as at:
        for sent in (b"first", b"again"):
            async with at.bare("token-north", _NORTH) as north:
                north.track("floor.1", SOUND)
                north.track("catalog.json").one(0, catalog([SOUND]), 0)
                north.track("floor.1").one(0, encode_frame(0, sent), 0)
                north.track("floor.1").one(1 if sent == b"first" else 2, encode_frame(20_000, sent), 0)
                highest = 1 if sent == b"first" else 2
                await until(
                    lambda: any(each.group == highest for each in at.sink.samples.get("north/floor.1", [])),  # noqa: B023
                    "it is heard",
                )
        assert [each.data for each in at.sink.samples["north/floor.1"] if each.group == 0] == [b"first"]


async def test_a_catalogue_that_says_the_same_again_is_not_sent_again(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.client() as client:
        async with at.bare("token-north", _NORTH) as north:
            north.track("catalog.json").one(0, catalog([SOUND]), 0)
            broadcast = await client.announced_broadcast(_NORTH)
            catalogs = await broadcast.subscribe_track("catalog.json")
            first = await asyncio.wait_for(catalogs.read_frame(), 5)
        async with at.bare("token-north", _NORTH) as north:
            north.track("catalog.json").one(0, catalog([SOUND]), 0)
            north.track("catalog.json").one(1, catalog([SOUND, PICTURE]), 0)
            second = await asyncio.wait_for(catalogs.read_frame(), 5)
        assert first is not None
        assert second is not None
        assert (first.payload, second.payload) == (catalog([SOUND]), catalog([SOUND, PICTURE]))


async def test_a_new_certificate_is_served_and_runs_go_on(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.publisher() as north, Talking(north):
        await until(lambda: at.sink.counts()["north/floor.1"] > 10, "north is heard")
        old = at.relay.fingerprint
        await at.relay.renew(certificate(tmp_path / "new"))
        assert at.relay.fingerprint != old
        assert at.relay.port == at.port
        async with Seen(at.watcher()) as seen:
            await until(lambda: seen.seats == [("north", True)], "the run stands")
            # the device pins the old fingerprint: its page asks the host for the new one
            async with at.publisher() as again:
                again.set_tracks([SOUND])
        assert at.sink.runs == [("north", "started")]


async def test_another_grant_for_the_same_seat_ends_the_run_before(tmp_path: Path) -> None:
    async with house(tmp_path) as at, Seen(at.watcher()) as seen:
        at.authority.tokens["token-new"] = grant("north", run="fedcba9876543210", token="id-new")
        async with at.publisher() as old, Talking(old):
            await until(lambda: seen.samples["north/floor.1"] > 5, "the old run is seen")
            async with at.publisher(token="token-new") as new, Talking(new):
                assert await asyncio.wait_for(old.ended(), 5) == "air.not_on"
                before = seen.samples["north/floor.1"]
                await until(lambda: seen.samples["north/floor.1"] > before + 5, "the new run is seen")
        assert at.sink.runs[:3] == [("north", "started"), ("north", "taken_over"), ("north", "started")]
