"""The journal survives half a line: record.md R4."""

from __future__ import annotations

import pytest

from vivavoce.record.journal import decode, encode

LINES = encode("opened", 1) + encode("end", 2, seat="north", run="9f86d081884c7d65", why="left")


def test_what_was_written_reads_back() -> None:
    assert decode(LINES) == (
        [
            {"at_us": 1, "event": "opened"},
            {"at_us": 2, "event": "end", "seat": "north", "run": "9f86d081884c7d65", "why": "left"},
        ],
        [],
    )


def test_cut_at_every_byte_it_keeps_its_whole_lines() -> None:
    for length in range(len(LINES) + 1):
        events, damaged = decode(LINES[:length])
        assert len(events) == LINES[:length].count(b"\n")
        assert damaged == []


def test_after_half_a_line_the_next_host_goes_on() -> None:
    events, damaged = decode(LINES[:-10] + b"\n" + encode("restarted", 3))
    assert [event["event"] for event in events] == ["opened", "restarted"]
    assert damaged == [2]


@pytest.mark.parametrize(
    "line",
    [
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"event": "end"}',
        b'{"event": 1, "at_us": 1}',
        b'{"event": "end", "at_us": true}',
        b'{"event": "end", "at_us": "1"}',
    ],
    ids=range(9),
)
def test_a_line_that_is_no_event_is_named_and_left_out(line: bytes) -> None:
    assert decode(line + b"\n" + encode("closed", 4)) == ([{"at_us": 4, "event": "closed"}], [1])


def test_an_event_of_a_later_version_is_passed_on() -> None:
    assert decode(b'{"at_us": 1, "event": "sealed"}\n')[0] == [{"at_us": 1, "event": "sealed"}]


def test_an_event_that_the_format_does_not_know_is_not_written() -> None:
    with pytest.raises(ValueError, match="shrugged"):
        encode("shrugged", 1)
