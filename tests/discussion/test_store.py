"""The store, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from vivavoce.discussion import air
from vivavoce.discussion.database import database_url
from vivavoce.discussion.discussion import ID_BYTES, Discussion, NewSeat, discussion_id, seats_of
from vivavoce.discussion.revoked import Revoked
from vivavoce.discussion.secrets import digest, new_run
from vivavoce.discussion.store import Store
from vivavoce.errors import UnavailableError, YourInputError

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    async with Store(database_url(database)) as opened:
        yield opened


def discussion(created_us: int = 1, title: str = "On the areas of mutual interest") -> Discussion:
    seats = seats_of([("Северная сторона", "ru"), ("北", "zh-Hans")], [("", "fr")])
    return Discussion(discussion_id(os.urandom(ID_BYTES)), title, created_us, seats)


def secrets_of(made: Discussion) -> dict[str, bytes]:
    return {seat.seat: digest(seat.seat) for seat in made.seats}


def holder(device: str, since_us: int = 0) -> air.Holder:
    return air.Holder(device, digest(device).hex(), digest(device + "t").hex(), new_run(), since_us)


async def test_what_is_added_is_found_as_it_was(store: Store) -> None:
    made = discussion(title="Título — 標題 🎙")
    await store.add(made, secrets_of(made))
    found = await store.find(made.id)
    assert found is not None
    assert found.discussion == made
    assert found.secrets == secrets_of(made)
    assert found.holders == {}
    assert found.events == ()


async def test_the_identity_keys_that_seats_brought_are_found_as_they_were(store: Store) -> None:
    north, booth = bytes(range(32)), b"\0\xff" * 16
    seats = seats_of([NewSeat("", "en", north), ("", "ru")], [NewSeat("", "fr", booth), ("", "de")])
    made = Discussion(discussion_id(os.urandom(ID_BYTES)), "", 1, seats)
    await store.add(made, secrets_of(made))
    found = await store.find(made.id)
    assert found is not None
    assert [seat.identity for seat in found.discussion.seats] == [north, b"", booth, b""]
    assert await store.list() == (made,)


async def test_what_was_never_added_is_not_found(store: Store) -> None:
    assert await store.find("aaaaaaaaaa") is None


async def test_a_discussion_is_added_once_and_wholly_or_not_at_all(store: Store) -> None:
    made = discussion()
    with pytest.raises(KeyError):
        await store.add(made, {})
    assert await store.find(made.id) is None
    await store.add(made, secrets_of(made))
    with pytest.raises(UnavailableError):
        await store.add(made, secrets_of(made))
    assert len(await store.list()) == 1


async def test_discussions_are_listed_newest_first_and_page_by_page(store: Store) -> None:
    made = [discussion(created_us=number) for number in range(1, 8)]
    for each in made:
        await store.add(each, secrets_of(each))
    first = await store.list(limit=3)
    assert [each.created_us for each in first] == [7, 6, 5]
    rest = await store.list(limit=10, before_us=first[-1].created_us)
    assert (*first, *rest) == tuple(reversed(made))


async def test_who_is_on_air_survives_the_host(database: str) -> None:
    made = discussion()
    phone = holder("phone", 5)
    async with Store(database_url(database)) as before:
        await before.add(made, secrets_of(made))
        await before.change(made.id, "north", air.take(air.Air(), phone, take_over=False))
    async with Store(database_url(database)) as after:
        assert await after.on_air() == (made.id,)
        found = await after.find(made.id)
    assert found is not None
    assert found.holders == {"north": phone}
    assert [event.event for event in found.events] == ["went_on_air"]


async def test_a_take_over_ends_one_run_and_begins_another(store: Store) -> None:
    made = discussion()
    await store.add(made, secrets_of(made))
    first = air.take(air.Air(), holder("phone", 5), take_over=False)
    second = air.take(first.air, holder("laptop", 9), take_over=True)
    for change in (first, second):
        await store.change(made.id, "north", change)
    found = await store.find(made.id)
    assert found is not None
    assert found.holders["north"].device == "laptop"
    assert [event.event for event in found.events] == ["went_on_air", "taken_over"]


async def test_the_database_itself_refuses_two_devices_on_air_for_a_seat(store: Store) -> None:
    made = discussion()
    await store.add(made, secrets_of(made))
    await store.change(made.id, "north", air.take(air.Air(), holder("phone"), take_over=False))
    with pytest.raises(UnavailableError):
        await store.change(made.id, "north", air.take(air.Air(), holder("laptop"), take_over=False))
    found = await store.find(made.id)
    assert found is not None
    assert found.holders["north"].device == "phone"
    assert len(found.events) == 1, "nothing of the refused change is there"
    await store.change(made.id, "south", air.take(air.Air(), holder("laptop"), take_over=False))


async def test_a_renewed_secret_replaces_the_old_one_of_that_seat_only(store: Store) -> None:
    made = discussion()
    await store.add(made, secrets_of(made))
    await store.change(made.id, "north", air.renew(air.Air(), 9), new_secret=digest("new"))
    found = await store.find(made.id)
    assert found is not None
    assert found.secrets == secrets_of(made) | {"north": digest("new")}


async def test_the_newest_events_come_oldest_first(store: Store) -> None:
    made = discussion()
    await store.add(made, secrets_of(made))
    for at_us in range(30):
        await store.change(made.id, "north", air.Change(air.Air(), at_us, "refused", "7f3a"))
    found = await store.find(made.id, newest_events=20)
    assert found is not None
    assert [event.at_us for event in found.events] == list(range(10, 30))


async def test_what_was_revoked_is_kept_with_its_discussion_in_its_order(database: str) -> None:
    made, other = discussion(), discussion()
    both = [Revoked(b"i" * 32, bytes([number]) * 32, (1 << 53) - 1, b"e" * 128) for number in (9, 1)]
    async with Store(database_url(database)) as before:
        for each in (made, other):
            await before.add(each, secrets_of(each))
        for one in both:
            await before.revoke(made.id, one, 7)
    async with Store(database_url(database)) as after:
        found, beside = await after.find(made.id), await after.find(other.id)
    assert found is not None
    assert beside is not None
    assert found.revoked == tuple(both)
    assert beside.revoked == ()


async def test_a_revocation_of_no_discussion_is_not_kept(store: Store) -> None:
    with pytest.raises(UnavailableError):
        await store.revoke("aaaaaaaaaa", Revoked(b"i" * 32, b"d" * 32, 1, b"e"), 7)


async def test_an_open_store_says_that_it_is(store: Store) -> None:
    await store.check()


async def test_a_second_host_on_one_postgresql_database_is_refused(postgresql_uri: str) -> None:
    async with Store(database_url(postgresql_uri)):
        with pytest.raises(UnavailableError) as refusal:
            async with Store(database_url(postgresql_uri)):
                pass
        assert refusal.value.code == "data.in_use"
    async with Store(database_url(postgresql_uri)):
        pass


ADDRESSES = {
    "postgresql://someone:geheim@127.0.0.1:1/none": "database.unreachable",
    "postgres://someone:geheim@127.0.0.1:1/none": "database.unreachable",
    "postgresql+asyncpg://someone:geheim@127.0.0.1:1/none": "database.unreachable",
    "sqlite:////nowhere/at/all.db": "data.read_only",
}


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_database_that_cannot_be_opened_is_named_without_its_password(address: str) -> None:
    with pytest.raises(UnavailableError) as refusal:
        async with Store(database_url(address)):
            pass
    assert refusal.value.code == ADDRESSES[address]
    assert "geheim" not in str(refusal.value)


@pytest.mark.parametrize(
    "address", ["", "nonsense", "mysql://a:geheim@b/c", "postgresql://a:geheim@b:port/c"]
)
def test_an_address_that_is_none_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(YourInputError) as refusal:
        database_url(address)
    assert refusal.value.code == "input.option"
    assert "geheim" not in str(refusal.value)


async def test_a_database_that_does_not_exist_is_named(postgresql_uri: str) -> None:
    with pytest.raises(UnavailableError, match="nobody_made_this") as refusal:
        async with Store(database_url(postgresql_uri.replace("/postgres?", "/nobody_made_this?"))):
            pass
    assert refusal.value.code == "database.unreachable"
