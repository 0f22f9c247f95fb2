"""A run's seals on disk, whatever befalls it (record.md R22 to R24); the founding facts (seal.md S14)."""

from __future__ import annotations

import contextlib
import errno
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.stores import MemoryStore
from tests.record.test_writer import ID, RUN, Desk
from vivavoce.errors import EvidenceError, UnavailableError
from vivavoce.record import seals
from vivavoce.record.founding import founding_of_record
from vivavoce.record.fragments import Damage
from vivavoce.record.seals import Kept, read_seals, read_seals_file, write_entry
from vivavoce.seal.statement import Founding, FoundingSide

START = bytes.fromhex("5656534c00000001")
PATH = f"{ID}/north/{RUN}/seals.log"
ENTRIES = [Kept(1_000 + number, 0, number, bytes([number]) * (40 + 7 * number)) for number in range(6)]
WHOLE = START + b"".join(map(write_entry, ENTRIES))


def seal(desk: Desk, index: int, raw: bytes = b"a seal", group: int = 0) -> None:
    desk.writer.sealed(ID, "north", RUN, group=group, index=index, raw=raw, at_us=50 + index)


def kept(desk: Desk, path: str = PATH) -> list[tuple[int, int, bytes]]:
    found = list(read_seals(desk.store.files[path]))
    return [(one.group, one.index, one.raw) for one in found if isinstance(one, Kept)]


def test_frames_are_kept_as_they_came() -> None:
    assert list(read_seals(WHOLE)) == ENTRIES


def test_an_entry_reads_as_the_format_says() -> None:
    assert write_entry(Kept(1, 2, 3, b"seal")).hex() == (
        "00000018" + "42452219" + "0000000000000001" + "0000000000000002" + "00000003" + b"seal".hex()
    )


def test_papers_that_stand_there_already_are_not_written_again() -> None:
    desk = Desk()
    for group in (0, 1):
        seal(desk, 0, b"papers", group)
        seal(desk, 1, b"seal %d" % group, group)
    seal(desk, 0, b"papers with a voucher more", 2)
    assert kept(desk) == [
        (0, 0, b"papers"),
        (0, 1, b"seal 0"),
        (1, 1, b"seal 1"),
        (2, 0, b"papers with a voucher more"),
    ]


def test_after_a_restart_another_part_begins_with_the_papers() -> None:
    first = Desk()
    seal(first, 0, b"papers")
    before = dict(first.store.files)
    second = Desk(first.store)
    seal(second, 0, b"papers")
    seal(second, 4)
    assert second.store.files[PATH] == before[PATH]
    assert kept(second, PATH.replace("seals", "seals.part2")) == [(0, 0, b"papers"), (0, 4, b"a seal")]


def test_a_file_that_is_full_goes_on_in_the_next_part_with_its_papers_again() -> None:
    desk = Desk()
    seal(desk, 0, b"papers")
    desk.store.most = len(desk.store.files[PATH]) + 10
    seal(desk, 1)
    seal(desk, 0, b"papers", 1)
    assert kept(desk, PATH.replace("seals", "seals.part2"))[0] == (0, 1, b"a seal")


def test_seals_that_found_no_room_are_a_gap() -> None:
    desk = Desk()
    seal(desk, 0, b"papers")
    desk.store.room = 0
    for group in (3, 4):
        seal(desk, 1, group=group)
    assert desk.health() == "disk_full"
    desk.store.room = 1 << 40
    desk.writer.tick(10_000)
    desk.writer.tick(11_000)
    seal(desk, 2, group=4)
    (gap,) = [event for event in desk.journal() if event["event"] == "gap"]
    assert (gap["track"], gap["from_group"], gap["to_group"], gap["samples"]) == ("seals", 3, 4, 2)
    assert gap["why"] == "disk_full"
    assert kept(desk) == [(0, 0, b"papers"), (4, 2, b"a seal")]


