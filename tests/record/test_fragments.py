"""A growing file holds whole samples, and everything else in it is named: record.md R6 to R10."""

from __future__ import annotations

import io
import struct
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.errors import EvidenceError, UnavailableError, VivavoceError
from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.boxes import walk
from vivavoce.record.fragments import (
    FRAGMENT_OVERHEAD,
    Damage,
    Entry,
    Header,
    config_from_json,
    config_to_json,
    read_header,
    scan,
    write_fragment,
    write_header,
)

RUN = "9f86d081884c7d65"
SOUND = TrackConfig(
    "floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en-GB", role="floor"
)
PICTURE = TrackConfig(
    "hd.1", "video", "avc1.42e01f", bytes.fromhex("0142e01f"), 640, 360, rotation=90, framerate=30.0
)
HEADER = Header("k7m2xq4vw9", "north", RUN, 1_795_293_844_127_987, SOUND)
START = write_header(HEADER)


def sample(number: int, data: bytes = b"\xf8voice", *, key: bool = True) -> Sample:
    return Sample("north", RUN, "floor.1", number, 0, number * 20_000, key, data, 7_000_000 + number)


def file_of(count: int = 4) -> tuple[bytes, list[int]]:
    """(a whole file, where each fragment starts)."""
    data, starts = START, []
    for number in range(count):
        starts.append(len(data))
        data += write_fragment(SOUND, sample(number, bytes([0xF8, number]) * (20 + number)), number + 1)
    return data, starts


def read(data: bytes, start: int = len(START)) -> list[Entry | Damage]:
    return list(scan(io.BytesIO(data), start))


def test_a_fragment_is_laid_out_as_the_format_says() -> None:
    fragment = write_fragment(SOUND, sample(3), 9)
    moof, mdat = walk(fragment)
    assert (moof.kind, moof.end, mdat.kind, mdat.content) == (b"moof", 148, b"mdat", FRAGMENT_OVERHEAD)
    mfhd, traf = walk(fragment, moof.content, moof.end)
    assert [(box.kind, box.end - box.start) for box in walk(fragment, traf.content, traf.end)] == [
        (b"tfhd", 16),
        (b"tfdt", 20),
        (b"trun", 32),
        (b"uuid", 48),
    ]
    assert fragment[mfhd.content + 4 : mfhd.end] == struct.pack(">I", 9)
    assert fragment[144:148] == struct.pack(">I", crc32(fragment[:144] + fragment[148:]))


def test_a_file_that_was_written_reads_back() -> None:
    data, starts = file_of()
    assert read_header(io.BytesIO(data)) == (HEADER, len(START))
    entries = read(data)
    assert [entry.offset for entry in entries if isinstance(entry, Entry)] == [
        start + FRAGMENT_OVERHEAD for start in starts
    ]
    third = entries[2]
    assert isinstance(third, Entry)
    assert data[third.offset : third.offset + third.size] == bytes([0xF8, 2]) * 22
    assert (third.group, third.index, third.timestamp_us, third.received_us) == (2, 0, 40_000, 7_000_002)
    assert (third.duration_us, third.key) == (20_000, True)


@given(
    group=st.integers(0, 2**62 - 1),
    index=st.integers(0, 2**32 - 1),
    timestamp=st.integers(0, 2**62 - 1),
    received=st.integers(0, 2**53),
    key=st.booleans(),
    data=st.binary(max_size=300),
)
def test_whatever_a_sample_holds_comes_back(
    group: int, index: int, timestamp: int, received: int, key: bool, data: bytes
) -> None:
    one = Sample("north", RUN, "hd.1", group, index, timestamp, key, data, received)
    (entry,) = read(write_fragment(PICTURE, one, 1), 0)
    assert isinstance(entry, Entry)
    assert (entry.group, entry.index, entry.timestamp_us, entry.received_us, entry.key) == (
        group,
        index,
        timestamp,
        received,
        key,
    )
    assert (entry.offset, entry.size) == (FRAGMENT_OVERHEAD, len(data))


