"""Where two files' boxes differ is said by the path of the box."""

from __future__ import annotations

from vivavoce.record.boxes import box, full_box
from vivavoce.record.differences import Difference, differences


def stco(*places: int) -> bytes:
    count = len(places).to_bytes(4, "big")
    return full_box(b"stco", 0, 0, count, *(place.to_bytes(4, "big") for place in places))


def trak(name: bytes, *places: int) -> bytes:
    return box(b"trak", box(b"tkhd", name), box(b"mdia", box(b"minf", box(b"stbl", stco(*places)))))


SHOULD = box(b"moov", box(b"mvhd", b"x"), trak(b"one", 10, 30), trak(b"two", 20, 40))


def test_the_same_bytes_do_not_differ() -> None:
    assert differences(SHOULD, SHOULD) == []


def test_each_difference_is_told_with_its_track() -> None:
    found = box(b"moov", box(b"mvhd", b"y"), trak(b"one", 10, 30), trak(b"too", 20, 41))
    assert differences(SHOULD, found) == [
        Difference("moov/mvhd", "differs"),
        Difference("moov/trak[2]/tkhd", "differs", 2),
        Difference("moov/trak[2]/mdia/minf/stbl/stco", "differs", 2),
    ]


def test_a_box_put_in_before_is_told_and_not_that_all_moved() -> None:
    found = box(b"moov", box(b"mvhd", b"x"), trak(b"new", 1), trak(b"one", 18, 38), trak(b"two", 28, 48))
    assert differences(SHOULD, found) == [Difference("moov/trak[1]", "does not belong there")]


def test_places_that_all_move_are_told_where_nothing_else_explains_it() -> None:
    found = box(b"moov", box(b"mvhd", b"x"), trak(b"one", 11, 31), trak(b"two", 20, 40))
    assert differences(SHOULD, found) == [Difference("moov/trak[1]/mdia/minf/stbl/stco", "differs", 1)]


def test_a_box_taken_out_is_missing() -> None:
    found = box(b"moov", box(b"mvhd", b"x"), trak(b"one", 10, 30))
    assert differences(SHOULD, found) == [Difference("moov/trak[2]", "is missing", 2)]


def test_another_order_differs() -> None:
    found = box(b"moov", box(b"mvhd", b"x"), trak(b"two", 20, 40), trak(b"one", 10, 30))
    assert differences(SHOULD, found) == [Difference("moov/trak[1]", "differs")]


def test_boxes_in_boxes_without_end_are_no_trouble() -> None:
    deep = b""
    for _ in range(2_000):
        deep = box(b"trak", deep)
    many = box(b"moov", box(b"free") * 50_000, deep)
    found = differences(SHOULD, many)
    assert len(found) == 32
    assert found[0].path.startswith("moov/")


def test_what_is_no_box_differs_as_a_whole() -> None:
    assert differences(SHOULD, box(b"moov", b"no box")) == [Difference("moov", "differs")]
    assert differences(SHOULD, b"") == [Difference("moov", "is missing")]
    assert differences(SHOULD, b"none") == [Difference("", "differs")]
