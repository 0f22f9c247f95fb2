"""The evidence's bytes: E1 to E8 of docs/formats/evidence.md."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from random import Random
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.mp4s import Film, top
from tests.record.films import film_record
from vivavoce.errors import EvidenceError, VivavoceError
from vivavoce.record.alignment import Stretch
from vivavoce.record.clip import clip_mp4
from vivavoce.record.columns import read_left, read_samples, write_left, write_samples
from vivavoce.record.evidence import EvidenceRun, evidence_box, read_evidence
from vivavoce.record.export import export_mp4
from vivavoce.record.form import form_of
from vivavoce.record.numbers import Reader, number, numbers, signed
from vivavoce.record.samples import Samples
from vivavoce.seal.cbor import MAX_INTEGER
from vivavoce.seal.leaves import Leaves
from vivavoce.seal.statement import parse_founding


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("evidence")
    record = film_record(folder)
    export_mp4(record, folder / "whole.mp4")
    clip_mp4(record, folder / "clip.mp4", 500_000, 1_900_000)
    return [folder / "whole.mp4", folder / "clip.mp4"]


def reader(data: bytes) -> Reader:
    return Reader(data, 0, len(data))


def test_what_is_read_is_written_back_as_the_same_bytes(files: list[Path]) -> None:
    for file in files:
        box = top(file)[-1]
        evidence = read_evidence(box[24:])
        assert evidence.whole
        assert evidence_box(evidence) == box
    assert read_evidence(top(files[0])[-1][24:]).cut is None
    assert read_evidence(top(files[1])[-1][24:]).cut is not None


def test_it_is_small_beside_what_it_proves(files: list[Path]) -> None:
    """Seals, and some bytes a sample; no leaves but at a clip's edges."""
    _, _, mdat, _, box = top(files[0])
    film = Film(files[0])
    samples = sum(len(track.samples) for run in film.evidence.runs for track in run.tracks)
    seals = sum(len(run.seals) for run in film.evidence.runs)
    assert len(box) - seals < 8 * samples
    assert len(box) < len(mdat) / 20
    assert not any(len(track.left) for run in film.evidence.runs for track in run.tracks)
    lefts = [len(track.left) for run in Film(files[1]).evidence.runs for track in run.tracks]
    assert 0 < sum(lefts) < 50


