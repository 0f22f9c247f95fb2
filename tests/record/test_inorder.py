"""Promise: a record is judged the same however it is read, and a long one needs no more memory for it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import bench.verify
import pytest

from tests.fakes.tampering import edit_samples, edit_seals, flip, seals_of_file
from tests.record.test_page_verdict import ODD
from tests.record.test_verify import BROKEN, GAPS, Change, Kept, clean, kept, loses_a_packet, record, samples
from vivavoce.errors import VivavoceError
from vivavoce.record import leaves
from vivavoce.record.judging import JudgedRun, Judging
from vivavoce.record.seals import Kept as Entry
from vivavoce.record.verify import PART_SEALS, verify
from vivavoce.seal.inorder import SealsInOrder
from vivavoce.seal.leaves import Leaves
from vivavoce.seal.papers import parse_papers

__all__ = ["clean", "kept"]

PARTS = [1, 2, 7, PART_SEALS]
CHANGES: dict[str, Change] = {
    "nothing": lambda kept: None,
    **{f"changed: {what}": change for what, (change, *_) in BROKEN.items()},
    **{f"missing: {what}": change for what, (change, *_) in GAPS.items()},
    **{f"odd: {what}": lambda kept, edit=edit: edit(kept.path) for what, edit in ODD.items()},  # type: ignore[misc]
}


def said(path: Path, part: int) -> str:
    try:
        return json.dumps(verify(path, part=part).to_json())
    except VivavoceError as error:
        return f"{error.code}: {error.message}"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The seats whose run was judged with all of it at hand."""
    seats: list[str] = []
    whole = Judging.seals

    def seals(self: Judging, about: JudgedRun, found: Any) -> None:
        seats.append(about.seat)
        whole(self, about, found)

    monkeypatch.setattr(Judging, "seals", seals)
    return seats


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A track of some seconds is read in several windows, as one of an hour is."""
    monkeypatch.setattr(leaves, "_WINDOW", 8_192)


@pytest.mark.parametrize("what", CHANGES)
def test_both_ways_say_the_same(what: str, kept: Kept) -> None:
    CHANGES[what](kept)
    whole = said(kept.path, 0)
    assert [said(kept.path, part) for part in PARTS] == [whole] * len(PARTS)


def test_both_ways_say_the_same_without_an_end_seal(tmp_path: Path) -> None:
    path = record(tmp_path, ends_sealed=False)
    assert [said(path, part) for part in PARTS] == [said(path, 0)] * len(PARTS)


def later(all: list[Any], noise: Random) -> list[Any]:
    """One of them comes up to thirty places later."""
    at = noise.randrange(len(all))
    to = at + noise.randint(1, 30)
    return [*all[:at], *all[at + 1 : to + 1], all[at], *all[to + 1 :]]


def again(all: list[Any], noise: Random) -> list[Any]:
    to = noise.randrange(len(all))
    return [*all[:to], noise.choice(all), *all[to:]]


def without_some(all: list[Any], noise: Random) -> list[Any]:
    at = noise.randrange(len(all))
    return [*all[:at], *all[at + noise.randint(1, 4) :]]


def another(all: list[Any], noise: Random) -> list[Any]:
    at = noise.randrange(len(all))
    name = "raw" if isinstance(all[at], Entry) else "data"
    data = bytearray(getattr(all[at], name))
    data[noise.randrange(len(data))] ^= 1 << noise.randrange(8)
    return [*all[:at], replace(all[at], **{name: bytes(data)}), *all[at + 1 :]]


@pytest.mark.parametrize("seed", range(24))
def test_both_ways_say_the_same_whatever_was_done(seed: int, kept: Kept) -> None:
    noise = Random(seed)
    if noise.random() < 0.4:
        raw = loses_a_packet(kept)
        edit_seals(kept.seals, lambda all: later([replace(all[-1], index=12, raw=raw), *all], noise))
    for _ in range(noise.randint(1, 3)):
        file = noise.choice(sorted(kept.path.glob("*/*/*.*")))
        edit = noise.choice([later, again, without_some, another])
        match noise.choice(["edit", "edit", "edit", "cut", "flip"]):
            case "edit":
                change = edit_seals if file.suffix == ".log" else edit_samples
                change(file, partial(edit, noise=noise))
            case "cut":
                file.write_bytes(file.read_bytes()[: -noise.randrange(1, 600)])
            case "flip":
                flip(file, noise.randrange(8 * file.stat().st_size))
    whole = said(kept.path, 0)
    assert [said(kept.path, part) for part in PARTS] == [whole] * len(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_a_record_of_which_only_samples_are_missing_is_judged_while_it_is_read(
    part: int, kept: Kept, at_once: list[str]
) -> None:
    edit_samples(kept.floor, lambda all: [*all[:70], *all[75:]])
    edit_samples(kept.hd, lambda all: [one for one in all if one.group != 2])
    assert {one.code for one in verify(kept.path, part=part).findings} == {
        "sample.missing",
        "sample.unproven",
    }
    assert at_once == []


def test_seals_that_passed_one_another_are_in_order_still(kept: Kept, at_once: list[str]) -> None:
    edit_seals(kept.seals, lambda all: [*all[:9], all[11], all[9], all[10], all[12], all[10], *all[13:]])
    assert verify(kept.path, part=3).findings == []
    assert at_once == []


def test_papers_that_say_more_do_not_hinder(kept: Kept, at_once: list[str]) -> None:
    def edit(all: list[Entry]) -> list[Entry]:
        more = replace(parse_papers(all[0].raw), revocations=(b"of nobody",)).to_bytes()
        return [*all[:15], replace(all[0], raw=more), *all[15:]]

    edit_seals(kept.seals, edit)
    assert verify(kept.path, part=2).findings == []
    assert at_once == []


@pytest.mark.parametrize(("after", "part", "way"), [(12, 7, []), (12, 2, ["north"]), (0, PART_SEALS, [])])
def test_leaves_find_their_span_for_a_while(
    after: int, part: int, way: list[str], kept: Kept, at_once: list[str]
) -> None:
    raw = loses_a_packet(kept)
    edit_seals(kept.seals, lambda all: [*all[: 14 + after], replace(all[14], raw=raw), *all[14 + after :]])
    judged = verify(kept.path, part=part)
    assert judged.verdict == "what is there holds; something is missing"
    assert at_once == way


OUT_OF_ORDER: dict[str, Change] = {
    "a seal that came late": lambda kept: edit_seals(
        kept.seals, lambda all: [*all[:9], *all[10:14], all[9], *all[14:]]
    ),
    "a seal twice": lambda kept: edit_seals(kept.seals, lambda all: [*all, all[5]]),
    "no first seal": lambda kept: edit_seals(kept.seals, lambda all: [all[0], *all[2:]]),
    "papers of another run": lambda kept: edit_seals(
        kept.seals, lambda all: [*all, seals_of_file(kept.of("south", "seals.log"))[0]]
    ),
    "no papers": lambda kept: edit_seals(kept.seals, lambda all: all[1:]),
    "a sample long after its place": samples(lambda all: [*all[1:], all[0]], sound=True),
    "a sample twice": samples(lambda all: [*all, all[3]], sound=True),
    "a bit of a file": lambda kept: flip(kept.hd, 8 * 6_000),
    "a bit of the seals' file": lambda kept: flip(kept.seals, 8 * 1_500),
    "an empty group that nobody sealed": BROKEN["an empty group that nobody sealed"][0],
    "another form": BROKEN["turned"][0],
}


@pytest.mark.parametrize("what", OUT_OF_ORDER)
def test_a_run_that_is_not_in_order_is_judged_with_all_of_it_at_hand(
    what: str, kept: Kept, at_once: list[str]
) -> None:
    OUT_OF_ORDER[what](kept)
    found = said(kept.path, 1)
    assert len(at_once) == 1, "the other side is in order"
    assert found == said(kept.path, 0)


def long(folder: Path, minutes: float, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bench.verify, "PICTURE_BYTES", 200)
    return bench.verify.make(folder, minutes)


def most_held(path: Path, part: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """The most samples, and the most spans and seals, that were held at a time."""
    rows, seals = [0], [0]
    sort, go_on = Leaves.sort, SealsInOrder.go_on

    def sorts(self: Leaves) -> None:
        rows.append(len(self))
        sort(self)

    def goes_on(self: SealsInOrder, count: int) -> bool:
        before = self.waiting
        good = go_on(self, count)
        seals.append(before + len(self._spans) + sum(len(one.spans) for one in self.tracks.values()))
        return good

    with monkeypatch.context() as patched:
        patched.setattr(Leaves, "sort", sorts)
        patched.setattr(SealsInOrder, "go_on", goes_on)
        assert verify(path, part=part).holds
    return max(rows), max(seals)


def test_what_is_held_at_a_time_does_not_grow_with_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for minutes in (0.1, 0.3):
        path = long(tmp_path / str(minutes), minutes, monkeypatch)
        rows, seals = most_held(path, 5, monkeypatch)
        assert rows < 250
        assert seals < 40
    assert most_held(path, 0, monkeypatch)[0] == 900, "with all of it at hand every packet is"