def test_cut_at_every_byte_of_its_tail_a_file_keeps_what_is_whole() -> None:
    data, starts = file_of(3)
    for length in range(starts[1], len(data) + 1):
        found = read(data[:length])
        whole = sum(start <= length for start in [*starts[1:], len(data)])
        assert sum(isinstance(one, Entry) for one in found) == whole
        if length in {*starts, len(data)}:
            assert len(found) == whole, "a file that ends between samples is not torn"
        else:
            assert found[-1] == Damage(max(s for s in starts if s <= length), length, torn=True)


def test_any_one_bit_that_rots_costs_its_own_sample_and_no_other() -> None:
    data, starts = file_of(4)
    untouched = read(data)
    for at in range(starts[1], starts[2]):
        for bit in range(8):
            rotten = bytearray(data)
            rotten[at] ^= 1 << bit
            assert read(bytes(rotten)) == [
                untouched[0],
                Damage(starts[1], starts[2], torn=False),
                *untouched[2:],
            ]


def test_a_tail_of_zeros_as_a_power_loss_leaves_it_is_torn() -> None:
    data, _ = file_of()
    assert read(data + bytes(5000))[-1] == Damage(len(data), len(data) + 5000, torn=True)


def test_rubbish_in_the_middle_is_named_and_passed_over() -> None:
    data, starts = file_of(4)
    rubbish = b"\x00\x00\x00\x94moof" * 500  # looks like the start of a fragment, again and again
    broken = data[: starts[2]] + rubbish + data[starts[2] :]
    found = read(broken)
    assert found[2] == Damage(starts[2], starts[2] + len(rubbish), torn=False)
    assert len(found) == 5


def test_a_fragment_that_claims_to_be_huge_is_not_believed() -> None:
    data, starts = file_of(3)
    broken = bytearray(data)
    broken[starts[1] + 92 : starts[1] + 96] = b"\xff\xff\xff\xff"  # trun's size
    assert [type(one) for one in read(bytes(broken))] == [Entry, Damage, Entry]


def test_a_reader_that_starts_at_zero_finds_the_samples_behind_a_broken_start() -> None:
    data, starts = file_of()
    found = read(bytes(100) + data[100:], 0)
    assert found[0] == Damage(0, starts[0], torn=False)
    assert len(found) == 5


def test_any_one_bit_of_the_start_that_rots_is_noticed() -> None:
    for at in range(len(START)):
        rotten = bytearray(START)
        rotten[at] ^= 0x10
        with pytest.raises(VivavoceError) as caught:
            read_header(io.BytesIO(bytes(rotten)))
        assert caught.value.code in {"record.unreadable", "data.newer"}


@pytest.mark.parametrize("length", [0, 1, 8, 40, 300, len(START) - 1])
def test_a_start_that_is_cut_off_is_unreadable(length: int) -> None:
    with pytest.raises(EvidenceError):
        read_header(io.BytesIO(START[:length]))


def test_a_later_version_is_said_to_be_one() -> None:
    at = START.find(bytes.fromhex("c1b1a6d3f4c94a6c9f0e5a1dbb0c7e01")) + 16
    later = START[:at] + struct.pack(">I", 2) + START[at + 4 :]
    with pytest.raises(UnavailableError) as caught:
        read_header(io.BytesIO(later))
    assert caught.value.code == "data.newer"


@pytest.mark.parametrize("config", [SOUND, PICTURE], ids=["sound", "picture"])
def test_a_configuration_reads_back(config: TrackConfig) -> None:
    assert config_from_json(config_to_json(config)) == config


@settings(max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.dictionaries(
            st.sampled_from(sorted(TrackConfig.__dataclass_fields__)) | st.text(max_size=3), inner, max_size=6
        ),
        max_leaves=12,
    )
)
def test_no_configuration_but_a_whole_one_is_believed(value: object) -> None:
    with pytest.raises(EvidenceError) as caught:
        config_from_json(value)
    assert caught.value.code == "record.unreadable"
