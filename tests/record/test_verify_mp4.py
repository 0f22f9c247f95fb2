"""Promise: whatever is changed in an exported MP4 is told, by code, box or second, and nothing else is.

Each attack stands beside a clean control: the same file, untouched or written anew by the same tools.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.mp4s import Film, Node, edit_boxes, edit_moov, pick
from tests.record.films import film_record
from vivavoce.errors import UnavailableError, YourInputError
from vivavoce.record.alignment import Stretch
from vivavoce.record.boxes import box, matrix, uuid_box
from vivavoce.record.configs import config_of, sealed_bytes
from vivavoce.record.evidence import EVIDENCE_UUID
from vivavoce.record.export import export_mp4
from vivavoce.record.seals import SEALS_START, Kept, read_seals, write_entry
from vivavoce.record.verdicts import Judged
from vivavoce.record.verify import verify
from vivavoce.record.verify_mp4 import verify_mp4
from vivavoce.seal.digest import leaf
from vivavoce.seal.statement import parse_founding


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    export_mp4(film_record(folder, lossy=False), folder / "whole.mp4")
    export_mp4(film_record(folder / "lossy"), folder / "lossy.mp4")
    export_mp4(film_record(folder / "other", title="Another talk", lossy=False), folder / "other.mp4")
    return folder


@pytest.fixture
def whole(records: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(records / "whole.mp4", tmp_path / "film.mp4"))


def codes(judged: Judged) -> set[str]:
    return {one.code for one in judged.findings}


def test_an_export_that_nobody_touched_holds_to_the_last_sample(whole: Path) -> None:
    judged = verify_mp4(whole)
    assert judged.holds
    assert judged.findings == []
    assert (judged.file, judged.cut) == ("mp4", None)
    assert judged.seconds == pytest.approx(8, abs=0.01)
    assert [(one.side, one.by, one.ended) for one in judged.sides] == [
        ("north", "host", True),
        ("south", "identity", True),
        ("north", "host", True),
    ]
    for side in judged.sides:
        assert side.proven_seconds == pytest.approx(3, abs=0.01)
        assert [one.samples for one in side.tracks] == [150, 90]


@pytest.mark.parametrize("name", [".", "lossy"])
def test_a_file_is_judged_as_its_record_is(records: Path, name: str) -> None:
    record = next((records / name).glob("*/record.json")).parent
    file = records / ("lossy.mp4" if name == "lossy" else "whole.mp4")
    one, other = verify(record), verify_mp4(file)
    assert other.findings == one.findings
    assert other.verdict == one.verdict
    assert [(each.side, each.run, each.by, each.ended) for each in other.sides] == [
        (each.side, each.run, each.by, each.ended) for each in one.sides
    ]
    for mine, theirs in zip(other.sides, one.sides, strict=True):
        assert mine.proven_seconds == pytest.approx(theirs.proven_seconds)
    assert other.unknown == one.unknown


def test_what_is_missing_in_the_record_is_a_gap_in_the_file(records: Path) -> None:
    judged = verify_mp4(records / "lossy.mp4")
    assert judged.holds
    assert codes(judged) == {"sample.missing"}
    assert judged.verdict == "what is there holds; something is missing"


def test_written_anew_by_the_tools_of_these_tests_it_is_the_same_file(records: Path, tmp_path: Path) -> None:
    for name in ("whole.mp4", "lossy.mp4"):
        file = Path(shutil.copy(records / name, tmp_path / name))
        before = file.read_bytes()
        Film(file).write()
        assert file.read_bytes() == before
        edit_moov(file, lambda _moov: None)
        assert file.read_bytes() == before


# Boxes: what a player goes by, and no sample and no evidence touched.


def looping(moov: Node) -> None:
    elst = moov.at("trak[1]/edts/elst")
    length = struct.unpack_from(">Q", elst.content, 8)[0]
    again = struct.pack(">QqI", length, 0, 1 << 16)
    elst.content = elst.content[:4] + struct.pack(">I", 2) + again + again


def shifted(*traks: int) -> Callable[[Node], None]:
    """By 300 ms, all tracks of a side."""

    def shift(moov: Node) -> None:
        for trak in traks:
            elst = moov.at(f"trak[{trak}]/edts/elst")
            count = struct.unpack_from(">I", elst.content, 4)[0]
            if count == 1:
                empty = struct.pack(">QqI", 300_000, -1, 1 << 16)
                elst.content = elst.content[:4] + struct.pack(">I", 2) + empty + elst.content[8:]
            else:
                start = struct.unpack_from(">Q", elst.content, 8)[0] + 300_000
                elst.content = elst.content[:8] + struct.pack(">Q", start) + elst.content[16:]

    return shift


def another_default_sound(moov: Node) -> None:
    """The other side's sound once more, first, and played by default."""
    copy = Node.parse(moov.at("trak[4]").write())[0]
    tkhd = copy.at("tkhd")
    tkhd.content = tkhd.content[:20] + struct.pack(">I", 5) + tkhd.content[24:]
    moov.inside.insert(1, copy)


