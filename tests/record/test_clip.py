"""Promise: a clip proves itself, says where it was cut, and between its edges nothing is left out unseen."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.fakes.mp4s import Film, edit_moov
from tests.fakes.samples import encode_sound
from tests.fakes.sides import Side
from tests.record.conftest import MakeRecordNow
from tests.record.films import film_record
from tests.record.test_verify import record as unended_record
from tests.record.test_verify_mp4 import codes, left_out, looping, run_of, seals, without
from vivavoce.errors import YourInputError
from vivavoce.record.clip import clip_mp4
from vivavoce.record.verdicts import Judged
from vivavoce.record.verify_mp4 import verify_mp4


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_record(tmp_path_factory.mktemp("clips"), lossy=False, seconds=6)


@pytest.fixture(scope="module")
def made(record: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clip") / "clip.mp4"
    clip_mp4(record, file, 3_200_000, 4_300_000)
    return file


@pytest.fixture
def clip(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "clip.mp4"))


def test_a_clip_holds_alone_and_says_where_it_was_cut(record: Path, clip: Path) -> None:
    judged = verify_mp4(clip)
    assert judged.holds
    assert judged.findings == []
    assert judged.verdict == "it holds"
    said = judged.to_json()
    assert said["file"] == "clip"
    assert said["discussion"] == record.name
    assert (said["cut"]["from_s"], said["cut"]["until_s"]) == (3.2, 4.3)
    assert said["cut"]["starts_s"] == pytest.approx(2.4, abs=0.03)
    assert [(one["side"], one["track"]) for one in said["cut"]["edges"]] == [
        ("north", "floor.1"),
        ("north", "hd.1"),
        ("south", "floor.1"),
        ("south", "hd.1"),
    ]
    assert any("before and after this clip" in one for one in said["unknown"])
    assert not any("no end seal" in one for one in said["unknown"]), "its edge is a cut, not an end"


def test_pictures_are_whole_groups_and_none_is_without_its_sound(record: Path, tmp_path: Path) -> None:
    clipped = clip_mp4(record, tmp_path / "clip.mp4", 3_200_000, 4_300_000)
    counts = [(one.seat, one.kind, one.samples) for one in clipped.tracks]
    assert counts[0] == ("north", "video", 60)
    assert counts[2] == ("south", "video", 60)
    first = min(one.from_us for one in clipped.tracks if one.kind == "video")
    last = max(one.to_us for one in clipped.tracks if one.kind == "video")
    for sound in (one for one in clipped.tracks if one.kind == "audio"):
        assert sound.from_us <= first
        assert sound.to_us >= last
    probed = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", tmp_path / "clip.mp4", "-map", "0", "-f", "null", "-"],
        capture_output=True,
        check=True,
    )
    assert probed.stderr == b""


def test_the_sides_stand_in_a_clip_as_they_stand_in_the_whole(record: Path, tmp_path: Path) -> None:
    clipped = clip_mp4(record, tmp_path / "clip.mp4", 3_200_000, 4_300_000)
    whole = clip_mp4(record, tmp_path / "whole.mp4", 0, 19_000_000)
    assert whole.until_s == pytest.approx(14.0, abs=0.01)
    clock = next(one for one in clipped.judged.unknown if "clocks" in one)
    assert clock in whole.judged.unknown


def test_wherever_it_is_cut_it_holds(record: Path, tmp_path: Path) -> None:
    random = Random(3)
    for _ in range(25):
        from_us = random.randrange(14_000_000)
        until_us = from_us + random.choice([1_000, 300_000, 2_000_000, 9_000_000])
        if 6_390_000 < from_us < until_us < 8_010_000:
            continue  # nobody was on air
        judged = clip_mp4(record, tmp_path / "clip.mp4", from_us, until_us).judged
        assert judged.holds, (from_us, until_us, judged.findings)
        assert judged.findings == [], (from_us, until_us)
        assert judged.cut is not None
        assert judged.cut.from_s == pytest.approx(from_us / 1e6)


def test_of_a_record_with_gaps_it_tells_those_between_its_edges(tmp_path: Path) -> None:
    record = film_record(tmp_path)
    around = clip_mp4(record, tmp_path / "a.mp4", 500_000, 2_500_000).judged
    assert around.holds
    assert codes(around) == {"sample.missing"}
    beside = clip_mp4(record, tmp_path / "b.mp4", 6_000_000, 7_000_000).judged
    assert beside.findings == []


Change = Callable[[Film], None]


def middle(film: Film) -> None:
    """What was said in half a second, of picture and sound."""
    without("north", "floor.1", *range(40, 65))(film)


def seals_too(film: Film) -> None:
    middle(film)
    kept = run_of(film, 0)
    seals(film, 0, [*kept[:6], *kept[10:]])


def longer(film: Film) -> None:
    """It says that it has more than it has."""
    assert film.evidence.cut is not None
    film.evidence.cut = replace(film.evidence.cut, from_us=200_000, until_us=5_900_000)


def later_for_one_side(film: Film) -> None:
    """The first half second of one side's sound is missing, as if it had been cut there."""
    without("north", "floor.1", *range(30))(film)


def sooner_for_one_side(film: Film) -> None:
    track = film.track("south", "floor.1")
    count = len(track.samples)
    left_out("south", "floor.1", *range(count - 50, count))(film)


def no_seals_at_its_end(film: Film) -> None:
    seals(film, 0, run_of(film, 0)[:-8])


def no_sound_of_a_side(film: Film) -> None:
    film.evidence.runs[1].tracks = [one for one in film.evidence.runs[1].tracks if one.config.kind == "video"]


