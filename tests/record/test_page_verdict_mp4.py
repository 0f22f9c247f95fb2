"""Promise: the page that verifies says of an MP4 and of a clip what `vivavoce verify --json` says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.fakes.mp4s import Film, edit_boxes, edit_moov
from tests.fakes.tampering import flip
from tests.record.pageverdict import PageVerdict
from tests.record.test_clip import LIES, clip, made, record
from tests.record.test_verify_mp4 import ANEW, BOXES, MISSING, MOOV, places, records, whole
from vivavoce.errors import VivavoceError
from vivavoce.record.clip import clip_mp4
from vivavoce.record.verify_mp4 import verify_mp4

__all__ = ["clip", "made", "record", "records", "whole"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageVerdict]:
    with PageVerdict(tmp_path_factory.mktemp("page")) as running:
        yield running


def command(path: Path) -> Any:
    try:
        return json.loads(json.dumps(verify_mp4(path).to_json()))
    except VivavoceError as error:
        return {"error": error.code}


@pytest.mark.parametrize("name", ["whole", "lossy", "other"])
def test_an_export_that_holds(name: str, records: Path, page: PageVerdict) -> None:
    said = page.of(records / f"{name}.mp4")
    assert said == command(records / f"{name}.mp4")
    assert (said["holds"], said["file"]) == (True, "mp4")


@pytest.mark.parametrize("what", MOOV)
def test_one_whose_boxes_were_changed(what: str, whole: Path, page: PageVerdict) -> None:
    edit_moov(whole, MOOV[what][0])
    said = page.of(whole)
    assert said == command(whole)
    assert said["holds"] is False


@pytest.mark.parametrize("what", BOXES)
def test_one_with_other_boxes(what: str, whole: Path, page: PageVerdict) -> None:
    edit_boxes(whole, BOXES[what][0])
    said = page.of(whole)
    assert said == command(whole)
    assert said["holds"] is False


@pytest.mark.parametrize("what", [*ANEW, *MISSING])
def test_one_that_was_written_anew(what: str, whole: Path, page: PageVerdict) -> None:
    film = Film(whole)
    (ANEW[what] if what in ANEW else MISSING[what])[0](film)
    film.write()
    assert page.of(whole) == command(whole)


@pytest.mark.parametrize("seed", range(10))
def test_one_with_any_bit_turned(seed: int, whole: Path, page: PageVerdict) -> None:
    random = Random(seed)
    data = whole.read_bytes()
    for start, end in places(whole):
        flip(whole, random.randrange(8 * start, 8 * end))
        said = page.of(whole)
        assert said == command(whole)
        assert said.get("holds", False) is False
        whole.write_bytes(data)


@pytest.mark.parametrize("seed", range(4))
def test_one_that_was_cut_short(seed: int, whole: Path, page: PageVerdict) -> None:
    random = Random(seed)
    data = whole.read_bytes()
    for start, end in places(whole):
        whole.write_bytes(data[: random.randrange(start, end)])
        assert page.of(whole) == command(whole)


def test_what_is_no_mp4_cannot_be_read(tmp_path: Path, page: PageVerdict) -> None:
    for name, data in {"empty": b"", "text": b"no film at all", "film": b"\0\0\0\x08ftyp"}.items():
        (tmp_path / name).write_bytes(data)
        assert page.of(tmp_path / name) == command(tmp_path / name)


def test_a_clip_that_holds(made: Path, page: PageVerdict) -> None:
    said = page.of(made)
    assert said == command(made)
    assert (said["holds"], said["file"]) == (True, "clip")


@pytest.mark.parametrize("seed", range(8))
def test_a_clip_from_anywhere(seed: int, record: Path, tmp_path: Path, page: PageVerdict) -> None:
    random = Random(seed)
    file = tmp_path / "clip.mp4"
    from_us = random.choice([random.randrange(6_000_000), random.randrange(8_100_000, 13_900_000)])
    clip_mp4(record, file, from_us, from_us + random.choice([1_000, 300_000, 2_000_000, 9_000_000]))
    assert page.of(file) == command(file)


@pytest.mark.parametrize("what", LIES)
def test_a_clip_that_was_changed(what: str, clip: Path, page: PageVerdict) -> None:
    film = Film(clip)
    LIES[what][0](film)
    film.write()
    assert page.of(clip) == command(clip)


def test_a_clip_of_a_record_with_gaps(records: Path, tmp_path: Path, page: PageVerdict) -> None:
    lossy = next((records / "lossy").glob("*/record.json")).parent
    for number, (from_us, until_us) in enumerate([(500_000, 2_500_000), (6_000_000, 7_000_000)]):
        file = tmp_path / f"{number}.mp4"
        clip_mp4(lossy, file, from_us, until_us)
        assert page.of(file) == command(file)
        shutil.copy(file, tmp_path / "turned.mp4")
        flip(tmp_path / "turned.mp4", 8 * 9_000)
        assert page.of(tmp_path / "turned.mp4") == command(tmp_path / "turned.mp4")