def swapped(moov: Node) -> None:
    """North's picture under south's name, and the other way round."""
    one, two = moov.at("trak[1]/mdia"), moov.at("trak[3]/mdia")
    one.inside, two.inside = two.inside, one.inside


def reordered(moov: Node) -> None:
    moov.inside[1], moov.inside[3] = moov.inside[3], moov.inside[1]


def content(path: str, edit: Callable[[bytes], bytes]) -> Callable[[Node], None]:
    def change(moov: Node) -> None:
        node = moov.at(path)
        node.content = edit(node.content)
        assert node.content

    return change


def other(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return change


def second_description(moov: Node) -> None:
    """Half of the picture decoded by another description: someone is cropped out."""
    stbl = moov.at("trak[1]/mdia/minf/stbl")
    stsd, stsc = stbl.at("stsd"), stbl.at("stsc")
    entry = stsd.content[8:]
    small = entry[:32] + struct.pack(">HH", 176, 288) + entry[36:]
    stsd.content = stsd.content[:4] + struct.pack(">I", 2) + entry + small
    stsc.content = stsc.content[:-4] + struct.pack(">I", 2)


def elsewhere(moov: Node) -> None:
    """The samples are taken from another file."""
    dref = moov.at("trak[1]/mdia/minf/dinf/dref")
    dref.content = dref.content[:8] + box(b"url ", bytes(4), b"https://example.org/other.mp4\0")


def extra_box(moov: Node) -> None:
    moov.inside.append(Node(b"free", b"more"))


def flags(value: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:1] + value.to_bytes(3, "big") + data[4:]


STBL = "mdia/minf/stbl"
MOOV: dict[str, tuple[Callable[[Node], None], str, str]] = {
    "an edit list that loops": (looping, "moov/trak[1]/edts/elst", "north"),
    "a side shifted by 300 ms": (shifted(3, 4), "moov/trak[3]/edts/elst", "south"),
    "an extra sound track, played by default": (another_default_sound, "moov/trak[", ""),
    "two sides' pictures swapped": (swapped, "moov/trak[1]/mdia/", "north"),
    "two tracks in another order": (reordered, "moov/trak[1]", ""),
    "another time table": (
        content(f"trak[1]/{STBL}/stts", lambda data: data[:12] + struct.pack(">I", 70_000) + data[16:]),
        f"moov/trak[1]/{STBL}/stts",
        "north",
    ),
    "a matrix that moves someone out of the picture": (
        content("trak[3]/tkhd", lambda data: data[:52] + matrix(left=9_000) + data[88:]),
        "moov/trak[3]/tkhd",
        "south",
    ),
    "a size that crops someone": (
        content("trak[1]/tkhd", lambda data: data[:88] + struct.pack(">I", 176 << 16) + data[92:]),
        "moov/trak[1]/tkhd",
        "north",
    ),
    "a side's sound not played by default": (
        content("trak[4]/tkhd", flags(2)),
        "moov/trak[4]/tkhd",
        "south",
    ),
    "a side's picture not shown by default": (
        content("trak[3]/tkhd", flags(2)),
        "moov/trak[3]/tkhd",
        "south",
    ),
    "a second sample description": (second_description, f"moov/trak[1]/{STBL}/stsd", "north"),
    "another avcC": (
        content(f"trak[1]/{STBL}/stsd", other(b"avcC\x01\x42", b"avcC\x01\x4d")),
        f"moov/trak[1]/{STBL}/stsd",
        "north",
    ),
    "no sound from a side: no volume": (
        content("trak[2]/tkhd", lambda data: data[:48] + bytes(2) + data[50:]),
        "moov/trak[2]/tkhd",
        "north",
    ),
    "another language": (
        content("trak[4]/mdia/elng", other(b"ru", b"en")),
        "moov/trak[4]/mdia/elng",
        "south",
    ),
    "another language in three letters": (
        content("trak[4]/mdia/mdhd", lambda data: data[:-4] + b"\x15\xc7" + data[-2:]),
        "moov/trak[4]/mdia/mdhd",
        "south",
    ),
    "another name": (
        content("trak[2]/udta/name", other(b"North", b"South")),
        "moov/trak[2]/udta/name",
        "north",
    ),
    "another name in the handler": (
        content("trak[2]/mdia/hdlr", other(b"North", b"South")),
        "moov/trak[2]/mdia/hdlr",
        "north",
    ),
    "another role": (
        content("trak[2]/udta/kind", other(b"main", b"dub!")),
        "moov/trak[2]/udta/kind",
        "north",
    ),
    "another title": (content("udta/meta", other(b"A talk", b"A joke")), "moov/udta/meta", ""),
    "another speed": (content("mvhd", lambda data: data[:32] + b"\0\2\0\0" + data[36:]), "moov/mvhd", ""),
    "another day": (content("mvhd", lambda data: data[:11] + b"\x01" + data[12:]), "moov/mvhd", ""),
    "two samples' sizes": (
        content(f"trak[1]/{STBL}/stsz", lambda data: data[:12] + data[16:20] + data[12:16] + data[20:]),
        f"moov/trak[1]/{STBL}/stsz",
        "north",
    ),
    "other places in the file": (
        content(f"trak[1]/{STBL}/stco", lambda data: data[:8] + data[12:16] + data[8:12] + data[16:]),
        f"moov/trak[1]/{STBL}/stco",
        "north",
    ),
    "key pictures that are none": (
        content(f"trak[1]/{STBL}/stss", lambda data: data[:11] + b"\2" + data[12:]),
        f"moov/trak[1]/{STBL}/stss",
        "north",
    ),
    "samples of another file": (elsewhere, "moov/trak[1]/mdia/minf/dinf/dref", "north"),
    "a box more": (extra_box, "moov/free", ""),
}


@pytest.mark.parametrize("what", MOOV)
def test_whatever_makes_a_player_show_something_else_is_named_by_its_box(what: str, whole: Path) -> None:
    edit, path, side = MOOV[what]
    before = whole.read_bytes()
    edit_moov(whole, edit)
    assert whole.read_bytes() != before
    judged = verify_mp4(whole)
    assert not judged.holds
    assert codes(judged) == {"file.form"}, "the samples are as good as they were"
    assert any(path in one.what and one.side == side for one in judged.findings), judged.findings
    if side:
        first = next(one for one in judged.findings if one.side == side)
        assert (first.judgement, first.track[:2]) in {("broken", "hd"), ("broken", "fl")}
        assert first.until_s - first.from_s == pytest.approx(8 if side == "north" else 3, abs=0.01)
    assert all(one.proven_seconds == pytest.approx(3, abs=0.01) for one in judged.sides)


BOXES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "a box before all": (lambda all: [box(b"free", b"x"), *all], "free at byte 0"),
    "a box before the samples": (lambda all: [*all[:2], box(b"free", b"x"), *all[2:]], "free at byte"),
    "a box behind the evidence": (lambda all: [*all, box(b"free", b"x")], "free at byte"),
    "a second moov behind all": (lambda all: [*all, all[1]], "moov at byte"),
    "a second mdat": (lambda all: [*all[:3], box(b"mdat", b"more"), *all[3:]], "mdat at byte"),
    "a second evidence": (lambda all: [*all, all[4]], "uuid at byte"),
    "bytes behind the samples": (
        lambda all: [*all[:2], box(b"mdat", all[2][8:] + b"more"), *all[3:]],
        "mdat has 4 bytes more",
    ),
    "samples behind the evidence": (lambda all: [*all[:2], *all[3:], all[2]], "uuid at byte"),
    "another brand": (lambda all: [box(b"ftyp", b"qt  " + all[0][12:]), *all[1:]], "ftyp"),
    "nothing said of where it comes from": (lambda all: [*all[:3], all[4]], "uuid is missing"),
    "something else said of where it comes from": (
        lambda all: [*all[:3], all[3].replace(b'"host"', b'"self"'), all[4]],
        "where it comes from was changed",
    ),
}