@given(st.integers(0, MAX_INTEGER))
def test_a_number_has_one_form(value: int) -> None:
    assert reader(number(value)).number() == value
    assert reader(signed(value // 2)).signed() == value // 2
    assert reader(signed(-(value // 2))).signed() == -(value // 2)


@given(st.lists(st.integers(0, MAX_INTEGER), min_size=64, max_size=80), st.binary(max_size=9))
def test_many_numbers_are_read_as_single_ones_are(values: list[int], behind: bytes) -> None:
    data = numbers(*values)
    entry = reader(data + behind)
    assert entry.numbers(len(values)) == values
    assert entry.rest() == behind
    for bad in (data[:-1], b"\x80\x00" + data, b"\xff" * 7 + b"\x7f" + data, b"\x80" * 9 + data):
        with pytest.raises(EvidenceError, match=r"record\.damaged"):
            reader(bad).numbers(len(values))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "nothing"),
        (b"\x80", "no end"),
        (b"\x80\x00", "a longer form of 0"),
        (b"\xff" * 7 + b"\x7f", "above 2**53 - 1"),
        (b"\xff" * 9, "no end in sight"),
    ],
)
def test_other_forms_of_a_number_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(EvidenceError, match=r"record\.damaged"):
        reader(data).number()
    with pytest.raises(ValueError, match="outside"):
        number(MAX_INTEGER + 1)
    with pytest.raises(ValueError, match="outside"):
        number(-1)


def samples_of(rows: list[tuple[int, int, int, int, int, int]]) -> Samples:
    samples = Samples()
    for group, index, timestamp_us, size, duration_us, key in rows:
        samples.group.append(group)
        samples.index.append(index)
        samples.timestamp_us.append(timestamp_us)
        samples.size.append(size)
        samples.duration_us.append(duration_us)
        samples.key.append(key)
    return samples


def test_columns_give_back_what_was_put_in() -> None:
    random = Random(5)
    for sound in (False, True):
        for count in (1, 2, 300):
            group, index, timestamp_us = random.randrange(9), 0, random.randrange(10**9)
            rows = []
            for _ in range(count):
                lasts = random.choice([20_000, 60_000]) if sound else 0
                rows.append((group, index, timestamp_us, random.randrange(1, 9999), lasts, index == 0))
                step = random.choice([0, 0, 0, 1, 5])
                group, index = (group + step, 0) if step else (group, index + random.choice([1, 1, 2]))
                timestamp_us += random.choice([33_333, 33_334, 1])
            samples = samples_of(rows)  # type: ignore[arg-type]
            entry = reader(write_samples(samples, sound=sound))
            found = read_samples(entry, sound=sound)
            entry.end()
            for name in ("group", "index", "timestamp_us", "size", "duration_us", "key"):
                assert getattr(found, name) == getattr(samples, name), name
    left = Leaves()
    for place in ((3, 0, 5), (3, 1, 2), (9, 4, 77)):
        left.add(*place, bytes([place[2]]) * 32)
    entry = reader(write_left(left))
    assert read_left(entry) == left
    entry.end()


BAD_COLUMNS: dict[str, bytes] = {
    "no sample": numbers(0),
    "more samples than bytes": numbers(10**9),
    "places for more": numbers(1, 2, 0, 0, 0, 0),
    "places for none": numbers(1, 0, 0, 0),
    "an index too far": numbers(1, 1, 0, 1 << 32, 5, 9, 1, 0, 0),
    "a time that stands still": numbers(2, 1, 0, 0, 1, 0, 0, 5, 1, 0, 9, 9, 2),
    "times for more": numbers(2, 1, 0, 0, 1, 0, 0, 5, 2, 7, 9, 9, 2),
    "an empty sample": numbers(1, 1, 0, 0, 5, 0, 1),
    "a sample of 5 MiB": numbers(1, 1, 0, 0, 5, 5 << 20, 1),
    "keys for more": numbers(1, 1, 0, 0, 5, 9, 2),
    "keys for none": numbers(2, 1, 0, 0, 1, 0, 0, 5, 1, 7, 9, 9, 1, 0, 1),
}


@pytest.mark.parametrize("what", BAD_COLUMNS)
def test_columns_that_are_none_are_refused(what: str) -> None:
    with pytest.raises(EvidenceError, match=r"record\.damaged"):
        read_samples(reader(BAD_COLUMNS[what] + bytes(20)), sound=False)


def code_of(content: bytes) -> str:
    """Of the error that reading an evidence and laying out its file leads to; nothing where to none."""
    try:
        evidence = read_evidence(content)
        form_of(evidence, parse_founding(evidence.founding))
    except VivavoceError as error:
        return error.code
    return ""


def test_revocations_are_read_as_they_were_written(files: list[Path]) -> None:
    evidence = read_evidence(top(files[0])[-1][24:])
    assert evidence.revoked == ()
    evidence.revoked = (b"one", bytes(256), b"two")
    assert read_evidence(evidence_box(evidence)[24:]).revoked == evidence.revoked


@pytest.mark.parametrize("revoked", [(b"",), (bytes(257),), (b"x",) * 1025], ids=["empty", "large", "many"])
def test_revocations_beyond_their_limits_are_refused(revoked: tuple[bytes, ...], files: list[Path]) -> None:
    evidence = read_evidence(top(files[0])[-1][24:])
    evidence.revoked = revoked
    assert code_of(evidence_box(evidence)[24:]) == "record.damaged"


@pytest.mark.parametrize("entries", ["17", "171", "1277", "77", "1727", "0"])
def test_revocations_have_one_place(entries: str, files: list[Path]) -> None:
    """Each digit is a kind of entry; 0 is one that says that there are none."""
    evidence = read_evidence(top(files[0])[-1][24:])
    run = EvidenceRun("north", bytes(8), [Stretch(0, 0, 0)])
    evidence.runs, evidence.revoked = [run], (b"one",)
    file, revoked, begun = entries_of(evidence_box(evidence)[24:])
    parts = {"1": file, "7": revoked, "2": begun, "0": file + struct.pack(">BI", 7, 1) + numbers(0)}
    content = b"".join(parts[one] for one in entries)
    content = struct.pack(">II", 1, crc32(content)) + content
    if entries == "17":
        assert read_evidence(content).revoked == (b"one",)
    else:
        assert code_of(content) == "record.damaged"


def entries_of(content: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(content):
        length = struct.unpack_from(">I", content, at + 1)[0]
        found.append(content[at : at + 5 + length])
        at += 5 + length
    return found


def test_cut_anywhere_it_is_refused_and_never_a_fault(files: list[Path]) -> None:
    content = top(files[1])[-1][24:]
    for end in range(0, len(content), 7):
        cut = content[:end]
        assert code_of(cut) == "record.damaged" or not read_evidence(cut).whole, end


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_whatever_stands_in_it_an_error_has_a_code(files: list[Path], data: st.DataObject) -> None:
    content = bytearray(top(files[0])[-1][24:])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.one_of(st.integers(8, 300), st.integers(8, len(content) - 1)))
        content[at] = data.draw(st.integers(0, 255))
    assert code_of(bytes(content)) in {"", "record.damaged", "seal.config", "seal.founding", "seal.key"}


def entries(*kinds: int) -> Callable[[bytes], bytes]:
    """The entries of an evidence in another order, by their number."""

    def order(box: bytes) -> bytes:
        at, found = 32, []
        while at < len(box):
            end = at + 5 + int.from_bytes(box[at + 1 : at + 5], "big")
            found.append(box[at:end])
            at = end
        return box[24:32] + b"".join(found[number] for number in kinds)

    return order


@pytest.mark.parametrize(
    "kinds", [(1, 0), (0, 2, 1), (0, 1, 4), (0, 0), (0, 1, 2, 2), (0, 1, 3, 4, 4), (0, 3), ()]
)
def test_entries_in_another_order_are_refused(files: list[Path], kinds: tuple[int, ...]) -> None:
    with pytest.raises(EvidenceError, match=r"record\.damaged"):
        read_evidence(entries(*kinds)(top(files[0])[-1]))


def test_a_short_evidence_cannot_ask_for_endless_filling(files: list[Path], tmp_path: Path) -> None:
    film = Film(files[0])
    track = film.track("north", "floor.1")
    track.samples.timestamp_us[-1] += 1_000_000_000_000
    with pytest.raises(EvidenceError, match=r"hours"):
        form_of(film.evidence, parse_founding(film.evidence.founding))
