"""Promise: the page that verifies says of a record what `vivavoce verify --json` says, to the last letter."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.fakes.tampering import edit_seals, flip
from tests.record.pageverdict import PageVerdict
from tests.record.test_verify import BROKEN, GAPS, Kept, clean, kept, record
from vivavoce.errors import VivavoceError
from vivavoce.record.verify import verify

__all__ = ["clean", "kept"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageVerdict]:
    with PageVerdict(tmp_path_factory.mktemp("page")) as running:
        yield running


def command(path: Path) -> Any:
    try:
        return json.loads(json.dumps(verify(path).to_json()))
    except VivavoceError as error:
        return {"error": error.code}  # its message names a path, which a page does not know


def test_a_record_that_holds(kept: Kept, page: PageVerdict) -> None:
    said = page.of(kept.path)
    assert said == command(kept.path)
    assert said["holds"] is True


@pytest.mark.parametrize("what", BROKEN)
def test_one_that_was_changed(what: str, kept: Kept, page: PageVerdict) -> None:
    BROKEN[what][0](kept)
    said = page.of(kept.path)
    assert said == command(kept.path)
    assert said["holds"] is False


@pytest.mark.parametrize("what", GAPS)
def test_one_of_which_something_is_missing(what: str, kept: Kept, page: PageVerdict) -> None:
    GAPS[what][0](kept)
    assert page.of(kept.path) == command(kept.path)


def test_one_that_ends_without_an_end_seal(tmp_path: Path, page: PageVerdict) -> None:
    path = record(tmp_path, ends_sealed=False)
    said = page.of(path)
    assert said == command(path)
    assert said["verdict"] == "it holds, but for its last moment, which no seal covers"


def unsealed(path: Path) -> None:
    for file in path.glob("*/*/seals.log"):
        file.unlink()


def edit_facts(**said: object) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        facts = json.loads((path / "record.json").read_text())
        (path / "record.json").write_text(json.dumps({**facts, **said}))

    return edit


def odd_journal(path: Path) -> None:
    with (path / "journal.jsonl").open("a") as journal:
        journal.write('{"at_us": 1, "event": "rest", "seat": "north"}\nno line\n\n{"half')


def without_a_head(path: Path) -> None:
    """The beginnings of two tracks' files are damaged; of one the journal knows no configuration either."""
    lines = (path / "journal.jsonl").read_text().splitlines(keepends=True)
    kept = [line for line in lines if '"south"' not in line or '"track"' not in line]
    (path / "journal.jsonl").write_text("".join(kept))
    for file in path.glob("*/*/hd.1.mp4"):
        flip(file, 800)


def in_two_parts(path: Path) -> None:
    [file] = path.glob("north/*/hd.1.mp4")
    shutil.copy(file, file.with_name("hd.1.part2.mp4"))


def at_another_place(path: Path) -> None:
    [file] = path.glob("north/*/hd.1.mp4")
    file.rename(file.with_name("hd.2.mp4"))


def of_zeros(path: Path) -> None:
    [file] = path.glob("north/*/hd.1.mp4")
    file.write_bytes(file.read_bytes()[:-100] + bytes(100))


def of_seals_that_go_on(path: Path) -> None:
    [file] = path.glob("north/*/seals.log")
    file.write_bytes(file.read_bytes() + b"and more, of no form at all")


def every_second_seal(path: Path) -> None:
    for file in path.glob("*/*/seals.log"):
        edit_seals(file, lambda all: all[::2])


def emptied(path: Path) -> None:
    shutil.rmtree(path)
    path.mkdir()


ODD: dict[str, Callable[[Path], object]] = {
    "unsealed": unsealed,
    "no facts": lambda path: (path / "record.json").unlink(),
    "facts that are none": lambda path: (path / "record.json").write_text("[1]"),
    "facts of a later version": edit_facts(version=2),
    "no title": lambda path: (path / "record.json").write_text('{"version": 1, "discussion": "x"}'),
    "a seat more": edit_facts(seats={"north": {"name": "N", "language": "en"}}),
    "no journal": lambda path: (path / "journal.jsonl").unlink(),
    "a journal with odd lines": odd_journal,
    "beginnings that are damaged": without_a_head,
    "the same samples twice, in two parts": in_two_parts,
    "a file of another name": at_another_place,
    "a file that ends in zeros": of_zeros,
    "seals with something behind them": of_seals_that_go_on,
    "every second seal": every_second_seal,
    "nothing": emptied,
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_one(what: str, kept: Kept, page: PageVerdict) -> None:
    ODD[what](kept.path)
    assert page.of(kept.path) == command(kept.path)


@pytest.mark.parametrize("seed", range(12))
def test_one_with_any_bit_turned(seed: int, kept: Kept, page: PageVerdict) -> None:
    random = Random(seed)
    for _ in range(5):
        file = random.choice(sorted(kept.path.glob("*/*/*.*")))
        whole = file.read_bytes()
        flip(file, random.choice([random.randrange(8 * len(whole)), random.randrange(8_000)]))
        said = page.of(kept.path)
        assert said == command(kept.path), file
        assert said["holds"] is False
        file.write_bytes(whole)


@pytest.mark.parametrize("seed", range(6))
def test_one_with_a_file_cut_anywhere(seed: int, kept: Kept, page: PageVerdict) -> None:
    random = Random(seed)
    for _ in range(4):
        file = random.choice(sorted(kept.path.glob("*/*/*.*")))
        whole = file.read_bytes()
        file.write_bytes(whole[: random.randrange(len(whole))])
        assert page.of(kept.path) == command(kept.path), file
        file.write_bytes(whole)
