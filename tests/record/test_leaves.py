"""A file hashed in windows gives what its samples give one by one (record.md R6 to R10, seal.md S6)."""

from __future__ import annotations

import io
from random import Random

import pytest

from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.fragments import Damage, Entry, Header, scan, write_fragment, write_header
from vivavoce.record.leaves import Hashed, hash_file
from vivavoce.seal.digest import leaf

CONFIG = TrackConfig("hd.1", "video", "vp09.00.30.08", b"", 640, 360, framerate=30)
HEADER = write_header(Header("k7m2xq4vw9", "north", "00" * 8, 5, CONFIG))


def file_of(sizes: list[int], *, back: int = 0) -> bytes:
    """back: after so many samples timestamps begin again."""
    noise = Random(1)
    samples = [
        Sample(
            "north",
            "00" * 8,
            "hd.1",
            at // 3,
            at % 3,
            33_333 * (at % back if back else at),
            at % 3 == 0,
            noise.randbytes(size),
            9_000 * at,
        )
        for at, size in enumerate(sizes)
    ]
    return HEADER + b"".join(write_fragment(CONFIG, one, at) for at, one in enumerate(samples, 1))


def slowly(data: bytes) -> tuple[list[tuple[int, int, int, bytes]], list[Damage]]:
    found = list(scan(io.BytesIO(data), len(HEADER)))
    rows = [
        (
            one.group,
            one.index,
            one.timestamp_us,
            leaf(one.group, one.index, one.timestamp_us, one.key, data[one.offset : one.offset + one.size]),
        )
        for one in found
        if isinstance(one, Entry)
    ]
    return rows, [one for one in found if isinstance(one, Damage)]


def quickly(data: bytes) -> tuple[list[tuple[int, int, int, bytes]], list[Damage]]:
    hashed = Hashed()
    found = list(hash_file(io.BytesIO(data), len(HEADER), hashed))
    leaves = hashed.leaves
    rows = [
        (leaves.group[row], leaves.index[row], leaves.timestamp_us[row], leaves.at(row))
        for row in range(len(leaves))
    ]
    return rows, [one for one in found if isinstance(one, Damage)]


@pytest.mark.parametrize(
    ("what", "sizes"),
    [
        ("no sample", []),
        ("small ones", [100] * 50),
        ("an empty one", [10, 0, 10]),
        ("more than a window", [200_000] * 12),
        ("one larger than a window", [10, 3 << 20, 10, 4 << 20]),
    ],
)
def test_both_ways_of_reading_find_the_same(what: str, sizes: list[int]) -> None:
    data = file_of(sizes)
    assert quickly(data) == slowly(data)
    assert len(quickly(data)[0]) == len(sizes), what


def test_both_ways_find_the_same_damage() -> None:
    whole = file_of([300] * 30)
    noise = Random(2)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(noise.randint(1, 3)):
            data[noise.randrange(len(HEADER), len(data))] ^= 1 << noise.randrange(8)
        cut = bytes(data[: noise.choice([len(data), noise.randrange(len(HEADER), len(data))])])
        assert quickly(cut) == slowly(cut)


def test_a_fragment_of_another_form_is_none_though_its_checksum_fits() -> None:
    """Players would take the sample's bytes from where its header says."""
    from zlib import crc32

    data = bytearray(file_of([300] * 3))
    at = len(HEADER) + 456
    data[at + 87] ^= 1  # where in the fragment the sample begins
    crc = crc32(data[at + 148 : at + 456], crc32(data[at : at + 144]))
    data[at + 144 : at + 148] = crc.to_bytes(4, "big")
    rows, damage = quickly(bytes(data))
    assert len(rows) == 2
    assert [(one.start, one.torn) for one in damage] == [(at, False)]


@pytest.mark.parametrize("back", [60, 45], ids=["in their order", "some seconds twice"])
def test_the_least_delay_of_each_second_is_kept(back: int) -> None:
    hashed = Hashed()
    list(hash_file(io.BytesIO(file_of([100] * 60, back=back)), len(HEADER), hashed))
    times = [(33_333 * (at % back), 9_000 * at) for at in range(60)]
    delays = [(time // 1_000_000, received - time) for time, received in times]
    assert hashed.least_us == {
        second: min(delay for one, delay in delays if one == second) for second in {one for one, _ in delays}
    }
    assert hashed.first_us == 0