@pytest.mark.parametrize("what", BOXES)
def test_boxes_that_do_not_belong_there_are_named(what: str, whole: Path) -> None:
    edit, said = BOXES[what]
    edit_boxes(whole, edit)
    judged = verify_mp4(whole)
    assert not judged.holds
    assert "file.form" in codes(judged)
    assert any(said in one.what for one in judged.findings), judged.findings


# Everything made anew by somebody who has no key: tables, evidence and checksums fit.


def bytes_changed(film: Film) -> None:
    data = film.bytes_of(film.track("north", "hd.1"))
    data[45] = data[45][:-1] + bytes([data[45][-1] ^ 1])


def bytes_swapped(film: Film) -> None:
    data = film.bytes_of(film.track("north", "hd.1"))
    data[40], data[41] = data[41], data[40]


def without(seat: str, name: str, *rows: int) -> Callable[[Film], None]:
    def drop(film: Film) -> None:
        track = film.track(seat, name)
        film.keep(track, [row for row in range(len(track.samples)) if row not in rows])

    return drop


def doubled(film: Film) -> None:
    """The last picture of a group once more, as the next of its group."""
    track = film.track("north", "hd.1")
    film.keep(track, [*range(60), 59, *range(60, 90)])
    track.samples.index[60] += 1
    track.samples.timestamp_us[60] += 1_000


