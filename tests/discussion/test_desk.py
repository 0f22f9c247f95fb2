"""The desk: decides, keeps, then tells the line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.lines import FakeClock, FakeLine, FakeRecording
from vivavoce.discussion.database import database_url
from vivavoce.discussion.desk import IN_USE_US, STATE_EVERY_US, Created, Desk
from vivavoce.discussion.discussion import seats_of
from vivavoce.discussion.store import Store
from vivavoce.errors import RefusedError, UnavailableError, YourInputError

pytestmark = pytest.mark.anyio
SECOND = 1_000_000


@dataclass
class Studio:
    desk: Desk
    line: FakeLine
    recording: FakeRecording
    clock: FakeClock
    store: Store

    async def made(self) -> Created:
        return await self.desk.create("A talk", seats_of([("", "en"), ("", "ru")]))

    async def on_air(self, id: str, seat: str, device: str, *, take_over: bool = False) -> Any:
        room = await self.desk.room(id)
        return await self.desk.go_on_air(room, seat, device, take_over=take_over, held_token=None)

    def seat(self, id: str, seat: str) -> Any:
        return self.line.shown[id]["seats"][seat]

    def events(self, id: str) -> list[str]:
        return [event["event"] for event in self.line.shown[id]["events"]]


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with Store(database_url(f"sqlite:///{tmp_path / 'desk.db'}")) as store:
        clock = FakeClock()
        studio = Studio(Desk(store, clock), FakeLine(), FakeRecording(), clock, store)
        studio.desk.attach(studio.line, studio.recording)
        await studio.desk.open()
        yield studio
        await studio.desk.close()


async def test_a_new_discussion_is_shown_and_its_record_opened(studio: Studio) -> None:
    made = await studio.made()
    id = made.discussion.id
    assert studio.recording.opened[id]["title"] == "A talk"
    assert studio.recording.opened[id]["seats"]["north"]["language"] == "en"
    shown = studio.line.shown[id]
    assert shown["recording"] == "running"
    assert shown["seats"]["south"] == {
        "kind": "side",
        "name": "South",
        "language": "ru",
        "on_air": False,
        "sending": False,
        "since_us": None,
        "run": None,
        "device": None,
    }


async def test_a_token_is_good_exactly_while_it_is_on_air(studio: Studio) -> None:
    id = (await studio.made()).discussion.id
    first = await studio.on_air(id, "north", "the phone")
    assert studio.desk.grant(first.token) == first.grant
    assert first.grant.path == f"{id}/north"
    assert studio.desk.grant("a guess") is None
    second = await studio.on_air(id, "north", "the laptop", take_over=True)
    assert studio.desk.grant(first.token) is None
    assert studio.desk.grant(second.token) == second.grant
    assert studio.line.ended == [(id, "north", "taken_over")]
    room = await studio.desk.room(id)
    await studio.desk.leave(room, "north", second.token)
    assert studio.desk.grant(second.token) is None
    assert studio.events(id) == ["went_on_air", "taken_over", "left"]
    assert studio.desk.on_air == 0


async def test_renewing_voids_the_secret_and_the_token_and_ends_the_run(studio: Studio) -> None:
    made = await studio.made()
    id = made.discussion.id
    on_air = await studio.on_air(id, "north", "the phone")
    room = await studio.desk.room(id)
    secret = await studio.desk.renew(room, "north")
    assert studio.desk.grant(on_air.token) is None
    assert studio.line.ended == [(id, "north", "renewed")]
    studio.desk.check_secret(room, "north", secret)
    studio.desk.check_secret(room, "south", made.secrets["south"])
    with pytest.raises(RefusedError, match=r"access\.stage"):
        studio.desk.check_secret(room, "north", made.secrets["north"])


async def test_the_state_tells_whether_samples_arrive(studio: Studio) -> None:
    id = (await studio.made()).discussion.id
    grant = (await studio.on_air(id, "north", "the phone")).grant
    assert not studio.seat(id, "north")["sending"]
    studio.desk.sending(grant, studio.clock.at_us)
    assert studio.seat(id, "north")["sending"]
    studio.clock.at_us += SECOND + 1
    studio.desk.tick()
    assert not studio.seat(id, "north")["sending"]
    assert studio.seat(id, "north")["on_air"]
    studio.desk.sending(grant, studio.clock.at_us)
    assert studio.events(id) == ["went_on_air", "lost", "returned"]


async def test_the_state_is_shown_at_each_change_and_every_two_seconds(studio: Studio) -> None:
    id = (await studio.made()).discussion.id
    shown = studio.line.shown.pop(id)
    studio.desk.tick()
    assert id not in studio.line.shown
    studio.clock.at_us += STATE_EVERY_US
    studio.recording.state = "disk_full"
    studio.desk.tick()
    assert studio.line.shown[id]["at_us"] == shown["at_us"] + STATE_EVERY_US
    assert studio.line.shown[id]["recording"] == "disk_full"


async def test_a_room_that_nobody_uses_is_let_go_and_comes_back(studio: Studio) -> None:
    used = (await studio.made()).discussion.id
    idle = (await studio.made()).discussion.id
    let_go: list[str] = []
    studio.desk.on_let_go.append(let_go.append)
    await studio.on_air(used, "north", "the phone")
    studio.clock.at_us += IN_USE_US + 1
    studio.desk.tick()
    assert set(studio.desk.rooms) == {used}
    assert studio.line.forgotten == let_go == [idle]
    assert (await studio.desk.room(idle)).discussion.id == idle


async def test_refusals_are_counted_each_and_shown_now_and_then(studio: Studio) -> None:
    id = (await studio.made()).discussion.id
    grant = (await studio.on_air(id, "north", "the phone")).grant
    for _ in range(1000):
        studio.desk.refused("announced another's path", grant)
        studio.desk.refused("announced without a token", None)
    assert sum(studio.desk.refusals.values()) == 2000
    assert studio.events(id) == ["went_on_air", "refused"]


async def test_after_a_restart_the_device_on_air_comes_back_with_its_token(studio: Studio) -> None:
    id = (await studio.made()).discussion.id
    on_air = await studio.on_air(id, "north", "the phone")
    studio.desk.sending(on_air.grant, studio.clock.at_us)
    after = Desk(studio.store, studio.clock)
    line = FakeLine()
    after.attach(line, studio.recording)
    await after.open()
    assert after.grant(on_air.token) == on_air.grant
    studio.clock.at_us += 2 * SECOND
    after.tick()
    after.sending(on_air.grant, studio.clock.at_us)
    assert [event["event"] for event in line.shown[id]["events"]] == ["went_on_air", "lost", "returned"]
    await after.close()


async def test_two_devices_that_ask_at_once_do_not_both_get_the_air(studio: Studio) -> None:
    id = (await studio.made()).discussion.id
    results = await asyncio.gather(
        *(studio.on_air(id, "north", f"device {number}") for number in range(10)), return_exceptions=True
    )
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert all(
        isinstance(r, RefusedError) and r.code == "air.taken" for r in results if isinstance(r, BaseException)
    )
    assert studio.desk.on_air == 1


async def test_an_act_that_cannot_be_kept_does_not_take_effect(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = (await studio.made()).discussion.id

    async def full(*_: object, **__: object) -> None:
        raise UnavailableError("disk.full", "The database cannot be written.")

    with monkeypatch.context() as patch:
        patch.setattr(studio.store, "change", full)
        with pytest.raises(UnavailableError):
            await studio.on_air(id, "north", "the phone")
    assert studio.desk.on_air == 0
    assert not studio.seat(id, "north")["on_air"]
    await studio.on_air(id, "north", "the phone")


@pytest.mark.parametrize("id", ["aaaaaaaaaa", "", "../../../etc", "\0", "a" * 10_000])
async def test_a_discussion_that_is_not_here_is_unknown(studio: Studio, id: str) -> None:
    with pytest.raises(YourInputError, match=r"discussion\.unknown"):
        await studio.desk.room(id)
    assert not studio.desk.rooms


async def test_a_seat_that_is_not_there_is_unknown(studio: Studio) -> None:
    room = await studio.desk.room((await studio.made()).discussion.id)
    for act in (
        lambda: studio.desk.leave(room, "east", "token"),
        lambda: studio.desk.renew(room, "host"),
    ):
        with pytest.raises(YourInputError, match=r"seat\.unknown"):
            await act()