def no_picture_in_between(film: Film) -> None:
    without("north", "hd.1", *range(20, 24))(film)


def shorter(film: Film) -> None:
    """It says that it was cut for a moment, and has seconds."""
    assert film.evidence.cut is not None
    film.evidence.cut = replace(film.evidence.cut, from_us=4_000_000, until_us=4_001_000)


def longer_for_one_side(film: Film) -> None:
    """Of south nothing but a moment is left, of north all, and it says so."""
    shorter(film)
    for run in film.evidence.runs:
        for track in run.tracks:
            if run.seat == "south":
                count = len(track.samples)
                rows = list(range(30, count)) if track.config.kind == "video" else list(range(40, count))
                film.keep(track, rows)


def altered(film: Film) -> None:
    data = film.bytes_of(film.track("south", "hd.1"))
    data[30] = data[30][:-1] + bytes([data[30][-1] ^ 1])


LIES: dict[str, tuple[Change, str, str, bool]] = {
    "its middle cut out": (middle, "sample.missing", "north", False),
    "its middle cut out with its seals": (seals_too, "seal.missing", "north", False),
    "said to be longer than it is": (longer, "seal.missing", "north", True),
    "said to be shorter than it is": (shorter, "file.form", "north", False),
    "more of one side than it says": (longer_for_one_side, "file.form", "north", False),
    "one side's beginning cut off": (later_for_one_side, "sample.missing", "north", False),
    "one side's end cut off": (sooner_for_one_side, "sample.missing", "south", True),
    "the last seals taken away": (no_seals_at_its_end, "seal.missing", "north", False),
    "one side's sound taken away": (no_sound_of_a_side, "sample.missing", "south", True),
    "pictures taken out of a group": (no_picture_in_between, "sample.hole", "north", False),
    "a bit of a picture": (altered, "sample.altered", "south", False),
}


@pytest.mark.parametrize("what", LIES)
def test_a_clip_that_lies_is_found(what: str, clip: Path) -> None:
    edit, code, side, holds = LIES[what]
    film = Film(clip)
    before = clip.read_bytes()
    film.write()
    assert clip.read_bytes() == before
    edit(film)
    film.write()
    judged = verify_mp4(clip)
    assert (code, side) in {(one.code, one.side) for one in judged.findings}, judged.findings
    assert judged.holds == holds, judged.findings
    assert judged.verdict != "it holds"
    if holds:
        assert judged.verdict == "what is there holds; something is missing"


def test_a_clip_said_to_be_a_whole_lacks_the_rest(clip: Path) -> None:
    film = Film(clip)
    film.evidence.cut = None
    film.write()
    judged = verify_mp4(clip)
    assert {"seal.missing"} <= codes(judged)
    assert any("more may have followed" in one for one in judged.unknown)


def test_boxes_are_judged_in_a_clip_too(clip: Path) -> None:
    edit_moov(clip, looping)
    assert codes(verify_mp4(clip)) == {"file.form"}


@pytest.mark.parametrize(
    ("from_us", "until_us", "said"),
    [
        (19_000_000, 20_000_000, "--from 00:19.0 lies behind the record's end, 00:14.0"),
        (2_000_000, 2_000_000, "--until 00:02.0 is not after --from 00:02.0"),
        (2_000_000, 1_000_000, "--until 00:01.0 is not after --from 00:02.0"),
    ],
)
def test_times_that_are_none_are_refused(
    record: Path, tmp_path: Path, from_us: int, until_us: int, said: str
) -> None:
    with pytest.raises(YourInputError, match=r"input\.option") as caught:
        clip_mp4(record, tmp_path / "clip.mp4", from_us, until_us)
    assert said in caught.value.message
    assert not (tmp_path / "clip.mp4").exists()


def test_of_an_unsealed_record_there_is_no_clip(make_record_now: MakeRecordNow, tmp_path: Path) -> None:
    record = make_record_now([Side("north", [encode_sound(seconds=1)])])
    said = json.loads((record / "record.json").read_text())
    (record / "record.json").write_text(json.dumps({**said, "created_us": 1}))
    with pytest.raises(YourInputError, match=r"seal\.none") as caught:
        clip_mp4(record, tmp_path / "clip.mp4", 0, 500_000)
    assert "vivavoce export" in caught.value.remedy


def test_a_file_of_that_name_is_replaced_only_by_a_whole_one(
    record: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"old")
    with monkeypatch.context() as broken:

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        broken.setattr("os.fsync", full)
        with pytest.raises(Exception, match=r"disk\.full"):
            clip_mp4(record, file, 0, 1_000_000)
    assert file.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["clip.mp4"]
    judged: Judged = clip_mp4(record, file, 0, 1_000_000).judged
    assert judged.holds


def test_a_clip_up_to_where_the_host_stopped_says_so(tmp_path: Path) -> None:
    record = unended_record(tmp_path, ends_sealed=False)
    judged = clip_mp4(record, tmp_path / "end.mp4", 3_000_000, 4_000_000).judged
    assert judged.verdict == "it holds, but for its last moment, which no seal covers"
    assert codes(judged) == {"seal.late"}
    assert any("north" in one and "more may have followed" in one for one in judged.unknown)
    beyond = clip_mp4(record, tmp_path / "beyond.mp4", 3_000_000, 9_000_000).judged
    assert beyond.holds
    assert codes(beyond) == {"seal.late", "seal.missing"}, "nobody can tell when it left the air"
    middle = clip_mp4(record, tmp_path / "middle.mp4", 1_000_000, 2_000_000).judged
    assert middle.verdict == "it holds"
    assert not any("more may have followed" in one for one in middle.unknown)