def replayed(film: Film) -> None:
    """A group in place of the next one, with its places and times."""
    track = film.track("north", "hd.1")
    data = film.bytes_of(track)
    data[60:90] = data[30:60]


def from_the_other_side(film: Film) -> None:
    mine, theirs = film.track("north", "floor.1"), film.track("south", "floor.1")
    film.bytes_of(mine)[50:60] = film.bytes_of(theirs)[50:60]


def later(film: Film) -> None:
    samples = film.track("north", "hd.1").samples
    for row in range(45, 90):
        samples.timestamp_us[row] += 5_000


def keyless(film: Film) -> None:
    film.track("north", "hd.1").samples.key[60] = 0


def left_out(seat: str, name: str, *rows: int) -> Callable[[Film], None]:
    """Not shown, and proven by its leaf all the same."""

    def leave(film: Film) -> None:
        track, data = film.track(seat, name), film.bytes_of(film.track(seat, name))
        samples = track.samples
        for row in rows:
            place = samples.group[row], samples.index[row], samples.timestamp_us[row]
            track.left.add(*place, leaf(*place, bool(samples.key[row]), data[row]))
        track.left.sort()
        without(seat, name, *rows)(film)

    return leave


def called_empty(film: Film) -> None:
    """A group is taken out, and said to have come without samples."""
    without("north", "hd.1", *range(30, 60))(film)
    film.track("north", "hd.1").rests.append(1)


def cropped(film: Film) -> None:
    track = film.track("north", "hd.1")
    track.config = replace(track.config, width=176)
    track.raw = sealed_bytes(track.config)
    assert config_of(track.raw).width == 176


def renamed(film: Film) -> None:
    founding = parse_founding(film.evidence.founding)
    sides = tuple(replace(one, name="Nobody") if one.seat == "north" else one for one in founding.sides)
    film.evidence.founding = replace(founding, sides=sides).to_bytes()


def run_of(film: Film, number: int) -> list[Kept]:
    return [one for one in read_seals(film.evidence.runs[number].seals) if isinstance(one, Kept)]


def seals(film: Film, number: int, kept: list[Kept]) -> None:
    film.evidence.runs[number].seals = SEALS_START + b"".join(map(write_entry, kept))


def unsealed(film: Film) -> None:
    film.evidence.runs[1].seals = b""


def older(film: Film) -> None:
    """The seals of a moment ago, and what followed made up."""
    seals(film, 0, run_of(film, 0)[:10])
    data = film.bytes_of(film.track("north", "hd.1"))
    data[80] = data[79]


def exchanged(film: Film) -> None:
    one, two = film.evidence.runs[:2]
    one.seals, two.seals = two.seals, one.seals


def under_these_papers(film: Film) -> None:
    mine = [one for one in run_of(film, 0) if not one.index]
    seals(film, 0, [*mine, *(one for one in run_of(film, 1) if one.index)])


def a_seal_taken_out(film: Film) -> None:
    kept = run_of(film, 0)
    seals(film, 0, [*kept[:8], *kept[9:]])


def a_bit_of_a_seal(film: Film) -> None:
    kept = run_of(film, 0)
    raw = bytearray(kept[8].raw)
    raw[-1] ^= 1
    kept[8] = replace(kept[8], raw=bytes(raw))
    seals(film, 0, kept)