def test_a_disk_that_fails_otherwise_is_off_until_something_can_be_written() -> None:
    desk = Desk()
    seal(desk, 1)
    desk.store.fault = errno.EIO
    seal(desk, 2)
    assert desk.health() == "off"
    desk.store.fault = 0
    desk.writer.tick(10_000)
    seal(desk, 3)
    assert desk.health() == "running"
    desk.writer.run_ended(ID, "north", RUN, why="left", at_us=20_000)
    assert [event["why"] for event in desk.journal() if event["event"] == "gap"] == ["off"]
    assert desk.store.synced[PATH] == desk.store.files[PATH]


def test_what_is_said_of_an_unknown_run_is_let_go() -> None:
    desk = Desk(MemoryStore())
    desk.writer.sealed(ID, "south", RUN, group=0, index=1, raw=b"a seal", at_us=1)
    assert not [path for path in desk.store.files if "south" in path]


@given(end=st.integers(0, len(WHOLE)))
def test_a_file_that_is_cut_ends_torn(end: int) -> None:
    found = list(read_seals(WHOLE[:end]))
    entries = [one for one in found if isinstance(one, Kept)]
    assert entries == ENTRIES[: len(entries)]
    assert all(one.torn for one in found if isinstance(one, Damage))


@given(bit=st.integers(0, 8 * len(WHOLE) - 1))
def test_a_bit_costs_one_entry_and_is_told(bit: int) -> None:
    data = bytearray(WHOLE)
    data[bit // 8] ^= 1 << bit % 8
    found = list(read_seals(bytes(data)))
    assert [one.torn for one in found if isinstance(one, Damage)] == [False]
    entries = [one for one in found if isinstance(one, Kept)]
    assert len(entries) >= len(ENTRIES) - 1
    assert all(one in ENTRIES for one in entries)


def all_of(found: Iterator[Kept | Damage]) -> list[Kept | Damage] | str:
    try:
        return list(found)
    except UnavailableError as error:
        return error.code


@pytest.mark.parametrize("window", [1, 50, 1 << 18])
@given(end=st.integers(0, len(WHOLE)), bits=st.sets(st.integers(0, 8 * len(WHOLE) - 1), max_size=2))
def test_a_window_at_a_time_the_same_is_read(window: int, end: int, bits: set[int]) -> None:
    data = bytearray(WHOLE)
    for bit in bits:
        data[bit // 8] ^= 1 << bit % 8
    there = bytes(data[:end])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(seals, "_WINDOW", window)
        assert all_of(read_seals_file(io.BytesIO(there))) == all_of(read_seals(there))


@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_without_a_fault(data: bytes) -> None:
    with contextlib.suppress(UnavailableError):
        list(read_seals(data))


FACTS: dict[str, Any] = {
    "version": 1,
    "discussion": ID,
    "title": "On the bridge — На мосту",
    "created_us": 5,
    "seats": {
        "north": {"kind": "side", "name": "North", "language": "en", "identity": "01" * 32},
        "booth-ru": {"kind": "booth", "name": "Будка", "language": "ru"},
    },
}


def test_the_founding_facts_are_those_of_the_record() -> None:
    sides = (
        FoundingSide("north", "North", "en", bytes([1] * 32)),
        FoundingSide("booth-ru", "Будка", "ru"),
    )
    assert founding_of_record(FACTS) == Founding(ID, FACTS["title"], 5, sides)


@pytest.mark.parametrize(
    ("what", "facts"),
    [
        ("nothing", {}),
        ("a title that is none", {**FACTS, "title": 7}),
        ("no time", {key: FACTS[key] for key in FACTS if key != "created_us"}),
        ("a time before all times", {**FACTS, "created_us": -1}),
        ("true for a time", {**FACTS, "created_us": True}),
        ("a list of seats", {**FACTS, "seats": []}),
        ("a seat that is none", {**FACTS, "seats": {"north": None}}),
        ("a key that is none", {**FACTS, "seats": {"north": {"name": "", "language": "", "identity": "zz"}}}),
        ("half a key", {**FACTS, "seats": {"north": {"name": "", "language": "", "identity": "01"}}}),
        ("half a character", {**FACTS, "title": "\ud800"}),
    ],
)
def test_facts_that_are_none_found_nothing(what: str, facts: dict[str, Any]) -> None:
    with pytest.raises(EvidenceError) as caught:
        founding_of_record(facts)
    assert caught.value.code == "seal.founding", what