def sides_exchanged(film: Film) -> None:
    for run in film.evidence.runs:
        run.seat = {"north": "south", "south": "north"}[run.seat]


def unsealed_track(film: Film) -> None:
    """A booth that nobody sealed."""
    track, data = film.track("north", "floor.1"), film.bytes_of(film.track("north", "floor.1"))
    config = replace(track.config, name="ru.1", language="ru", role="booth", interprets="north/floor")
    booth = type(track)(sealed_bytes(config), config, samples=pick(track.samples, list(range(150))))
    film.evidence.runs[0].tracks.append(booth)
    film.data[id(booth)] = list(data)


ANEW: dict[str, tuple[Callable[[Film], None], str, str, float]] = {
    "a bit of a picture": (bytes_changed, "sample.altered", "north", 1.5),
    "two pictures swapped": (bytes_swapped, "sample.altered", "north", 1.35),
    "a picture taken out of its group": (without("north", "hd.1", 45), "sample.hole", "north", 1.5),
    "a picture taken out, but for its leaf": (
        left_out("north", "hd.1", 45),
        "sample.hole",
        "north",
        1.5,
    ),
    "a picture twice": (doubled, "sample.foreign", "north", 2.0),
    "a group replayed": (replayed, "sample.altered", "north", 2.0),
    "sound of the other side": (from_the_other_side, "sample.altered", "north", 1.1),
    "pictures shown later": (later, "sample.altered", "north", 1.6),
    "a key picture that is said to be none": (keyless, "sample.altered", "north", 2.0),
    "a group taken out and said to be empty": (called_empty, "sample.foreign", "north", 1.5),
    "another size, in the evidence too": (cropped, "seal.config", "north", 1.0),
    "a side renamed": (renamed, "seal.run", "north", 1.0),
    "a run's seals taken away": (unsealed, "seal.none", "south", 1.0),
    "the seals of an older moment": (older, "sample.unproven", "north", 2.5),
    "the seals of two runs exchanged": (exchanged, "seal.run", "north", 1.0),
    "the seals of another run under these papers": (under_these_papers, "seal.signature", "north", 2.9),
    "a bit of a seal": (a_bit_of_a_seal, "seal.signature", "north", 1.4),
    "the sides exchanged": (sides_exchanged, "seal.run", "north", 1.0),
    "a booth that nobody sealed": (unsealed_track, "sample.foreign", "north", 1.0),
}


@pytest.mark.parametrize("what", ANEW)
def test_whoever_has_no_key_cannot_write_the_file_anew(what: str, whole: Path) -> None:
    edit, code, side, second = ANEW[what]
    film = Film(whole)
    edit(film)
    film.write()
    judged = verify_mp4(whole)
    assert not judged.holds
    found = [one for one in judged.findings if (one.code, one.side) == (code, side)]
    assert found, judged.findings
    assert any(one.from_s - 0.3 <= second <= one.until_s + 0.3 for one in found), found
    assert "file.form" not in codes(judged), "every table fits the evidence"


MISSING: dict[str, tuple[Callable[[Film], None], set[str], bool]] = {
    "a group": (without("north", "hd.1", *range(30, 60)), {"sample.missing"}, True),
    "the end of a group": (
        without("north", "hd.1", *range(50, 60)),
        {"sample.missing", "sample.unproven"},
        False,
    ),
    "the end of a group, proven by leaves": (
        left_out("north", "hd.1", *range(50, 60)),
        {"sample.missing"},
        True,
    ),
    "a packet": (without("south", "floor.1", 70), {"sample.missing", "sample.unproven"}, False),
    "a packet, proven by its leaf": (left_out("south", "floor.1", 70), {"sample.missing"}, True),
    "all sound of a side": (without("south", "floor.1", *range(150)), {"sample.missing"}, True),
    "a seal": (a_seal_taken_out, {"seal.missing", "sample.unproven"}, False),
}


@pytest.mark.parametrize("what", MISSING)
def test_what_was_left_out_is_told_and_is_no_lie(what: str, whole: Path) -> None:
    edit, told, holds = MISSING[what]
    film = Film(whole)
    edit(film)
    film.write()
    judged = verify_mp4(whole)
    assert codes(judged) == told, judged.findings
    assert judged.holds == holds
    assert judged.verdict != "it holds"


def test_what_is_left_out_is_not_among_the_seconds_that_are_proven(whole: Path) -> None:
    film = Film(whole)
    left_out("south", "floor.1", *range(70, 90))(film)
    film.write()
    judged = verify_mp4(whole)
    assert judged.holds
    assert judged.sides[1].proven_seconds == pytest.approx(3 - 0.4, abs=0.05)
    missing = judged.findings[0]
    assert (missing.side, missing.track) == ("south", "floor.1")
    assert missing.from_s == pytest.approx(0.4 + 1.4, abs=0.05)
    assert "left out of this file" in missing.what


def test_speech_in_place_of_the_filling_is_foreign(records: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(records / "lossy.mp4", tmp_path / "film.mp4"))
    Film(file).write(fill=b"\x00")
    judged = verify_mp4(file)
    assert not judged.holds
    foreign = next(one for one in judged.findings if one.code == "sample.foreign")
    assert (foreign.side, foreign.track) == ("north", "floor.1")
    assert foreign.from_s == pytest.approx(1.12, abs=0.05)


def test_a_side_shifted_as_a_whole_is_told_in_numbers(whole: Path) -> None:
    """That its evidence was changed too cannot be proven: how the sides stand to each other is the host's
    word. What their devices' clocks said is signed."""
    assert any("south is 0.030 s later beside north" in one for one in verify_mp4(whole).unknown)
    film = Film(whole)
    south = film.evidence.runs[1]
    south.stretches = [replace(one, offset_us=one.offset_us + 300_000) for one in south.stretches]
    film.write()
    judged = verify_mp4(whole)
    assert judged.holds
    assert any("south is 0.270 s earlier beside north" in one for one in judged.unknown)
    assert judged.to_json()["vantage"] == "host"


def test_a_pause_put_into_a_run_is_told(whole: Path) -> None:
    assert not any("paused" in one for one in verify_mp4(whole).unknown)
    film = Film(whole)
    run = film.evidence.runs[2]
    moved = run.stretches[0].offset_us
    run.stretches.append(Stretch(1_500_000, moved + 2_000_000, 0))
    film.write()
    judged = verify_mp4(whole)
    assert any("north paused at 8.5 s" in one and "2.000 s" in one for one in judged.unknown)


def test_sound_and_picture_of_a_run_cannot_be_shifted_apart(whole: Path) -> None:
    """They have one shift for all; another one for a track has no form."""
    edit_moov(whole, shifted(4))
    assert codes(verify_mp4(whole)) == {"file.form"}


def test_the_evidence_of_another_discussion_proves_nothing(records: Path, whole: Path) -> None:
    stolen = (records / "other.mp4").read_bytes()
    with (records / "other.mp4").open("rb") as file:
        from vivavoce.record.boxed import boxed

        box = boxed(file).boxes[-1]
    edit_boxes(whole, lambda all: [*all[:4], stolen[box.start : box.end]])
    judged = verify_mp4(whole)
    assert not judged.holds
    assert "file.form" in codes(judged)
    expected = verify_mp4(records / "whole.mp4").founding
    assert judged.founding != expected
    assert "seal.founding" in codes(verify_mp4(whole, expected))


def test_two_records_spliced_do_not_hold(records: Path, whole: Path) -> None:
    film, other = Film(whole), Film(Path(shutil.copy(records / "other.mp4", whole.with_name("other.mp4"))))
    stolen = other.evidence.runs[2]
    stolen.run = bytes.fromhex("3" * 16)
    stolen.stretches = [replace(one, offset_us=one.offset_us + 5_000_000) for one in stolen.stretches]
    film.evidence.runs.append(stolen)
    film.data |= {id(track): other.bytes_of(track) for track in stolen.tracks}
    film.write()
    judged = verify_mp4(whole)
    assert not judged.holds
    assert [(one.code, one.run) for one in judged.findings] == [("seal.run", "3" * 16)]


def test_without_its_evidence_it_is_unsealed(whole: Path) -> None:
    edit_boxes(whole, lambda all: all[:4])
    judged = verify_mp4(whole)
    assert (judged.holds, judged.verdict) == (False, "unsealed")
    assert [one.code for one in judged.findings] == ["seal.none"]


def test_a_file_that_was_cut_short_is_damaged(whole: Path) -> None:
    data = whole.read_bytes()
    for length in (len(data) - 1, len(data) // 2, 5_000):
        whole.write_bytes(data[:length])
        judged = verify_mp4(whole)
        assert not judged.holds
        assert "record.damaged" in codes(judged)


def test_a_strangers_mp4_is_unsealed_and_what_is_none_cannot_be_read(whole: Path, tmp_path: Path) -> None:
    stock = tmp_path / "stock.mp4"
    command = ["ffmpeg", "-v", "error", "-i", str(whole), "-map", "0", "-c", "copy", str(stock)]
    subprocess.run(command, check=True)
    assert verify_mp4(stock).verdict == "unsealed"
    for data in (b"", b"no mp4 at all", bytes(1_000)):
        stock.write_bytes(data)
        with pytest.raises(YourInputError, match=r"record\.unreadable"):
            verify_mp4(stock)


def test_a_later_evidence_is_said_to_be_newer(whole: Path) -> None:
    edit_boxes(whole, lambda all: [*all[:4], uuid_box(EVIDENCE_UUID, struct.pack(">II", 2, 0))])
    with pytest.raises(UnavailableError, match=r"data\.newer"):
        verify_mp4(whole)


def test_thousands_of_boxes_are_told_in_a_few_words(whole: Path) -> None:
    edit_boxes(whole, lambda all: [*all, box(b"free") * 5_000])
    judged = verify_mp4(whole)
    assert not judged.holds
    assert len(judged.findings) < 40


def test_what_a_file_calls_a_side_cannot_command_a_terminal(whole: Path) -> None:
    film = Film(whole)
    film.evidence.runs[0].seat = "north\x1b[2J"
    film.write()
    assert codes(verify_mp4(whole)) == {"record.damaged", "seal.none"}


def test_a_sample_is_not_both_in_the_file_and_left_out(whole: Path) -> None:
    film = Film(whole)
    track = film.track("north", "hd.1")
    track.left.add(track.samples.group[5], track.samples.index[5], 0, bytes(32))
    film.write()
    assert codes(verify_mp4(whole)) == {"record.damaged", "seal.none"}


def test_progress_reaches_its_end(whole: Path) -> None:
    told: list[tuple[int, int]] = []
    verify_mp4(whole, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]


def places(path: Path) -> list[tuple[int, int]]:
    from vivavoce.record.boxed import boxed

    with path.open("rb") as file:
        return [(one.start, one.end) for one in boxed(file).boxes]


@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_no_bit_can_be_turned_unseen(records: Path, data: st.DataObject) -> None:
    """Every position is judged: samples, tables, boxes, what is said of where it comes from, evidence."""
    whole = (records / "lossy.mp4").read_bytes()
    start, end = data.draw(st.sampled_from(places(records / "lossy.mp4")))
    at = data.draw(st.integers(start, end - 1))
    changed = array("B", whole)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    file = records / "flipped.mp4"
    file.write_bytes(changed.tobytes())
    if changed[4:8].tobytes() != b"ftyp":
        with pytest.raises(YourInputError, match=r"record\.unreadable"):
            verify_mp4(file)
        return
    judged = verify_mp4(file)
    assert not judged.holds, at
    broken = any(one.judgement == "broken" for one in judged.findings)
    assert broken or judged.verdict == "unsealed", (at, judged.findings)


def test_a_bit_of_a_sample_is_told_by_side_and_second(whole: Path) -> None:
    start, end = places(whole)[2]
    data = whole.read_bytes()
    for at in Random(1).sample(range(start + 8, end), 12):
        whole.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        judged = verify_mp4(whole)
        altered = [one for one in judged.findings if one.code == "sample.altered"]
        assert altered
        assert {one.side for one in altered} < {"north", "south"}
        assert all(one.until_s - one.from_s < 1.1 for one in altered)


def test_samples_that_no_player_can_show_do_not_break_the_rest(tmp_path: Path) -> None:
    """A picture of no bytes, and a packet whose time does not rise: signed, kept, left out, and told."""
    file = tmp_path / "film.mp4"
    record = film_record(tmp_path, lossy=False, odd=True)
    exported = export_mp4(record, file)
    assert exported.left_out == {"empty": 1, "its time does not rise": 1}
    assert verify(record).findings == []
    judged = verify_mp4(file)
    assert judged.holds
    assert [(one.code, one.side, one.track) for one in judged.findings] == [
        ("sample.missing", "north", "hd.1"),
        ("sample.missing", "north", "floor.1"),
    ]
    assert all("left out of this file" in one.what for one in judged.findings)
